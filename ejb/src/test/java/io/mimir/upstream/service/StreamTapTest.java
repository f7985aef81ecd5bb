package io.mimir.upstream.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.llm.LlmException;
import io.mimir.llm.WireProtocol;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamTapTest {

  private static final String CHUNK =
      "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"He said \\\"error\\\"\"},\"finish_reason\":null}],\"usage\":null}\n\n";
  private static final String STOP =
      "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
  private static final String USAGE =
      "data: {\"id\":\"1\",\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":7,\"total_tokens\":18}}\n\n";
  private static final String DONE = "data: [DONE]\n\n";

  private final UsageTap counts = new UsageTap();

  private StreamTap pass(WireProtocol protocol, boolean takeUsageOut) {
    return new StreamTap(
        protocol,
        protocol != null && protocol.hasLines(),
        takeUsageOut,
        counts,
        text -> text.contains("sk-CANARY"));
  }

  private static String feed(StreamTap pass, String text, int size) throws LlmException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i += size) {
      ByteBuffer piece = ByteBuffer.wrap(bytes, i, Math.min(size, bytes.length - i));
      out.writeBytes(pass.feed(piece).array());
    }
    out.writeBytes(pass.rest().array());
    return out.toString(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 64, 10_000})
  void bytesPassAsTheyCameHoweverTheyAreCut(int size) throws LlmException {
    String stream = CHUNK + ": ping\n\n" + CHUNK + STOP + USAGE + DONE;
    StreamTap pass = pass(WireProtocol.OPENAI_CHAT, false);

    assertThat(feed(pass, stream, size)).isEqualTo(stream);
    assertThat(pass.isComplete()).isTrue();
    assertThat(pass.isBroken()).isFalse();
    assertThat(counts.input()).isEqualTo(11);
    assertThat(counts.output()).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 10_000})
  void theCountsThatNobodyAskedForAreTakenOut(int size) throws LlmException {
    StreamTap pass = pass(WireProtocol.OPENAI_CHAT, true);

    assertThat(feed(pass, CHUNK + STOP + USAGE + DONE, size)).isEqualTo(CHUNK + STOP + DONE);
    assertThat(counts.output()).isEqualTo(7);
  }

  @Test
  void eventsMayEndWithCarriageReturns() throws LlmException {
    String stream = (CHUNK + STOP + USAGE + DONE).replace("\n", "\r\n");
    StreamTap pass = pass(WireProtocol.OPENAI_CHAT, true);

    assertThat(feed(pass, stream, 5)).isEqualTo((CHUNK + STOP + DONE).replace("\n", "\r\n"));
    assertThat(pass.isComplete()).isTrue();
  }

  @Test
  void aStreamThatBreaksOffIsNotComplete() throws LlmException {
    StreamTap pass = pass(WireProtocol.OPENAI_CHAT, false);

    feed(pass, CHUNK + CHUNK, 10_000);

    assertThat(pass.isComplete()).isFalse();
  }

  @Test
  void anErrorAtTheBeginningIsAFailureOfTheKey() {
    StreamTap pass = pass(WireProtocol.OPENAI_CHAT, false);

    assertThatThrownBy(() -> feed(pass, "data: {\"error\":{\"message\":\"no\"}}\n\n", 10_000))
        .isInstanceOf(LlmException.class);
  }

  @Test
  void anErrorInTheMiddlePassesAndIsKnown() throws LlmException {
    String error = "data: {\"error\":{\"message\":\"overloaded\"}}\n\n";
    StreamTap pass = pass(WireProtocol.OPENAI_CHAT, false);

    assertThat(feed(pass, CHUNK + error, 10_000)).isEqualTo(CHUNK + error);
    assertThat(pass.isBroken()).isTrue();
  }

  @Test
  void anErrorThatRepeatsTheKeyDoesNotPass() {
    StreamTap pass = pass(WireProtocol.ANTHROPIC_MESSAGES, false);
    String start = "event: message_start\ndata: {\"type\":\"message_start\"}\n\n";
    String error =
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"message\":\"bad sk-CANARY\"}}\n\n";

    assertThatThrownBy(() -> feed(pass, start + error, 10_000)).isInstanceOf(LlmException.class);
  }

  @Test
  void anthropicsCountsComeInTwoEvents() throws LlmException {
    StreamTap pass = pass(WireProtocol.ANTHROPIC_MESSAGES, false);
    String stream =
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":20,\"cache_read_input_tokens\":100,\"output_tokens\":1}}}\n\n"
            + "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":42}}\n\n"
            + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

    assertThat(feed(pass, stream, 3)).isEqualTo(stream);
    assertThat(pass.isComplete()).isTrue();
    assertThat(counts.input()).isEqualTo(120);
    assertThat(counts.output()).isEqualTo(42);
  }

  @Test
  void ollamasLastLineTellsTheCounts() throws LlmException {
    StreamTap pass = pass(WireProtocol.OLLAMA_CHAT, false);
    String stream =
        "{\"message\":{\"content\":\"a\"},\"done\":false}\n"
            + "{\"done\":true,\"prompt_eval_count\":5,\"eval_count\":6}\n";

    assertThat(feed(pass, stream, 4)).isEqualTo(stream);
    assertThat(pass.isComplete()).isTrue();
    assertThat(counts.input()).isEqualTo(5);
    assertThat(counts.output()).isEqualTo(6);
  }

  @Test
  void theLastEventOfResponsesHoldsTheCountsHoweverLargeItIs() throws LlmException {
    StreamTap pass = pass(WireProtocol.OPENAI_RESPONSES, false);
    String stream =
        "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"output\":\""
            + "x".repeat(300_000)
            + "\",\"usage\":{\"input_tokens\":3,\"output_tokens\":4}}}\n\n";

    assertThat(feed(pass, stream, 8192)).isEqualTo(stream);
    assertThat(pass.isComplete()).isTrue();
    assertThat(counts.input()).isEqualTo(3);
    assertThat(counts.output()).isEqualTo(4);
  }

  @Test
  void anEventWithoutAnEndPassesWhileItComesAndIsNotKept() throws LlmException {
    StreamTap pass = pass(null, false);
    String stream = "data: " + "x".repeat(9_000_000) + "\n\n";

    assertThat(feed(pass, stream, 32_768)).isEqualTo(stream);
  }
}
