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

class SseReaderTest {

  private static final String STREAM =
      "\uFEFF: comment\n\nevent: first\ndata: grüß 🔑\ndata:two\n\nid: 7\nretry: 5\n\ndata: [DONE]\n\ndata: unfinished";

  private static final List<SseReader.Event> EVENTS =
      List.of(new SseReader.Event("first", "grüß 🔑\ntwo"), new SseReader.Event(null, "[DONE]"));

  private static List<SseReader.Event> read(String text, int pieceSize) throws LlmException {
    SseReader reader = new SseReader(1000);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    List<SseReader.Event> events = new ArrayList<>();
    for (int i = 0; i < bytes.length; i += pieceSize) {
      events.addAll(reader.feed(ByteBuffer.wrap(bytes, i, Math.min(pieceSize, bytes.length - i))));
    }
    return events;
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void piecesMayEndAnywhere(String end) throws LlmException {
    String stream = STREAM.replace("\n", end);
    for (int size = 1; size <= stream.length() * 2; size++) {
      assertThat(read(stream, size)).as("pieces of %d", size).isEqualTo(EVENTS);
    }
  }

  @Test
  void anEventWithoutDataIsNone() throws LlmException {
    assertThat(read("event: x\n\n\n\n", 100)).isEmpty();
  }

  @Test
  void tooLongAnEventIsRefusedWhileItComes() {
    assertThatThrownBy(() -> read("data: " + "x".repeat(1000) + "\n\n", 10))
        .isInstanceOf(LlmException.class);
    assertThatThrownBy(() -> read(("data: " + "x".repeat(100) + "\n").repeat(11) + "\n", 10))
        .isInstanceOf(LlmException.class);
  }
}
