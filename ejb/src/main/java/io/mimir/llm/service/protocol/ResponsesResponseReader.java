package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.StopReason;
import io.mimir.llm.TokenUsage;
import java.io.IOException;

/**
 * Reads OpenAI's responses and the events of their streams. A thought is sealed with its item,
 * since OpenAI wants it back with what it encrypted.
 */
final class ResponsesResponseReader extends ResponseReader {

  private static final String REASONING = "reasoning";
  private static final String SUMMARY = "summary";
  private static final String ENCRYPTED = "encrypted_content";

  /** Whether the answer has begun, with or without the provider's words for it. */
  private boolean started;

  private boolean complete;
  private boolean refused;

  /** Whether there was an item, of which kind soever. */
  private boolean any;

  /** Whether there was a text or a call. */
  private boolean said;

  private boolean called;
  private boolean unknown;

  /** Whether the answer was cut, so that a call may be half of one. */
  private boolean cut;

  /** Whether the open item is a call that has begun; where it stands in the output. */
  private boolean calling;

  private int place = -1;

  /** Whether something of the open item came before the item itself. */
  private boolean told;

  @Override
  void whole(ObjectNode body, ResponseSink sink) throws IOException {
    String status = body.path("status").asText("completed");
    if (!body.hasNonNull("error")
        && (!body.path("output").isArray()
            || status.equals("in_progress")
            || status.equals("queued"))) {
      throw foreign();
    }
    end(body, status, sink);
  }

  @Override
  void event(String name, String data, ResponseSink sink) throws IOException {
    if (data.startsWith("[DONE]")) {
      // Some servers say so after the end, as in chat completions.
      return;
    }
    ObjectNode event = object(data);
    String type = event.path("type").asText("");
    switch (type) {
      case "response.created", "response.queued", "response.in_progress" ->
          start(event.path("response"), sink);
      case "response.output_item.added" -> begin(event, sink);
      case "response.output_text.delta" -> text(event.path("delta"), sink);
      case "response.refusal.delta" -> {
        refused = true;
        text(event.path("delta"), sink);
      }
      case "response.reasoning_summary_part.added" -> {
        if (event.path("summary_index").asInt() > 0) {
          think("\n\n", sink);
        }
      }
      case "response.reasoning_summary_text.delta" -> think(event.path("delta").asText(""), sink);
      case "response.function_call_arguments.delta" -> {
        if (!calling || event.path("output_index").asInt(place) != place) {
          // No other protocol can go back to a call that has ended.
          throw foreign();
        }
        arguments(event.path("delta"), sink);
      }
      case "response.output_item.done" -> item(event.path("item"), sink);
      case "response.completed", "response.incomplete", "response.failed", "response.cancelled" -> {
        String word = type.substring(type.indexOf('.') + 1);
        JsonNode response = event.path("response");
        end(response, response.path("status").asText(word), sink);
      }
      case "error" -> throw broken(event.path("error").isObject() ? event.get("error") : event);
      default -> {
        if ("error".equals(name) || event.hasNonNull("error")) {
          throw broken(event.path("error"));
        }
        // The ends of pieces, tools of the provider's own, and what may come in later versions.
      }
    }
  }

  private void start(JsonNode response, ResponseSink sink) throws IOException {
    if (!started) {
      started = true;
      long created = Json.count(response.path("created_at"));
      sink.start(response.path("id").asText(""), response.path("model").asText(""), created);
    }
  }

  private void begin(JsonNode event, ResponseSink sink) throws IOException {
    told = false;
    calling = false;
    JsonNode item = event.path("item");
    if (item.path("type").asText("").equals("function_call")) {
      call(item, sink);
      place = event.path("output_index").asInt(-1);
    }
  }

  private void call(JsonNode item, ResponseSink sink) throws IOException {
    String name = item.path("name").asText("");
    if (name.isEmpty()) {
      throw foreign();
    }
    calling = true;
    called = true;
    said = true;
    started = true;
    sink.call(GeneratedIds.idUnless(item.path("call_id").asText(""), "call_"), name);
  }

  private void arguments(JsonNode fragment, ResponseSink sink) throws IOException {
    if (fragment.isTextual() && !fragment.textValue().isEmpty()) {
      told = true;
      sink.arguments(fragment.textValue());
    }
  }

  private void text(JsonNode text, ResponseSink sink) throws IOException {
    if (text.isTextual() && !text.textValue().isEmpty()) {
      told = true;
      said = true;
      started = true;
      sink.text(text.textValue());
    }
  }

  private void think(String text, ResponseSink sink) throws IOException {
    if (!text.isEmpty()) {
      told = true;
      started = true;
      sink.thought(text);
    }
  }

  /** A whole item, of which everything but its end may have been told before. */
  private void item(JsonNode item, ResponseSink sink) throws IOException {
    any = true;
    switch (item.path("type").asText("")) {
      case "message" -> {
        if (!told) {
          message(item.path("content"), sink);
        }
      }
      case REASONING -> reasoning(item, sink);
      case "function_call" -> {
        if (!calling && cut && Json.objectIn(item.path("arguments").asText("")) == null) {
          break;
        }
        if (!calling) {
          call(item, sink);
        }
        if (!told) {
          arguments(item.path("arguments"), sink);
        }
      }
      default ->
          // What tools of the provider's own leave behind is not for a client of another protocol.
          unknown |= !item.path("type").asText("").endsWith("_call");
    }
    told = false;
    calling = false;
  }

  private void message(JsonNode content, ResponseSink sink) throws IOException {
    for (JsonNode part : content) {
      if (part.path("type").asText("").equals("refusal")) {
        refused = true;
        text(part.path("refusal"), sink);
      } else {
        text(part.path("text"), sink);
      }
    }
  }

  private void reasoning(JsonNode item, ResponseSink sink) throws IOException {
    if (!told) {
      for (JsonNode part : item.path(SUMMARY)) {
        think((told ? "\n\n" : "") + part.path("text").asText(""), sink);
      }
    }
    ObjectNode sealed = givenBack(item);
    started = true;
    sink.thoughtEnd(sealed == null ? null : sealed.toString());
  }

  /**
   * A thought as OpenAI takes it back. What it is made of may come from a client, who may have
   * written it: only what belongs to a thought is taken.
   *
   * @return null where nothing is encrypted in it, of which OpenAI keeps nothing
   */
  static ObjectNode givenBack(JsonNode item) {
    JsonNode encrypted = item.path(ENCRYPTED);
    if (!item.path("type").asText("").equals(REASONING)
        || !encrypted.isTextual()
        || encrypted.textValue().isEmpty()) {
      return null;
    }
    ObjectNode thought = Json.object().put("type", REASONING);
    String id = item.path("id").asText("");
    if (!id.isEmpty()) {
      thought.put("id", id);
    }
    ArrayNode summary = thought.putArray(SUMMARY);
    for (JsonNode part : item.path(SUMMARY)) {
      summary.addObject().put("type", "summary_text").put("text", part.path("text").asText(""));
    }
    return thought.put(ENCRYPTED, encrypted.textValue());
  }

  /** The end tells everything once more, for those who have seen nothing of it. */
  private void end(JsonNode response, String status, ResponseSink sink) throws IOException {
    if (response.hasNonNull("error") || status.equals("failed") || status.equals("cancelled")) {
      throw broken(response.path("error"));
    }
    start(response, sink);
    cut = status.equals("incomplete");
    if (!any && !said) {
      for (JsonNode item : response.path("output")) {
        item(item, sink);
      }
    }
    if (unknown && !said) {
      // An answer that holds nothing but what is not known here is no empty answer.
      throw foreign();
    }
    sink.stop(reason(response), null);
    usage(response.path("usage"), sink);
    complete = true;
  }

  private StopReason reason(JsonNode response) {
    String why = response.path("incomplete_details").path("reason").asText("");
    if (refused || why.equals("content_filter")) {
      return StopReason.REFUSAL;
    }
    if (cut) {
      return StopReason.LENGTH;
    }
    return called ? StopReason.TOOLS : StopReason.END;
  }

  private static void usage(JsonNode usage, ResponseSink sink) throws IOException {
    if (usage.isObject()) {
      JsonNode in = usage.path("input_tokens_details");
      JsonNode out = usage.path("output_tokens_details");
      sink.usage(
          new TokenUsage(
              Json.count(usage.path("input_tokens")),
              Json.count(usage.path("output_tokens")),
              Json.count(in.path("cached_tokens")),
              Json.count(in.path("cache_write_tokens")),
              Json.count(out.path("reasoning_tokens"))));
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
