package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.StopReason;
import io.mimir.llm.TokenUsage;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads OpenAI's chat completions and chunks of them, as its many imitators write them too. */
final class OpenAiChatResponseReader extends ResponseReader {

  /** The names by which servers tell what a model thinks. */
  static final List<String> THOUGHTS = List.of("reasoning_content", "reasoning");

  /** Of the calls that began: by the index that the provider gave, which call it is. */
  private final Map<Integer, String> idByIndex = new HashMap<>();

  private final StringBuilder thought = new StringBuilder();
  private final ArrayNode details = Json.MAPPER.createArrayNode();
  private String thoughtField;
  private boolean thinking;

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
    check(choice);
    if (!choice.path("message").isObject()) {
      throw foreign();
    }
    start(body, sink);
    said(choice.path("message"), sink);
    for (JsonNode call : choice.path("message").path("tool_calls")) {
      call(call, calls, sink);
    }
    stop(choice.path("finish_reason").asText(""), sink);
    usage(body, sink);
    over = true;
  }

  @Override
  void event(String name, String data, ResponseSink sink) throws IOException {
    if (data.startsWith("[DONE]")) {
      if (!started) {
        // A stream without a word is a failure, not an empty answer.
        throw foreign();
      }
      endThought(sink);
      complete = true;
      over = true;
      return;
    }
    ObjectNode chunk = object(data);
    if ("error".equals(name)) {
      throw broken(chunk.path("error"));
    }
    check(chunk);
    for (JsonNode choice : chunk.path("choices")) {
      check(choice);
      if (choice.path("index").asInt(0) == 0) {
        choice(chunk, choice, sink);
      }
    }
    usage(chunk, sink);
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
    // Ollama says an empty word while it goes on.
    String reason = choice.path("finish_reason").asText("");
    if (choice.path("finish_reason").isTextual() && !reason.isEmpty()) {
      stop(reason, sink);
    }
  }

  /** An error may stand beside an answer, or be the reason of its end. */
  private static void check(JsonNode owner) throws IOException {
    if (owner.hasNonNull("error") || owner.path("finish_reason").asText("").equals("error")) {
      throw broken(owner.path("error"));
    }
  }

  private static void check(ObjectNode body) throws IOException {
    check((JsonNode) body);
    if (!body.path("choices").isArray()) {
      throw foreign();
    }
  }

  private void start(ObjectNode body, ResponseSink sink) throws IOException {
    started = true;
    long created = Json.count(body.path("created"));
    sink.start(body.path("id").asText(""), body.path("model").asText(""), created);
  }

  private void said(JsonNode message, ResponseSink sink) throws IOException {
    for (String name : THOUGHTS) {
      String piece = message.path(name).isTextual() ? message.path(name).textValue() : "";
      if (!piece.isEmpty()) {
        think(name, piece, sink);
        break;
      }
    }
    for (JsonNode detail : message.path("reasoning_details")) {
      thinking = true;
      details.add(detail);
    }
    content(message.path("content"), sink);
    // A refusal is told in a text of its own here; elsewhere it is a text like any other.
    if (message.path("refusal").isTextual() && !message.path("refusal").textValue().isEmpty()) {
      refused = true;
      text(message.path("refusal").textValue(), sink);
    }
  }

  private void content(JsonNode content, ResponseSink sink) throws IOException {
    if (content.isTextual()) {
      text(content.textValue(), sink);
    } else if (content.isArray()) {
      for (JsonNode part : content) {
        part(part, sink);
      }
    } else if (!content.isNull() && !content.isMissingNode()) {
      throw foreign();
    }
  }

  private void part(JsonNode part, ResponseSink sink) throws IOException {
    switch (part.path("type").asText(part.isTextual() ? "string" : "")) {
      case "string" -> text(part.textValue(), sink);
      case "text", "output_text" -> text(part.path("text").asText(""), sink);
      case "thinking" -> {
        JsonNode thoughts = part.path("thinking");
        if (thoughts.isTextual()) {
          think("thinking", thoughts.textValue(), sink);
        }
        for (JsonNode piece : thoughts) {
          think("thinking", piece.path("text").asText(""), sink);
        }
      }
      case "refusal" -> {
        refused = true;
        text(part.path("refusal").asText(""), sink);
      }
      case "reference" -> {
        // A note on where the text came from.
      }
      default -> throw foreign();
    }
  }

  private void text(String text, ResponseSink sink) throws IOException {
    if (!text.isEmpty()) {
      endThought(sink);
      current = -1;
      sink.text(text);
    }
  }

  private void think(String field, String piece, ResponseSink sink) throws IOException {
    if (piece.isEmpty()) {
      return;
    }
    thinking = true;
    thoughtField = field;
    if (thought.length() < ThoughtHandle.MAX_HANDLE_BYTES) {
      thought.append(piece);
    }
    current = -1;
    sink.thought(piece);
  }

  /** Some providers want to have back what their model thought before it asked for a tool. */
  private void endThought(ResponseSink sink) throws IOException {
    if (!thinking) {
      return;
    }
    thinking = false;
    ObjectNode seal =
        Json.object().put("type", OpenAiChatMessageWriter.SEAL).put("field", thoughtField);
    seal.put("text", thought.toString()).set("details", details.deepCopy());
    sink.thoughtEnd(seal.toString());
    thought.setLength(0);
    details.removeAll();
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
      endThought(sink);
      calls++;
      current = index;
      String given = id.isEmpty() ? GeneratedIds.id("call_") : id;
      idByIndex.put(index, given);
      seal(given, call.path("extra_content"), sink);
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

  /** Gemini signs its calls, and wants the signature back with them. */
  private static void seal(String id, JsonNode extra, ResponseSink sink) throws IOException {
    if (extra.isObject()) {
      ObjectNode seal = Json.object().put("type", OpenAiChatMessageWriter.SEAL).put("call", id);
      sink.thoughtEnd(seal.set("extra_content", extra).toString());
    }
  }

  /** Some servers send the object itself instead of its text. */
  private static String argumentsOf(JsonNode arguments) {
    return arguments.isObject() ? arguments.toString() : arguments.asText("");
  }

  private void stop(String word, ResponseSink sink) throws IOException {
    endThought(sink);
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

  /** Moonshot and Groq tell it elsewhere within a chunk. */
  private static void usage(ObjectNode body, ResponseSink sink) throws IOException {
    JsonNode usage = body.path("usage");
    if (!usage.isObject()) {
      usage = body.path("choices").path(0).path("usage");
    }
    if (!usage.isObject()) {
      usage = body.path("x_groq").path("usage");
    }
    if (usage.isObject()) {
      long cached = Json.count(usage.path("prompt_tokens_details").path("cached_tokens"));
      if (cached < 0) {
        cached = Json.count(usage.path("prompt_cache_hit_tokens"));
      }
      JsonNode out = usage.path("completion_tokens_details");
      long reasoning = Json.count(out.path("reasoning_tokens"));
      long input = Json.count(usage.path("prompt_tokens"));
      long output = Json.count(usage.path("completion_tokens"));
      sink.usage(new TokenUsage(input, output, cached, -1, reasoning));
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
