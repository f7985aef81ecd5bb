package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.StopReason;
import io.mimir.llm.TokenUsage;
import java.io.IOException;

/**
 * Reads Ollama's chat, whole or line by line; a whole answer is one line. Only calls from within
 * this server are answered in it, and those offer no tools.
 */
final class OllamaChatResponseReader extends ResponseReader {

  private boolean started;
  private boolean complete;

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
      sink.start("", line.path("model").asText(""), -1);
    }
    piece(message, sink);
    if (line.path("done").asBoolean(false)) {
      complete = true;
      sink.stop(StopReason.ofOpenAi(line.path("done_reason").asText("")), null);
      long input = Json.count(line.path("prompt_eval_count"));
      long output = Json.count(line.path("eval_count"));
      sink.usage(new TokenUsage(input, output, -1, -1, -1));
    }
  }

  private static void piece(JsonNode message, ResponseSink sink) throws IOException {
    String thought = message.path("thinking").asText("");
    if (!thought.isEmpty()) {
      sink.thought(thought);
    }
    String text = message.path("content").asText("");
    if (!text.isEmpty()) {
      sink.text(text);
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
