package io.mimir.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineReaderTest {

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void linesAreTheSameWhereverThePiecesEnd(String end) throws LlmException {
    byte[] all =
        ("\uFEFFeins" + end + end + "zwei ü" + end + "drei").getBytes(StandardCharsets.UTF_8);
    for (int cut = 0; cut <= all.length; cut++) {
      LineReader reader = new LineReader(20);
      List<String> lines = new ArrayList<>();
      lines.addAll(reader.feed(ByteBuffer.wrap(all, 0, cut)));
      lines.addAll(reader.feed(ByteBuffer.wrap(all, cut, all.length - cut)));

      assertThat(lines).as("cut at %d", cut).containsExactly("eins", "", "zwei ü");
      assertThat(reader.rest()).isEqualTo("drei");
    }
  }

  @Test
  void aLineHasAsManyBytesAsItMayAndNoneMore() throws LlmException {
    assertThat(new LineReader(4).feed(bytes("1234\n"))).containsExactly("1234");
    assertThatThrownBy(() -> new LineReader(4).feed(bytes("12345")))
        .isInstanceOf(LlmException.class);
  }
}
