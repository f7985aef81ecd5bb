package io.mimir.plugin.host;

import static io.mimir.plugin.host.RunningHost.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mimir.plugin.kit.frame.Frame;
import io.mimir.plugin.kit.frame.FrameException;
import io.mimir.plugin.kit.frame.FrameType;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
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
