package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.StopReason;
import io.mimir.llm.TokenUsage;
import java.io.IOException;

/**
 * Reads Anthropic's messages and the events of their streams. A thought is sealed with its whole
 * block, since Anthropic wants it back unchanged.
 */
final class AnthropicResponseReader extends ResponseReader {

  private final StringBuilder signature = new StringBuilder();
  private final StringBuilder thought = new StringBuilder();
  private boolean thinking;

  /** The arguments that a call began with, where its server does not send them in pieces. */
  private String whole = "";

  private boolean said;
  private boolean unknown;
  private boolean complete;
  private long input = -1;
  private long output = -1;
  private long cached = -1;
  private long written = -1;
  private long reasoning = -1;

  @Override
  void whole(ObjectNode body, ResponseSink sink) throws IOException {
    if (body.path("type").asText("").equals("error")) {
      throw broken(body.path("error"));
    }
    if (!body.path("content").isArray()) {
      throw foreign();
    }
    start(body, sink);
    for (JsonNode block : body.path("content")) {
      begin(block, sink);
      end(sink);
    }
    stop(body, sink);
    usage(body.path("usage"), sink);
    complete();
  }

  @Override
  void event(String name, String data, ResponseSink sink) throws IOException {
    if ("ping".equals(name)) {
      return;
    }
    ObjectNode event = object(data);
    switch (event.path("type").asText("")) {
      case "message_start" -> {
        start(event.path("message"), sink);
        usage(event.path("message").path("usage"), sink);
      }
      case "content_block_start" -> begin(event.path("content_block"), sink);
      case "content_block_delta" -> delta(event.path("delta"), sink);
      case "content_block_stop" -> end(sink);
      case "message_delta" -> {
        if (event.path("delta").path("stop_reason").isTextual()) {
          stop(event.path("delta"), sink);
        }
        usage(event.path("usage"), sink);
      }
      case "message_stop" -> complete();
      case "error" -> throw broken(event.path("error"));
      default -> {
        // ping, and what may come in later versions.
      }
    }
  }

  /** An answer that holds nothing but what is not known here is no empty answer. */
  private void complete() throws IOException {
    if (unknown && !said) {
      throw foreign();
    }
    complete = true;
  }

  private static void start(JsonNode message, ResponseSink sink) throws IOException {
    sink.start(message.path("id").asText(""), message.path("model").asText(""), -1);
  }

  private void begin(JsonNode block, ResponseSink sink) throws IOException {
    String type = block.path("type").asText("");
    switch (type) {
      case "text" -> text(block.path("text"), sink);
      case "tool_use" -> {
        String name = block.path("name").asText("");
        if (name.isEmpty()) {
          throw foreign();
        }
        said = true;
        sink.call(GeneratedIds.idUnless(block.path("id").asText(""), "toolu_"), name);
        JsonNode given = block.path("input");
        whole = given.isObject() ? given.toString() : "{}";
      }
      case "thinking" -> {
        thinking = true;
        think(block.path("thinking").asText(""), sink);
        signature.append(block.path("signature").asText(""));
      }
      case "redacted_thinking" -> {
        ObjectNode seal = Json.object().put("type", "redacted_thinking");
        sink.thoughtEnd(seal.put("data", block.path("data").asText("")).toString());
      }
      default ->
          // What tools of the provider's own leave behind is not for a client of another protocol.
          unknown |= !type.endsWith("_tool_use") && !type.endsWith("_tool_result");
    }
  }

  private void delta(JsonNode delta, ResponseSink sink) throws IOException {
    switch (delta.path("type").asText("")) {
      case "text_delta" -> text(delta.path("text"), sink);
      case "thinking_delta" -> think(delta.path("thinking").asText(""), sink);
      case "signature_delta" -> signature.append(delta.path("signature").asText(""));
      case "input_json_delta" -> {
        String fragment = delta.path("partial_json").asText("");
        if (!fragment.isEmpty()) {
          whole = "";
          sink.arguments(fragment);
        }
      }
      default -> {
        // Citations.
      }
    }
  }

  private void think(String text, ResponseSink sink) throws IOException {
    if (!text.isEmpty()) {
      thought.append(text);
      sink.thought(text);
    }
  }

  private void end(ResponseSink sink) throws IOException {
    if (!whole.isEmpty()) {
      sink.arguments(whole);
      whole = "";
    }
    if (!thinking) {
      return;
    }
    String seal = null;
    if (!signature.isEmpty()) {
      ObjectNode block = Json.object().put("type", "thinking").put("thinking", thought.toString());
      seal = block.put("signature", signature.toString()).toString();
    }
    sink.thoughtEnd(seal);
    thinking = false;
    thought.setLength(0);
    signature.setLength(0);
  }

  private void text(JsonNode text, ResponseSink sink) throws IOException {
    if (text.isTextual() && !text.textValue().isEmpty()) {
      said = true;
      sink.text(text.textValue());
    }
  }

  private static void stop(JsonNode owner, ResponseSink sink) throws IOException {
    StopReason reason = StopReason.ofAnthropic(owner.path("stop_reason").asText(""));
    sink.stop(reason, owner.path("stop_sequence").asText(null));
  }

  /** Every count is of all so far, and those that do not apply are not told again. */
  private void usage(JsonNode usage, ResponseSink sink) throws IOException {
    input = Math.max(input, Json.count(usage.path("input_tokens")));
    output = Math.max(output, Json.count(usage.path("output_tokens")));
    cached = Math.max(cached, Json.count(usage.path("cache_read_input_tokens")));
    written = Math.max(written, Json.count(usage.path("cache_creation_input_tokens")));
    JsonNode details = usage.path("output_tokens_details");
    reasoning = Math.max(reasoning, Json.count(details.path("thinking_tokens")));
    long all = input < 0 ? -1 : input + TokenUsage.known(cached) + TokenUsage.known(written);
    sink.usage(new TokenUsage(all, output, cached, written, reasoning));
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
