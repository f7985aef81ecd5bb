package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.StopReason;
import io.mimir.llm.TokenUsage;
import io.mimir.llm.service.protocol.ChatRequest.Thought;
import io.mimir.llm.service.protocol.ChatRequest.ToolCall;
import java.time.Instant;
import java.util.List;

/**
 * Answers in OpenAI's chat completions and chunks of them. Thoughts go where its imitators put
 * them: the text into {@code reasoning_content}, and what the provider wants back into {@code
 * reasoning_details}.
 */
final class OpenAiChatResponseWriter extends ResponseWriter {

  private static final String ID = "chatcmpl-";

  private final ChatRequest request;
  private final StringBuilder input = new StringBuilder();
  private int calls;
  private int seals;

  /** Whether the call that began last has said nothing about its arguments yet. */
  private boolean silent;

  /** Whether the call that began last takes a text, which is known when it has ended. */
  private boolean freeForm;

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
    message.putNull("refusal").putArray("annotations");
    thoughts(answer.thoughts(), message);
    calls(answer, message);
    choice.putNull("logprobs").put("finish_reason", finish(answer.reason()));
    body.set("usage", counted(answer.usage()));
    return body;
  }

  private static void thoughts(List<Thought> thoughts, ObjectNode message) {
    StringBuilder text = new StringBuilder();
    int index = 0;
    for (Thought thought : thoughts) {
      text.append(thought.text());
      if (thought.handle() != null) {
        seal(thought.handle(), index++, message);
      }
    }
    if (!text.isEmpty()) {
      message.put("reasoning_content", text.toString());
    }
  }

  private static void seal(String handle, int index, ObjectNode message) {
    ObjectNode detail = message.withArray("reasoning_details").addObject();
    detail.put("type", "reasoning.encrypted").put("data", handle).put("index", index);
  }

  private void calls(ChatResponse answer, ObjectNode message) {
    for (ToolCall call : answer.calls()) {
      if (request.hasLegacyFunctions) {
        ObjectNode function = message.putObject("function_call").put("name", call.name());
        function.put("arguments", call.arguments());
        return;
      }
      ObjectNode item = message.withArray("tool_calls").addObject().put("id", call.id());
      if (request.isFreeForm(call.name())) {
        ObjectNode custom = item.put("type", "custom").putObject("custom");
        custom.put("name", call.name()).put("input", inputOf(call.arguments()));
      } else {
        ObjectNode function = item.put("type", "function").putObject("function");
        function.put("name", call.name()).put("arguments", call.arguments());
      }
    }
  }

  /** The text that a tool without arguments takes; what is no such object is the text itself. */
  static String inputOf(String arguments) {
    ObjectNode object = Json.objectIn(arguments);
    return object != null && object.path("input").isTextual()
        ? object.path("input").textValue()
        : arguments;
  }

  private String finish(StopReason reason) {
    boolean legacy = request.hasLegacyFunctions && reason == StopReason.TOOLS;
    return legacy ? "function_call" : reason.openAi();
  }

  private static ObjectNode counted(TokenUsage usage) {
    long in = TokenUsage.known(usage.input());
    long out = TokenUsage.known(usage.output());
    ObjectNode said = Json.object().put("prompt_tokens", in).put("completion_tokens", out);
    said.put("total_tokens", in + out);
    ObjectNode details = said.putObject("prompt_tokens_details");
    details.put("cached_tokens", TokenUsage.known(usage.cached())).put("audio_tokens", 0);
    ObjectNode made = said.putObject("completion_tokens_details");
    made.put("reasoning_tokens", TokenUsage.known(usage.reasoning())).put("audio_tokens", 0);
    made.put("accepted_prediction_tokens", 0).put("rejected_prediction_tokens", 0);
    return said;
  }

  @Override
  void begin() {
    chunkId = GeneratedIds.idUnless(id(), ID);
    delta(Json.object().put("role", "assistant").put("content", "").putNull("refusal"), null);
  }

  @Override
  public void text(String text) {
    finishCall();
    delta(Json.object().put("content", text), null);
  }

  @Override
  public void thought(String text) {
    finishCall();
    delta(Json.object().put("reasoning_content", text), null);
  }

  @Override
  public void thoughtEnd(String handle) {
    if (handle != null) {
      ObjectNode delta = Json.object();
      seal(handle, seals++, delta);
      delta(delta, null);
    }
  }

  @Override
  public void call(String id, String name) {
    finishCall();
    freeForm = request.isFreeForm(name);
    silent = true;
    ObjectNode delta = Json.object();
    if (request.hasLegacyFunctions) {
      delta.putObject("function_call").put("name", name).put("arguments", "");
      delta(delta, null);
      return;
    }
    ObjectNode call = delta.putArray("tool_calls").addObject().put("index", calls++).put("id", id);
    if (freeForm) {
      call.put("type", "custom").putObject("custom").put("name", name).put("input", "");
    } else {
      call.put("type", "function").putObject("function").put("name", name).put("arguments", "");
    }
    delta(delta, null);
  }

  @Override
  public void arguments(String fragment) {
    silent = false;
    if (freeForm) {
      input.append(fragment);
      return;
    }
    ObjectNode delta = Json.object();
    if (request.hasLegacyFunctions) {
      delta.putObject("function_call").put("arguments", fragment);
    } else {
      ObjectNode call = delta.putArray("tool_calls").addObject().put("index", calls - 1);
      call.putObject("function").put("arguments", fragment);
    }
    delta(delta, null);
  }

  /** Clients parse the arguments, also of a function that takes none. */
  private void finishCall() {
    if (freeForm) {
      freeForm = false;
      silent = false;
      ObjectNode delta = Json.object();
      ObjectNode call = delta.putArray("tool_calls").addObject().put("index", calls - 1);
      call.putObject("custom").put("input", inputOf(input.toString()));
      input.setLength(0);
      delta(delta, null);
    } else if (silent) {
      arguments("{}");
    }
  }

  @Override
  void close() {
    finishCall();
    delta(Json.object(), finish(reason()));
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
