package io.mimir.plugin.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mimir.plugin.kit.frame.CallRequest;
import io.mimir.plugin.kit.frame.Failure;
import io.mimir.plugin.kit.frame.Frame;
import io.mimir.plugin.kit.frame.FrameType;
import io.mimir.plugin.kit.frame.LoadRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The host as the server starts it, with plugins that gcc makes of C. */
class HostTest {

  @TempDir static Path shared;

  private static Path tools;

  @TempDir Path work;

  private Process host;

  @BeforeAll
  static void build() throws Exception {
    assumeTrue(Machine.own().isPresent(), "There is a jail on Linux only");
    assumeTrue(Hosts.hasGcc(), "gcc is not installed");
    Hosts.unpack(shared.resolve("host"));
    tools =
        Hosts.compile(
            Path.of("..", "examples", "c", "text_tools.c"), shared.resolve("text_tools.so"));
  }

  @BeforeEach
  void start() throws IOException {
    host = Hosts.command(shared.resolve("host"), shared, work, 64).start();
  }

  @AfterEach
  void stop() {
    if (host != null) {
      host.destroyForcibly();
    }
  }

  private Frame receive() throws IOException {
    Frame frame = Frame.read(host.getInputStream());
    assertThat(frame).as(() -> "the host ended: " + stderr()).isNotNull();
    return frame.type() == FrameType.LOG ? receive() : frame;
  }

  private String stderr() {
    try {
      return new String(host.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private Frame exchange(FrameType type, long id, byte[] payload) throws IOException {
    new Frame(type, id, payload).write(host.getOutputStream());
    return receive();
  }

  private static byte[] sha256(Path file) throws Exception {
    return MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
  }

  private Frame load(Path plugin) throws Exception {
    byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
    return exchange(
        FrameType.LOAD,
        1,
        new LoadRequest(plugin.toString(), sha256(plugin), config, 2).toPayload());
  }

  private Frame call(long id, String action, String input) throws IOException {
    return exchange(
        FrameType.CALL,
        id,
        new CallRequest(action, input.getBytes(StandardCharsets.UTF_8)).toPayload());
  }

  @Test
  void saysWhatItsJailIsAndAnswersCalls() throws Exception {
    Frame hello = receive();
    assertThat(hello.type()).isEqualTo(FrameType.HELLO);
    assertThat(new String(hello.payload(), StandardCharsets.UTF_8))
        .contains("\"no_new_privs\":true", "\"landlock\":true", "\"rlimits\":true")
        .contains("\"seccomp\":true", "\"missing\":[]");

    Frame ready = load(tools);
    assertThat(ready.type())
        .as(new String(ready.payload(), StandardCharsets.UTF_8))
        .isEqualTo(FrameType.READY);
    assertThat(new String(ready.payload(), StandardCharsets.UTF_8)).contains("text_tools");
    assertThat(new String(call(2, "upper", "well").payload(), StandardCharsets.UTF_8))
        .isEqualTo("WELL");
    assertThat(new String(call(3, "count", "one two  three").payload(), StandardCharsets.UTF_8))
        .isEqualTo("{\"words\":3}");
    assertThat(Failure.of(call(4, "nothing", "").payload()).code())
        .isEqualTo(Failure.UNKNOWN_ACTION);
    String large = "x".repeat(3_000_000);
    assertThat(call(5, "echo", large).payload()).hasSize(3_000_000);
    assertThat(exchange(FrameType.PING, 6, new byte[] {1}).type()).isEqualTo(FrameType.PONG);
  }

  @Test
  void runsNoFileButTheTrustedOne() throws Exception {
    receive();
    Frame answer =
        exchange(
            FrameType.LOAD,
            1,
            new LoadRequest(tools.toString(), new byte[32], new byte[0], 1).toPayload());

    assertThat(Failure.of(answer.payload()).code()).isEqualTo(Failure.HASH_MISMATCH);
  }

  @Test
  void endsWhenTheServerDoes() throws Exception {
    receive();
    host.getOutputStream().close();

    assertThat(host.waitFor(10, TimeUnit.SECONDS)).isTrue();
  }
}
