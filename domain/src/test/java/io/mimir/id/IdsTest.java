package io.mimir.id;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IdsTest {

  @Test
  void textsHaveTheLengthThatIsAskedForAndNoOtherCharacters() {
    for (int length : new int[] {0, 1, 7, 22, 43, 1000}) {
      assertThat(Ids.base62(length)).hasSize(length).matches("[0-9A-Za-z]*");
    }
    assertThat(Ids.random("key_")).matches("key_[0-9A-Za-z]{22}");
  }

  @Test
  void everyCharacterIsAsLikelyAsAnyOther() {
    int[] count = new int['z' + 1];
    Ids.base62(620_000).chars().forEach(c -> count[c]++);

    // 10,000 each; the standard deviation is 99, and ten of them are never seen.
    for (char c : "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".toCharArray()) {
      assertThat(count[c]).as("of %s", c).isBetween(9_000, 11_000);
    }
  }

  @Test
  void noTwoAreTheSame() {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      seen.add(Ids.random("req_"));
    }
    assertThat(seen).hasSize(10_000);
  }
}
