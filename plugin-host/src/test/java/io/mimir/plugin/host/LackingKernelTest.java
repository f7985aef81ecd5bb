package io.mimir.plugin.host;

import static io.mimir.plugin.host.RunningHost.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mimir.plugin.kit.host.HostCommand;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a part of the jail cannot be had, and where the host's own files cannot be run. */
@Timeout(60)
class LackingKernelTest {

  @TempDir static Path shared;

  private static Path without;

  @TempDir Path work;

  @BeforeAll
  static void build() throws Exception {
    assumeTrue(Machine.own().isPresent(), "There is a jail on Linux only");
    assumeTrue(Hosts.hasGcc(), "gcc is not installed");
    Hosts.unpack(shared.resolve("host"));
    without = shared.resolve("without");
    Path source = Path.of("src", "test", "c", "without.c");
    Hosts.run(new ProcessBuilder("gcc", source.toString(), "-o", without.toString()));
  }

  private Process start(boolean required, String... before) throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Path host = shared.resolve("host");
    List<String> command = new ArrayList<>(List.of(before));
    command.addAll(new HostCommand(java, host, work, 64, false, required).arguments());
    return new ProcessBuilder(command).directory(work.toFile()).start();
  }

  private static String ended(Process host) throws Exception {
    assertThat(host.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(host.exitValue()).isEqualTo(HostCommand.EXIT_NOT_JAILED);
    return new String(host.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource({
    "landlock, landlock: the kernel has none",
    "seccomp, seccomp: ",
  })
  void runsWhereTheRestIsPreferredAndSaysWhatIsMissing(String part, String missing)
      throws Exception {
    Path subject =
        Hosts.compile(Path.of("src", "test", "c", "subject.c"), shared.resolve(part + ".so"));
    try (RunningHost host = new RunningHost(start(false, without.toString(), part))) {
      assertThat(host.hello()).contains("\"missing\":[\"" + missing).contains("\"" + part + "\":f");
      assertThat(text(host.with(subject).call(2, "echo", "well"))).isEqualTo("well");
    }
  }

  @ParameterizedTest
  @CsvSource({"landlock", "seccomp"})
  void endsWhereTheWholeJailIsRequired(String part) throws Exception {
    assertThat(ended(start(true, without.toString(), part)))
        .contains("The host cannot be jailed: " + part);
  }

  @Test
  void saysWhenItsFolderIsMountedSoThatNothingRunsFromIt() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "Only root mounts");
    assumeTrue(Hosts.has("unshare"), "unshare is not installed");
    String host = shared.resolve("host").toString();
    String mount = "mount --bind '%s' '%s' && mount -o remount,bind,noexec '%s'";
    Process tried =
        new ProcessBuilder(
                "unshare", "-m", "sh", "-c", mount.formatted(host, host, host) + " && exit 9")
            .start();
    assumeTrue(tried.waitFor() == 9, "This root may not mount");

    String script = mount.formatted(host, host, host) + " && exec \"$@\"";
    Process noexec = start(true, "unshare", "-m", "sh", "-c", script, "sh");

    assertThat(ended(noexec)).contains("native library").contains("not mounted noexec");
  }
}
