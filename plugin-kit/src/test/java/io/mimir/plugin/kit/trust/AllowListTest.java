package io.mimir.plugin.kit.trust;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.plugin.kit.fixture.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AllowListTest {

  private static final String A = "a".repeat(64);
  private static final String B = "b".repeat(64);

  @Test
  void readsTheFormsOfSha256sum() {
    AllowList list =
        AllowList.parse(
            "# ours\n\n%s  one.so\r\n%s *two.so\nSHA256 (three.so) = %s\n\\%s  fo\\\\ur\\n.so\n%s\n"
                .formatted(A, B, "c".repeat(64), "d".repeat(64), "e".repeat(64)));

    for (char c = 'a'; c <= 'e'; c++) {
      assertThat(list.allows(Character.toString(c).repeat(64))).isTrue();
    }
    assertThat(list.unreadableLines()).isEmpty();
    assertThat(list.contradicts("one.so", B)).isTrue();
    assertThat(list.contradicts("one.so", A)).isFalse();
    assertThat(list.contradicts("other.so", B)).isFalse();
    assertThat(list.contradicts("fo\\ur\n.so", A)).isTrue();
    assertThat(list.contradicts(null, B)).isFalse();
  }

  @Test
  void aLineThatIsNoneAllowsNothing() {
    AllowList list = AllowList.parse("x" + A + "  a.so\n" + A + "0  a.so\n" + A + " a.so\nnone\n");

    assertThat(list.allows(A)).isFalse();
    assertThat(list.unreadableLines()).containsExactly(1, 2, 3, 4);
  }

  @Test
  void capitalsMeanTheSame() {
    assertThat(AllowList.parse(A.toUpperCase(java.util.Locale.ROOT) + "  a.so").allows(A)).isTrue();
    assertThat(AllowList.EMPTY.with(List.of(B)).allows(B)).isTrue();
    assertThat(AllowList.EMPTY.allows(B)).isFalse();
  }

  @Test
  void agreesWithSha256sumOfThisMachine(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("odd\\name.so"), "content");
    String lines = Tools.run(folder, List.of(Tools.find("sha256sum").toString(), file.toString()));

    AllowList list = AllowList.parse(lines);
    assertThat(list.allows(Sha256.of(Files.readAllBytes(file)))).isTrue();
    assertThat(list.contradicts("odd\\name.so", A)).isTrue();
  }
}
