package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.StopReason;
import io.mimir.llm.TokenUsage;
import io.mimir.llm.service.protocol.ChatRequest.ToolCall;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/**
 * Answers as Ollama does, line by line. The arguments of a call are an object there, so its
 * fragments are collected and the call is told when it is complete.
 */
final class OllamaResponseWriter extends ResponseWriter {

  private final ChatRequest request;
  private final boolean chat;
  private final long asked = System.nanoTime();
  private final StringBuilder arguments = new StringBuilder();
  private String callId;
  private String callName;
  private long first;

  /**
   * @param chat whether the answer is a message, as in chat, or a text, as in generate
   */
  OllamaResponseWriter(ChatRequest request, boolean chat) {
    this.request = request;
    this.chat = chat;
  }

  @Override
  ObjectNode whole(ChatResponse answer) throws IOException {
    StringBuilder thoughts = new StringBuilder();
    answer.thoughts().forEach(thought -> thoughts.append(thought.text()));
    ObjectNode line = line(answer.model(), answer.text(), thoughts.toString(), answer.calls());
    first = asked;
    return done(line, answer.reason(), answer.usage());
  }

  @Override
  void begin() {
    first = System.nanoTime();
  }

  @Override
  public void text(String text) throws IOException {
    finishCall();
    line(line(model(), text, "", List.of()).put("done", false));
  }

  @Override
  public void thought(String text) throws IOException {
    finishCall();
    if (request.thoughtsShown) {
      line(line(model(), "", text, List.of()).put("done", false));
    }
  }

  @Override
  public void call(String id, String name) throws IOException {
    finishCall();
    callId = id;
    callName = name;
  }

  @Override
  public void arguments(String fragment) {
    arguments.append(fragment);
  }

  @Override
  void close() throws IOException {
    finishCall();
    line(done(line(model(), "", "", List.of()), reason(), usage()));
  }

  private void finishCall() throws IOException {
    if (callName != null) {
      String all = arguments.isEmpty() ? "{}" : arguments.toString();
      ToolCall call = new ToolCall(callId, callName, all);
      line(line(model(), "", "", List.of(call)).put("done", false));
    }
    callName = null;
    arguments.setLength(0);
  }

  private ObjectNode line(String model, String text, String thought, List<ToolCall> calls)
      throws IOException {
    ObjectNode line = Json.object().put("model", model);
    line.put("created_at", Instant.now().toString());
    ObjectNode said = line;
    if (chat) {
      said = line.putObject("message").put("role", "assistant");
    }
    said.put(chat ? "content" : "response", text);
    if (!thought.isEmpty() && request.thoughtsShown) {
      said.put("thinking", thought);
    }
    if (chat && !calls.isEmpty()) {
      calls(calls, said.putArray("tool_calls"));
    }
    return line;
  }

  private static void calls(List<ToolCall> calls, ArrayNode array) throws IOException {
    for (ToolCall call : calls) {
      ObjectNode function = array.addObject().put("id", call.id()).putObject("function");
      function.put("name", call.name());
      function.set("arguments", ResponseReader.object(call.arguments()));
    }
  }

  /** The times are as this server saw them; nothing is known about the loading of a model. */
  private ObjectNode done(ObjectNode line, StopReason reason, TokenUsage usage) {
    long now = System.nanoTime();
    line.put("done", true).put("done_reason", reason.ollama());
    line.put("total_duration", now - asked).put("load_duration", 0L);
    line.put("prompt_eval_count", TokenUsage.known(usage.input()));
    line.put("prompt_eval_duration", first - asked);
    line.put("eval_count", TokenUsage.known(usage.output()));
    return line.put("eval_duration", now - first);
  }

  @Override
  String streamType() {
    return "application/x-ndjson";
  }
}
