package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.StopReason;
import io.mimir.llm.TokenUsage;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;

/** Reads Ollama's chat, whole or line by line; a whole answer is one line. */
final class OllamaChatResponseReader extends ResponseReader {

  private boolean started;
  private boolean complete;
  private boolean calling;

  @Override
  void whole(ObjectNode body, ResponseSink sink) throws IOException {
    line(body, sink);
    if (!complete) {
      throw foreign();
    }
  }

  @Override
  void event(String name, String data, ResponseSink sink) throws IOException {
    line(object(data), sink);
  }

  private void line(ObjectNode line, ResponseSink sink) throws IOException {
    if (line.hasNonNull("error")) {
      throw new UpstreamErrorException(0);
    }
    JsonNode message = line.path("message");
    if (!message.isObject()) {
      throw foreign();
    }
    if (!started) {
      started = true;
      sink.start("", line.path("model").asText(""), created(line.path("created_at").asText("")));
    }
    piece(message, sink);
    if (line.path("done").asBoolean(false)) {
      complete = true;
      StopReason reason = StopReason.ofOpenAi(line.path("done_reason").asText(""));
      sink.stop(calling && reason == StopReason.END ? StopReason.TOOLS : reason, null);
      long input = Json.count(line.path("prompt_eval_count"));
      long output = Json.count(line.path("eval_count"));
      sink.usage(new TokenUsage(input, output, -1, -1, -1));
    }
  }

  private void piece(JsonNode message, ResponseSink sink) throws IOException {
    String thought = message.path("thinking").asText("");
    if (!thought.isEmpty()) {
      sink.thought(thought);
    }
    String text = message.path("content").asText("");
    if (!text.isEmpty()) {
      sink.text(text);
    }
    for (JsonNode call : message.path("tool_calls")) {
      JsonNode function = call.path("function");
      String name = function.path("name").asText("");
      if (name.isEmpty()) {
        throw foreign();
      }
      calling = true;
      sink.call(GeneratedIds.idUnless(call.path("id").asText(""), "call_"), name);
      JsonNode arguments = function.path("arguments");
      sink.arguments(arguments.isObject() ? arguments.toString() : "{}");
    }
  }

  private static long created(String time) {
    try {
      return Instant.parse(time).getEpochSecond();
    } catch (DateTimeException e) {
      // Then the time of the answer is that of its arrival.
      return -1;
    }
  }

  @Override
  boolean isComplete() {
    return complete;
  }

  @Override
  boolean isOver() {
    return complete;
  }
}
