package io.mimir.plugin.kit;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.mimir.plugin.kit.frame.CallRequest;
import io.mimir.plugin.kit.frame.Failure;
import io.mimir.plugin.kit.frame.Frame;
import io.mimir.plugin.kit.frame.FrameException;
import io.mimir.plugin.kit.frame.FrameType;
import io.mimir.plugin.kit.frame.LoadRequest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Targets of Jazzer. The tests give them good inputs only. With {@code JAZZER_FUZZ=1} in the
 * environment, {@code mvn test-compile surefire:test@fuzz-targets -pl plugin-kit
 * -Dtest=FuzzTargetsTest#elf} makes up more of them for five minutes.
 */
class FuzzTargetsTest {

  private static Map<String, Mutants.Kind> kinds;

  private static Mutants.Kind kind(String name) {
    try {
      if (kinds == null) {
        kinds = Mutants.targets(List.of());
      }
      return kinds.get(name);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static Stream<byte[]> seeds(String name) {
    // Where the tool is missing, so is its kind.
    Mutants.Kind kind = kind(name);
    return kind == null ? Stream.of(new byte[0]) : kind.good().stream();
  }

  private static void judge(String name, byte[] input) throws Exception {
    Mutants.Kind kind = kind(name);
    if (kind != null && input != null) {
      kind.target().judge(input);
    }
  }

  static Stream<byte[]> elf() {
    return seeds("elf");
  }

  @MethodSource
  @FuzzTest
  void elf(byte[] input) throws Exception {
    judge("elf", input);
  }

  static Stream<byte[]> pe() {
    return seeds("pe");
  }

  @MethodSource
  @FuzzTest
  void pe(byte[] input) throws Exception {
    judge("pe", input);
  }

  static Stream<byte[]> manifest() {
    return seeds("manifest");
  }

  @MethodSource
  @FuzzTest
  void manifest(byte[] input) throws Exception {
    judge("manifest", input);
  }

  static Stream<byte[]> gpgSignature() {
    return Stream.concat(seeds("gpg"), seeds("gpg-text"));
  }

  @MethodSource
  @FuzzTest
  void gpgSignature(byte[] input) throws Exception {
    judge("gpg", input);
  }

  static Stream<byte[]> gpgKey() {
    return Stream.concat(seeds("gpg-packets"), seeds("gpg-rsa-packets"));
  }

  @MethodSource
  @FuzzTest
  void gpgKey(byte[] input) throws Exception {
    judge("gpg-packets", input);
  }

  static Stream<byte[]> minisignSignature() {
    return Stream.concat(seeds("minisign"), seeds("minisign-1"));
  }

  @MethodSource
  @FuzzTest
  void minisignSignature(byte[] input) throws Exception {
    judge("minisign", input);
  }

  static Stream<byte[]> sshSignature() {
    return Stream.of("ssh", "ssh-rsa", "ssh-ecdsa").flatMap(FuzzTargetsTest::seeds);
  }

  @MethodSource
  @FuzzTest
  void sshSignature(byte[] input) throws Exception {
    judge("ssh", input);
  }

  static Stream<byte[]> rawSignature() {
    return seeds("raw");
  }

  @MethodSource
  @FuzzTest
  void rawSignature(byte[] input) throws Exception {
    judge("raw", input);
  }

  static Stream<byte[]> key() {
    return Stream.of("raw-key", "minisign-key", "ssh-key", "ssh-ecdsa-key", "gpg-key")
        .flatMap(FuzzTargetsTest::seeds);
  }

  @MethodSource
  @FuzzTest
  void key(byte[] input) throws Exception {
    judge("raw-key", input);
  }

  static Stream<byte[]> frame() throws IOException {
    ByteArrayOutputStream load = new ByteArrayOutputStream();
    new Frame(FrameType.LOAD, 1, new LoadRequest(new byte[32], new byte[2], 1).toPayload())
        .write(load);
    ByteArrayOutputStream call = new ByteArrayOutputStream();
    new Frame(FrameType.CALL, 2, new CallRequest("echo", new byte[9]).toPayload()).write(call);
    return Stream.of(load.toByteArray(), call.toByteArray());
  }

  @MethodSource
  @FuzzTest
  void frame(byte[] input) throws IOException {
    if (input == null) {
      return;
    }
    try {
      ByteArrayInputStream in = new ByteArrayInputStream(input);
      for (Frame frame = Frame.read(in); frame != null; frame = Frame.read(in)) {
        assertThat(frame.payload().length).isLessThanOrEqualTo(input.length);
        readPayloads(frame.payload());
      }
    } catch (FrameException | EOFException e) {
      // The two answers that there are.
    }
  }

  private static void readPayloads(byte[] payload) {
    for (Reader reader : List.<Reader>of(LoadRequest::of, CallRequest::of, Failure::of)) {
      try {
        reader.read(payload);
      } catch (FrameException e) {
        // Not this kind of payload.
      }
    }
  }

  private interface Reader {
    Object read(byte[] payload) throws FrameException;
  }
}
