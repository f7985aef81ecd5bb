package io.mimir.plugin.kit.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTest {

  private static byte[] written(Frame frame) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    frame.write(out);
    return out.toByteArray();
  }

  private static Frame read(byte[] bytes) throws IOException {
    return Frame.read(new ByteArrayInputStream(bytes));
  }

  @Test
  void hasTheFormThatTheDesignGivesIt() throws IOException {
    byte[] bytes = written(new Frame(FrameType.CALL, 0x0102030405060708L, new byte[] {9, 8}));

    assertThat(HexFormat.of().formatHex(bytes)).isEqualTo("0000000b0201020304050607080908");
  }

  @ParameterizedTest
  @EnumSource(FrameType.class)
  void comesBackAsItWas(FrameType type) throws IOException {
    Frame back = read(written(new Frame(type, -1, new byte[] {1, 2, 3})));

    assertThat(back.type()).isEqualTo(type);
    assertThat(back.id()).isEqualTo(-1);
    assertThat(back.payload()).containsExactly(1, 2, 3);
  }

  @Test
  void endsProperlyBetweenTwoFramesOnly() throws IOException {
    byte[] bytes = written(new Frame(FrameType.PING, 7, new byte[100]));

    assertThat(read(new byte[0])).isNull();
    for (int length = 1; length < bytes.length; length++) {
      byte[] part = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> read(part)).isInstanceOf(EOFException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"00000000", "00000008", "01000a00", "7fffffff", "80000000", "ffffffff"})
  void refusesALengthThatNoFrameHas(String length) {
    byte[] bytes = HexFormat.of().parseHex(length + "020000000000000001");

    assertThatThrownBy(() -> read(bytes)).isInstanceOf(FrameException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 8, 64, 71, 255})
  void refusesATypeThatThereIsNot(int type) {
    byte[] bytes = HexFormat.of().parseHex("00000009%02x0000000000000001".formatted(type));

    assertThatThrownBy(() -> read(bytes)).isInstanceOf(FrameException.class);
  }

  @Test
  void requestsComeBackAsTheyWere() throws IOException {
    LoadRequest load = LoadRequest.of(new LoadRequest(new byte[32], new byte[3], 4).toPayload());
    CallRequest call = CallRequest.of(new CallRequest("echo", new byte[] {5}).toPayload());
    Failure failure = Failure.of(new Failure(Failure.CANCELLED, new byte[] {6}).toPayload());

    assertThat(load.sha256()).hasSize(32);
    assertThat(load.config()).hasSize(3);
    assertThat(load.concurrency()).isEqualTo(4);
    assertThat(call.action()).isEqualTo("echo");
    assertThat(call.input()).containsExactly(5);
    assertThat(failure.code()).isEqualTo(4);
    assertThat(failure.detail()).containsExactly(6);
  }

  @Test
  void aMutilatedPayloadIsRefusedAndNothingElse() {
    byte[] whole = new LoadRequest(new byte[32], new byte[10], 1).toPayload();
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      byte[] mutant = Arrays.copyOf(whole, random.nextInt(whole.length + 4));
      for (int j = 0; j < 3 && mutant.length > 0; j++) {
        mutant[random.nextInt(mutant.length)] = (byte) random.nextInt();
      }
      try {
        LoadRequest.of(mutant);
      } catch (FrameException e) {
        assertThat(e).hasMessageNotContaining("null");
      }
    }
  }

  /** Before a byte of it is read, so that nothing is kept for it. */
  @Test
  void noTypeCarriesMoreThanItMay() throws IOException {
    byte[] line = written(new Frame(FrameType.LOG, 0, new byte[FrameType.LOG.maxPayload()]));
    assertThat(read(line).payload()).hasSize(8 * 1024);
    byte[] head = Arrays.copyOf(line, 13);
    ByteBuffer.wrap(head).putInt(9 + 8 * 1024 + 1);

    assertThatThrownBy(() -> read(head))
        .isInstanceOf(FrameException.class)
        .hasMessageContaining("LOG cannot carry 8193 bytes");
    assertThatThrownBy(() -> new Frame(FrameType.HELLO, 0, new byte[64 * 1024 + 1]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(FrameType.RESULT.maxPayload()).isEqualTo(Frame.MAX_PAYLOAD);
  }
}
