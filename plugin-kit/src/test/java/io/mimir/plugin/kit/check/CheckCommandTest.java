package io.mimir.plugin.kit.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.plugin.kit.fixture.ElfBuilder;
import io.mimir.plugin.kit.fixture.OwnSigners;
import io.mimir.plugin.kit.inspect.Inspector;
import io.mimir.plugin.kit.inspect.Platform;
import io.mimir.plugin.kit.trust.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckCommandTest {

  private static final byte[] PLUGIN = new ElfBuilder().build();
  private static final OwnSigners ACME = new OwnSigners(1);

  @TempDir Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Path plugin;

  @BeforeEach
  void writePlugin() throws Exception {
    plugin = Files.write(folder.resolve("plugin.so"), PLUGIN);
  }

  private int check(Object... arguments) {
    out.reset();
    err.reset();
    return new CheckCommand(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            new Inspector(Platform.LINUX_X86_64, Inspector.MAX_BYTES))
        .run(List.of(arguments).stream().map(Object::toString).toList());
  }

  private String said() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String complained() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private Path file(String name, byte[] content) throws Exception {
    return Files.write(folder.resolve(name), content);
  }

  private Path file(String name, String content) throws Exception {
    return file(name, content.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void anUnsignedPluginAwaitsTrust() {
    assertThat(check(plugin)).isZero();
    assertThat(said())
        .contains(
            Sha256.of(PLUGIN), "acme-echo", "1.2.3", "echo", "UNSIGNED", "administrator trusts");
  }

  @Test
  void aSignedPluginIsTrustedByItsPublisher() throws Exception {
    Path key = file("minisign.pub", ACME.minisign().publicKey());
    Path signature = file("plugin.so.minisig", ACME.minisign().sign(PLUGIN));

    assertThat(check(plugin, signature, "--publisher", key)).isZero();
    assertThat(said()).contains("Accepted and trusted.", "MINISIGN key RW");
    assertThat(check(plugin, "--publisher", key)).isEqualTo(1);
    assertThat(check(plugin, signature)).isZero();
    assertThat(said()).contains("UNKNOWN_KEY");
  }

  @Test
  void aHashIsTrusted() throws Exception {
    Path list = file("trusted.sha256", Sha256.of(PLUGIN) + "  plugin.so\nnonsense\n");
    Path other = file("other.sha256", "0".repeat(64) + "  plugin.so\n");

    assertThat(check("--trusted", list, plugin)).isZero();
    assertThat(said()).contains("Accepted and trusted.");
    assertThat(complained()).contains("line 2");
    assertThat(check("--trusted", other, plugin)).isEqualTo(1);
    assertThat(said()).contains("HASH_MISMATCH");
  }

  @Test
  void aBrokenSignatureIsRefused() throws Exception {
    Path key = file("key.pub", ACME.raw().publicKey());
    byte[] signature = ACME.signRaw(PLUGIN);
    signature[5] ^= 1;

    assertThat(check(plugin, file("sig", signature), "--publisher", key)).isEqualTo(1);
    assertThat(said()).contains("SIGNATURE_INVALID", "Refused.");
    assertThat(check(plugin, file("sig", "nonsense"))).isEqualTo(1);
    assertThat(said()).contains("MALFORMED_SIGNATURE");
  }

  @Test
  void eachFailureHasItsReasonAndItsFix() throws Exception {
    Path bad = file("bad.so", new ElfBuilder().stack(7).without("mimir_plugin_call").build());

    assertThat(check(bad)).isEqualTo(1);
    assertThat(said())
        .contains("FAIL stack", "NOT_A_LIBRARY: ", "FAIL exports", "MISSING_EXPORT: ")
        .contains("mimir_plugin_call");
  }

  @Test
  void whatCannotBeReadEndsWith66() throws Exception {
    assertThat(check(folder.resolve("missing.so"))).isEqualTo(66);
    assertThat(complained()).contains("missing.so").contains("cannot be read");
    assertThat(check(folder)).isEqualTo(66);
    assertThat(check(plugin, folder.resolve("missing.sig"))).isEqualTo(66);
    assertThat(check(plugin, "--trusted", folder.resolve("missing"))).isEqualTo(66);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a b c", "--what a", "a --trusted", "--trusted a --trusted b c", "\0"})
  void wrongUseEndsWith64(String line) {
    assertThat(check((Object[]) line.split(" "))).isEqualTo(line.isEmpty() ? 66 : 64);
  }

  @Test
  void withoutArgumentsItSaysHowItIsUsed() {
    assertThat(check()).isEqualTo(64);
    assertThat(complained()).contains("Usage: ./mimir plugins check");
    assertThat(check("--help")).isZero();
    assertThat(said()).contains("Exit codes");
  }

  @Test
  void aKeyThatIsNoneIsRefused() throws Exception {
    assertThat(check(plugin, "--publisher", file("key", "nonsense"))).isEqualTo(1);
    assertThat(complained()).contains("Ed25519 key has 32 bytes");
  }

  @Test
  void namesOfFilesAreShownWithoutWhatHides() throws Exception {
    Path odd = file("odd\u001b[2J.so", PLUGIN);

    assertThat(check(odd)).isZero();
    assertThat(said()).doesNotContain("\u001b");
  }
}
