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

class StreamReadersTest {

  private static final String STREAM =
      "\uFEFF: a comment\n\nevent: one\ndata: {\"a\":\"grüß 🔑\"}\nid: 7\nretry: 10\n\n"
          + "data:no space\ndata:  two spaces\ndata\n\n:ping\n\nevent: lonely\n\n"
          + "data: [DONE]\n\ndata: never completed";

  private static final List<SseReader.Event> EVENTS =
      List.of(
          new SseReader.Event("one", "{\"a\":\"grüß 🔑\"}"),
          new SseReader.Event(null, "no space\n two spaces\n"),
          new SseReader.Event(null, "[DONE]"));

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void eventsAreTheSameWhereverThePiecesEnd(String end) throws LlmException {
    byte[] all = STREAM.replace("\n", end).getBytes(StandardCharsets.UTF_8);
    for (int cut = 0; cut <= all.length; cut++) {
      SseReader reader = new SseReader(1000);
      List<SseReader.Event> events = new ArrayList<>();
      events.addAll(reader.feed(ByteBuffer.wrap(all, 0, cut)));
      events.addAll(reader.feed(ByteBuffer.wrap(all, cut, all.length - cut)));

      assertThat(events).as("cut at %d", cut).isEqualTo(EVENTS);
    }
  }

  @Test
  void eventsAreTheSameByteByByte() throws LlmException {
    SseReader reader = new SseReader(1000);
    List<SseReader.Event> events = new ArrayList<>();
    for (byte b : STREAM.getBytes(StandardCharsets.UTF_8)) {
      events.addAll(reader.feed(ByteBuffer.wrap(new byte[] {b})));
    }

    assertThat(events).isEqualTo(EVENTS);
  }

  @Test
  void anEventThatIsTooLongEndsTheStream() {
    assertThatThrownBy(() -> new SseReader(20).feed(bytes("data: " + "x".repeat(15))))
        .isInstanceOfSatisfying(
            LlmException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_LLM_API));
    assertThatThrownBy(() -> new SseReader(20).feed(bytes("data: 0123456789\n".repeat(3))))
        .isInstanceOf(LlmException.class);
  }

  @Test
  void emptyDataLinesDoNotGrowAnEventForEver() {
    assertThatThrownBy(() -> new SseReader(20).feed(bytes("data:\n".repeat(30))))
        .isInstanceOf(LlmException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void linesAreTheSameWhereverThePiecesEnd(String end) throws LlmException {
    byte[] all = ("eins" + end + end + "zwei ü" + end + "drei").getBytes(StandardCharsets.UTF_8);
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
