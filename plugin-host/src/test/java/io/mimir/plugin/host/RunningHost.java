package io.mimir.plugin.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.plugin.kit.frame.CallRequest;
import io.mimir.plugin.kit.frame.Frame;
import io.mimir.plugin.kit.frame.FrameType;
import io.mimir.plugin.kit.frame.LoadRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The server's side of a host, one frame at a time. */
final class RunningHost implements AutoCloseable {

  private final Process process;
  private final List<String> log = new ArrayList<>();
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final Thread printing;
  private final String hello;

  /** Waits for HELLO. */
  RunningHost(Process process) throws IOException {
    this.process = process;
    printing = new Thread(this::keepWhatItPrints, "stderr of a host");
    printing.setDaemon(true);
    printing.start();
    Frame frame = receive();
    assertThat(frame.type()).isEqualTo(FrameType.HELLO);
    hello = text(frame);
  }

  private void keepWhatItPrints() {
    try {
      process.getErrorStream().transferTo(printed);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String text(Frame frame) {
    return new String(frame.payload(), StandardCharsets.UTF_8);
  }

  String hello() {
    return hello;
  }

  Process process() {
    return process;
  }

  /** What the plugin logged before the frames that were received. */
  List<String> log() {
    return log;
  }

  /** What it printed, when it has ended. */
  String printed() throws InterruptedException {
    printing.join(TimeUnit.SECONDS.toMillis(10));
    return printed.toString(StandardCharsets.UTF_8);
  }

  /** The next frame but LOG. */
  Frame receive() throws IOException {
    while (true) {
      Frame frame = Frame.read(process.getInputStream());
      assertThat(frame).as(() -> "The host ended and printed: " + printed).isNotNull();
      if (frame.type() != FrameType.LOG) {
        return frame;
      }
      log.add(frame.payload()[0] + text(frame).substring(1));
    }
  }

  void send(FrameType type, long id, byte[] payload) throws IOException {
    new Frame(type, id, payload).write(process.getOutputStream());
  }

  Frame exchange(FrameType type, long id, byte[] payload) throws IOException {
    send(type, id, payload);
    return receive();
  }

  /** In pieces. */
  void sendFile(byte[] file) throws IOException {
    for (int at = 0; at < file.length; at += 4096) {
      send(FrameType.FILE, 1, Arrays.copyOfRange(file, at, Math.min(file.length, at + 4096)));
    }
  }

  void sendLoad(Path plugin, String config, int concurrency) throws Exception {
    byte[] file = Files.readAllBytes(plugin);
    byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(file);
    byte[] text = config.getBytes(StandardCharsets.UTF_8);
    sendFile(file);
    send(FrameType.LOAD, 1, new LoadRequest(sha256, text, concurrency).toPayload());
  }

  Frame load(Path plugin, String config, int concurrency) throws Exception {
    sendLoad(plugin, config, concurrency);
    return receive();
  }

  /** Loads a plugin that becomes ready. */
  RunningHost with(Path plugin) throws Exception {
    Frame frame = load(plugin, "{}", 1);
    assertThat(frame.type()).as(text(frame)).isEqualTo(FrameType.READY);
    return this;
  }

  void sendCall(long id, String action, String input) throws IOException {
    byte[] bytes = input.getBytes(StandardCharsets.UTF_8);
    send(FrameType.CALL, id, new CallRequest(action, bytes).toPayload());
  }

  Frame call(long id, String action, String input) throws IOException {
    sendCall(id, action, input);
    return receive();
  }

  /** Whether it ends by itself. */
  boolean ends() throws InterruptedException {
    return process.waitFor(20, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
