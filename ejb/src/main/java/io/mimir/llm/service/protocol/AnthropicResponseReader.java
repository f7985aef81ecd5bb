package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/**
 * Reads Anthropic's messages and the events of their streams. Thoughts are left out: nobody who is
 * answered through a translation can have asked for them.
 */
final class AnthropicResponseReader extends ResponseReader {

  private boolean complete;
  private long input = -1;
  private long output = -1;
  private long cached = -1;
  private long written = -1;

  @Override
  void whole(ObjectNode body, ResponseSink sink) throws IOException {
    if (body.path("type").asText("").equals("error")) {
      throw broken();
    }
    if (!body.path("content").isArray()) {
      throw foreign();
    }
    start(body, sink);
    for (JsonNode block : body.path("content")) {
      begin(block, sink);
      if (block.path("type").asText("").equals("tool_use")) {
        sink.arguments(block.path("input").isObject() ? block.path("input").toString() : "{}");
      }
    }
    stop(body, sink);
    usage(body.path("usage"), sink);
    complete = true;
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
      case "message_delta" -> {
        if (event.path("delta").path("stop_reason").isTextual()) {
          stop(event.path("delta"), sink);
        }
        usage(event.path("usage"), sink);
      }
      case "message_stop" -> complete = true;
      case "error" -> throw broken();
      default -> {
        // ping, the ends of blocks, and what may come in later versions.
      }
    }
  }

  private static void start(JsonNode message, ResponseSink sink) throws IOException {
    sink.start(message.path("id").asText(""), message.path("model").asText(""), -1);
  }

  private static void begin(JsonNode block, ResponseSink sink) throws IOException {
    switch (block.path("type").asText("")) {
      case "text" -> text(block.path("text"), sink);
      case "tool_use" -> {
        String name = block.path("name").asText("");
        if (name.isEmpty()) {
          throw foreign();
        }
        sink.call(GeneratedIds.idUnless(block.path("id").asText(""), "toolu_"), name);
      }
      default -> {
        // Thoughts, and what tools of the provider's own leave behind.
      }
    }
  }

  private static void delta(JsonNode delta, ResponseSink sink) throws IOException {
    switch (delta.path("type").asText("")) {
      case "text_delta" -> text(delta.path("text"), sink);
      case "input_json_delta" -> {
        String fragment = delta.path("partial_json").asText("");
        if (!fragment.isEmpty()) {
          sink.arguments(fragment);
        }
      }
      default -> {
        // Thoughts, signatures, citations.
      }
    }
  }

  private static void text(JsonNode text, ResponseSink sink) throws IOException {
    if (text.isTextual() && !text.textValue().isEmpty()) {
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
    long all = input < 0 ? -1 : input + TokenUsage.known(cached) + TokenUsage.known(written);
    sink.usage(new TokenUsage(all, output, cached, written));
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
