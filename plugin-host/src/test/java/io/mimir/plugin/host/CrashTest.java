package io.mimir.plugin.host;

import static io.mimir.plugin.host.RunningHost.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mimir.plugin.kit.frame.Frame;
import io.mimir.plugin.kit.frame.FrameException;
import io.mimir.plugin.kit.frame.FrameType;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Plugins that end their process, or should not be able to keep it from ending. */
@Timeout(60)
class CrashTest {

  @TempDir static Path shared;

  private static Path subject;

  @TempDir Path work;

  private RunningHost host;

  @BeforeAll
  static void build() throws Exception {
    assumeTrue(Machine.own().isPresent(), "There is a jail on Linux only");
    assumeTrue(Hosts.hasGcc(), "gcc is not installed");
    Hosts.unpack(shared.resolve("host"));
    subject = subject("subject");
  }

  private static Path subject(String name, String... options) throws Exception {
    Path library = shared.resolve(name + ".so");
    return Hosts.compile(Path.of("src", "test", "c", "subject.c"), library, options);
  }

  @BeforeEach
  void start() throws IOException {
    host = new RunningHost(Hosts.command(shared.resolve("host"), work, 64).start());
  }

  @AfterEach
  void stop() {
    if (host != null) {
      host.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"segfault", "abort", "exit", "stack overflow", "illegal instruction"})
  void endsTheProcessAndNothingElse(String crash) throws Exception {
    host.with(subject).sendCall(2, crash, "");

    assertThat(Frame.read(host.process().getInputStream())).isNull();
    assertThat(host.ends()).isTrue();
    if (!crash.equals("abort") && !crash.equals("exit")) {
      assertThat(host.process().exitValue()).as("of a JVM that a signal ends").isIn(1, 128 + 11);
    }
    assertThat(work).as("no dump and no report").isEmptyDirectory();
  }

  @Test
  void endsTheProcessWhileItIsLoaded() throws Exception {
    host.sendLoad(subject("crashing", "-DCRASHING_CONSTRUCTOR"), "{}", 1);

    assertThat(Frame.read(host.process().getInputStream())).isNull();
    assertThat(host.ends()).isTrue();
  }

  @Test
  void loopsNoLongerThanTheServerIsThere() throws Exception {
    host.with(subject).sendCall(2, "loop", "");
    Thread.sleep(200);
    host.process().getOutputStream().close();

    assertThat(host.ends()).isTrue();
  }

  @Test
  void loopsInAConstructorNoLongerThanTheServerIsThere() throws Exception {
    host.sendLoad(subject("looping", "-DLOOPING_CONSTRUCTOR"), "{}", 1);
    assertThat(host.exchange(FrameType.PING, 3, new byte[0]).type()).isEqualTo(FrameType.PONG);
    host.process().getOutputStream().close();

    assertThat(host.ends()).isTrue();
  }

  @Test
  void loopsAtTheEndNoLongerThanTheServerIsThere() throws Exception {
    assertThat(text(host.with(subject).call(2, "loop at the end", ""))).isEqualTo("later");
    host.process().getOutputStream().close();

    assertThat(host.ends()).isTrue();
  }

  @Test
  void isKilledFromOutsideWhileItLoops() throws Exception {
    host.with(subject).sendCall(2, "loop", "");
    host.process().destroyForcibly();

    assertThat(host.ends()).isTrue();
  }

  @Test
  void getsNoMoreMemoryThanItsLimit() throws Exception {
    host.with(subject).sendCall(2, "hunger", "");

    Frame frame = Frame.read(host.process().getInputStream());

    // Either the plugin ran out of memory first, or the host did and ended.
    if (frame != null) {
      assertThat(Integer.parseInt(text(frame))).isBetween(64, 64 + 320);
    }
  }

  @Test
  void getsNoChildFromAForkBomb() throws Exception {
    assertThat(text(host.with(subject).call(2, "fork bomb", ""))).isEqualTo("0");
    assertThat(host.process().descendants()).isEmpty();
  }

  /** The server counts a plugin's threads now and then; this is the bound for what is between. */
  @Test
  void getsNoMoreThreadsFromABombThanTheMachineCanDoWithout() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "Only root becomes somebody else");
    assumeTrue(Hosts.has("setpriv"), "setpriv is not installed");
    host.close();
    open(shared);
    open(work);
    List<String> nobody = List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
    List<String> command = new ArrayList<>(nobody);
    command.addAll(Hosts.command(shared.resolve("host"), work, 64).arguments());
    host = new RunningHost(new ProcessBuilder(command).directory(work.toFile()).start());
    long all = Long.parseLong(Files.readString(Path.of("/proc/loadavg")).split("[ /]")[4]);

    int threads = Integer.parseInt(text(host.with(subject).call(2, "thread bomb", "")));

    // The host looked a little earlier; without the bound there would be 20,000.
    assertThat(threads).isBetween(500, (int) all + 2_048 + 1_000);
  }

  private static void open(Path folder) throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xrwx"));
  }

  @Test
  void breaksTheFramesOnlyInAWayThatTheServerSees() throws Exception {
    host.with(subject).sendCall(2, "break the frames", "");

    assertThat(endOfReading()).isInstanceOfAny(FrameException.class, EOFException.class);
  }

  private IOException endOfReading() {
    try {
      Frame.read(host.process().getInputStream());
      return null;
    } catch (IOException e) {
      return e;
    }
  }
}
