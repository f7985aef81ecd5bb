package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.TokenUsage;
import io.mimir.llm.service.protocol.ChatRequest.ToolCall;
import java.time.Instant;

/** Answers in OpenAI's chat completions and chunks of them. */
final class OpenAiChatResponseWriter extends ResponseWriter {

  private static final String ID = "chatcmpl-";

  private final ChatRequest request;
  private int calls;

  /** Whether the call that began last has said nothing about its arguments yet. */
  private boolean silent;

  private String chunkId;

  OpenAiChatResponseWriter(ChatRequest request) {
    this.request = request;
  }

  @Override
  ObjectNode whole(ChatResponse answer) {
    ObjectNode body = Json.object().put("id", GeneratedIds.idUnless(answer.id(), ID));
    body.put("object", "chat.completion");
    body.put("created", answer.created() < 0 ? Instant.now().getEpochSecond() : answer.created());
    body.put("model", answer.model());
    ObjectNode choice = body.putArray("choices").addObject().put("index", 0);
    ObjectNode message = choice.putObject("message").put("role", "assistant");
    String text = answer.text();
    message.put("content", text.isEmpty() && !answer.calls().isEmpty() ? null : text);
    message.putNull("refusal");
    calls(answer, message);
    choice.putNull("logprobs").put("finish_reason", answer.reason().openAi());
    body.set("usage", counted(answer.usage()));
    return body;
  }

  private static void calls(ChatResponse answer, ObjectNode message) {
    if (answer.calls().isEmpty()) {
      return;
    }
    ArrayNode calls = message.putArray("tool_calls");
    for (ToolCall call : answer.calls()) {
      ObjectNode item = calls.addObject().put("id", call.id()).put("type", "function");
      item.putObject("function").put("name", call.name()).put("arguments", call.arguments());
    }
  }

  private static ObjectNode counted(TokenUsage usage) {
    long input = TokenUsage.known(usage.input());
    long output = TokenUsage.known(usage.output());
    ObjectNode said = Json.object().put("prompt_tokens", input).put("completion_tokens", output);
    said.put("total_tokens", input + output);
    if (usage.cached() >= 0) {
      said.putObject("prompt_tokens_details").put("cached_tokens", usage.cached());
    }
    return said;
  }

  @Override
  void begin() {
    chunkId = GeneratedIds.idUnless(id(), ID);
    delta(Json.object().put("role", "assistant").put("content", ""), null);
  }

  @Override
  public void text(String text) {
    finishCall();
    delta(Json.object().put("content", text), null);
  }

  @Override
  public void call(String id, String name) {
    finishCall();
    silent = true;
    ObjectNode delta = Json.object();
    ObjectNode call = delta.putArray("tool_calls").addObject().put("index", calls++);
    call.put("id", id).put("type", "function");
    call.putObject("function").put("name", name).put("arguments", "");
    delta(delta, null);
  }

  @Override
  public void arguments(String fragment) {
    silent = false;
    ObjectNode delta = Json.object();
    ObjectNode call = delta.putArray("tool_calls").addObject().put("index", calls - 1);
    call.putObject("function").put("arguments", fragment);
    delta(delta, null);
  }

  /** Clients parse the arguments, also of a function that takes none. */
  private void finishCall() {
    if (silent) {
      arguments("{}");
    }
  }

  @Override
  void close() {
    finishCall();
    delta(Json.object(), reason().openAi());
    if (request.usageAsked) {
      ObjectNode last = chunk();
      last.putArray("choices");
      last.set("usage", counted(usage()));
      event(null, last.toString());
    }
    event(null, "[DONE]");
  }

  private void delta(ObjectNode delta, String finish) {
    ObjectNode chunk = chunk();
    ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
    choice.set("delta", delta);
    choice.putNull("logprobs").put("finish_reason", finish);
    if (request.usageAsked) {
      chunk.putNull("usage");
    }
    event(null, chunk.toString());
  }

  private ObjectNode chunk() {
    ObjectNode chunk = Json.object().put("id", chunkId).put("object", "chat.completion.chunk");
    return chunk.put("created", created()).put("model", model());
  }

  @Override
  String streamType() {
    return "text/event-stream; charset=utf-8";
  }
}
