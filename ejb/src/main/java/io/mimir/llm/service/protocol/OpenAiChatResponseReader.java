package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** Reads OpenAI's chat completions and chunks of them. */
final class OpenAiChatResponseReader extends ResponseReader {

  /** Of the calls that began: by the index that the provider gave, which call it is. */
  private final Map<Integer, String> idByIndex = new HashMap<>();

  private boolean started;
  private boolean refused;
  private boolean complete;
  private boolean over;
  private int current = -1;
  private int calls;

  @Override
  void whole(ObjectNode body, ResponseSink sink) throws IOException {
    check(body);
    JsonNode choice = body.path("choices").path(0);
    if (!choice.path("message").isObject()) {
      throw foreign();
    }
    start(body, sink);
    said(choice.path("message"), sink);
    for (JsonNode call : choice.path("message").path("tool_calls")) {
      call(call, calls, sink);
    }
    stop(choice.path("finish_reason").asText(""), sink);
    usage(body.path("usage"), sink);
    over = true;
  }

  @Override
  void event(String name, String data, ResponseSink sink) throws IOException {
    if (data.startsWith("[DONE]")) {
      complete = true;
      over = true;
      return;
    }
    ObjectNode chunk = object(data);
    check(chunk);
    for (JsonNode choice : chunk.path("choices")) {
      if (choice.path("index").asInt(0) == 0) {
        choice(chunk, choice, sink);
      }
    }
    usage(chunk.path("usage"), sink);
  }

  private void choice(ObjectNode chunk, JsonNode choice, ResponseSink sink) throws IOException {
    if (!started) {
      start(chunk, sink);
    }
    JsonNode delta = choice.path("delta");
    said(delta, sink);
    for (JsonNode call : delta.path("tool_calls")) {
      call(call, call.path("index").asInt(calls), sink);
    }
    if (choice.path("finish_reason").isTextual()) {
      stop(choice.path("finish_reason").textValue(), sink);
    }
  }

  private static void check(ObjectNode body) throws IOException {
    if (body.hasNonNull("error")) {
      throw broken();
    }
    if (!body.path("choices").isArray()) {
      throw foreign();
    }
  }

  private void start(ObjectNode body, ResponseSink sink) throws IOException {
    started = true;
    long created = Json.count(body.path("created"));
    sink.start(body.path("id").asText(""), body.path("model").asText(""), created);
  }

  /** A refusal is told in a text of its own here; elsewhere it is a text like any other. */
  private void said(JsonNode message, ResponseSink sink) throws IOException {
    for (String name : new String[] {"content", "refusal"}) {
      String text = message.path(name).isTextual() ? message.path(name).textValue() : "";
      if (!text.isEmpty()) {
        refused |= name.equals("refusal");
        current = -1;
        sink.text(text);
      }
    }
  }

  private void call(JsonNode call, int index, ResponseSink sink) throws IOException {
    String id = call.path("id").asText("");
    JsonNode function = call.path("function");
    String known = idByIndex.get(index);
    if (known == null || !id.isEmpty() && !id.equals(known)) {
      String name = function.path("name").asText("");
      if (name.isEmpty()) {
        throw foreign();
      }
      calls++;
      current = index;
      String given = id.isEmpty() ? GeneratedIds.id("call_") : id;
      idByIndex.put(index, given);
      sink.call(given, name);
    }
    String fragment = argumentsOf(function.path("arguments"));
    if (fragment.isEmpty()) {
      return;
    }
    if (current != index) {
      // No other protocol can go back to a call that has ended; nor do the official clients.
      throw foreign();
    }
    sink.arguments(fragment);
  }

  /** Some servers send the object itself instead of its text. */
  private static String argumentsOf(JsonNode arguments) {
    return arguments.isObject() ? arguments.toString() : arguments.asText("");
  }

  private void stop(String word, ResponseSink sink) throws IOException {
    complete = true;
    StopReason reason = StopReason.ofOpenAi(word);
    if (refused) {
      reason = StopReason.REFUSAL;
    } else if (calls > 0 && reason == StopReason.END) {
      // Some servers say that they stopped, although they want tools to be called.
      reason = StopReason.TOOLS;
    }
    sink.stop(reason, null);
  }

  private static void usage(JsonNode usage, ResponseSink sink) throws IOException {
    if (usage.isObject()) {
      long cached = Json.count(usage.path("prompt_tokens_details").path("cached_tokens"));
      long input = Json.count(usage.path("prompt_tokens"));
      sink.usage(new TokenUsage(input, Json.count(usage.path("completion_tokens")), cached, -1));
    }
  }

  @Override
  boolean isComplete() {
    return complete;
  }

  @Override
  boolean isOver() {
    return over;
  }
}
