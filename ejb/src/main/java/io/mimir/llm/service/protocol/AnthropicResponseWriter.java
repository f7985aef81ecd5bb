package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.TokenUsage;
import io.mimir.llm.service.protocol.ChatRequest.Part;
import io.mimir.llm.service.protocol.ChatRequest.Text;
import io.mimir.llm.service.protocol.ChatRequest.Thought;
import io.mimir.llm.service.protocol.ChatRequest.ToolCall;
import java.io.IOException;

/**
 * Answers in Anthropic's messages and the events of their streams. Thoughts are for clients that
 * have asked for them: others take the first block for the answer.
 */
final class AnthropicResponseWriter extends ResponseWriter {

  private static final String ID = "msg_";

  private enum Block {
    NONE,
    TEXT,
    THOUGHT,
    CALL
  }

  private final ChatRequest request;

  private Block open = Block.NONE;
  private int index = -1;

  AnthropicResponseWriter(ChatRequest request) {
    this.request = request;
  }

  @Override
  ObjectNode whole(ChatResponse answer) throws IOException {
    ObjectNode message = message(answer.id(), answer.model());
    ArrayNode content = message.putArray("content");
    for (Part part : answer.parts()) {
      if (part instanceof Text text) {
        content.add(textBlock(text.text()));
      } else if (part instanceof Thought thought && request.thoughtsShown) {
        content.add(thoughtBlock(thought));
      } else if (part instanceof ToolCall call) {
        ObjectNode input = ResponseReader.object(call.arguments());
        content.add(callBlock(call.id(), call.name(), input));
      }
    }
    message.put("stop_reason", answer.reason().anthropic());
    message.put("stop_sequence", answer.sequence());
    message.set("usage", counted(answer.usage()));
    return message;
  }

  private static ObjectNode message(String id, String model) {
    ObjectNode message =
        Json.object().put("id", GeneratedIds.idUnless(id, ID)).put("type", "message");
    return message.put("role", "assistant").put("model", model);
  }

  private static ObjectNode textBlock(String text) {
    return Json.object().put("type", "text").put("text", text);
  }

  private static ObjectNode thoughtBlock(Thought thought) {
    return thought.text().isEmpty() && thought.handle() != null
        ? redacted(thought.handle())
        : Json.object()
            .put("type", "thinking")
            .put("thinking", thought.text())
            .put("signature", thought.handle() == null ? "" : thought.handle());
  }

  private static ObjectNode redacted(String handle) {
    return Json.object().put("type", "redacted_thinking").put("data", handle);
  }

  private static ObjectNode callBlock(String id, String name, ObjectNode input) {
    ObjectNode block = Json.object().put("type", "tool_use").put("id", id).put("name", name);
    block.set("input", input);
    block.putObject("caller").put("type", "direct");
    return block;
  }

  /** Anthropic counts what came out of a cache, or went into it, beside the rest. */
  private static ObjectNode counted(TokenUsage usage) {
    long cached = TokenUsage.known(usage.cached());
    long written = TokenUsage.known(usage.cacheWritten());
    long fresh = Math.max(0, TokenUsage.known(usage.input()) - cached - written);
    ObjectNode said = Json.object().put("input_tokens", fresh);
    said.put("output_tokens", TokenUsage.known(usage.output()));
    said.put("cache_creation_input_tokens", written);
    return said.put("cache_read_input_tokens", cached);
  }

  @Override
  void begin() {
    ObjectNode event = Json.object().put("type", "message_start");
    ObjectNode message = message(id(), model());
    message.putArray("content");
    message.putNull("stop_reason").putNull("stop_sequence");
    message.set("usage", counted(usage()));
    event.set("message", message);
    say(event);
  }

  @Override
  public void text(String text) {
    if (open != Block.TEXT) {
      open(Block.TEXT, textBlock(""));
    }
    delta(Json.object().put("type", "text_delta").put("text", text));
  }

  @Override
  public void thought(String text) {
    if (!request.thoughtsShown) {
      return;
    }
    if (open != Block.THOUGHT) {
      open(Block.THOUGHT, thoughtBlock(new Thought("", "", null)));
    }
    delta(Json.object().put("type", "thinking_delta").put("thinking", text));
  }

  @Override
  public void thoughtEnd(String handle) {
    if (!request.thoughtsShown || handle == null && open != Block.THOUGHT) {
      return;
    }
    if (open != Block.THOUGHT) {
      open(Block.THOUGHT, redacted(handle));
    } else if (handle != null) {
      delta(Json.object().put("type", "signature_delta").put("signature", handle));
    }
    shut();
  }

  @Override
  public void call(String id, String name) {
    open(Block.CALL, callBlock(id, name, Json.object()));
  }

  @Override
  public void arguments(String fragment) {
    delta(Json.object().put("type", "input_json_delta").put("partial_json", fragment));
  }

  @Override
  void close() {
    shut();
    ObjectNode event = Json.object().put("type", "message_delta");
    ObjectNode delta = event.putObject("delta").put("stop_reason", reason().anthropic());
    delta.put("stop_sequence", sequence());
    event.set("usage", counted(usage()));
    say(event);
    say(Json.object().put("type", "message_stop"));
  }

  private void open(Block block, ObjectNode content) {
    shut();
    open = block;
    index++;
    ObjectNode event = Json.object().put("type", "content_block_start").put("index", index);
    event.set("content_block", content);
    say(event);
  }

  private void shut() {
    if (open != Block.NONE) {
      open = Block.NONE;
      say(Json.object().put("type", "content_block_stop").put("index", index));
    }
  }

  private void delta(ObjectNode delta) {
    ObjectNode event = Json.object().put("type", "content_block_delta").put("index", index);
    event.set("delta", delta);
    say(event);
  }

  /** The official clients skip every event that has no name. */
  private void say(ObjectNode event) {
    event(event.get("type").textValue(), event.toString());
  }

  @Override
  String streamType() {
    return "text/event-stream; charset=utf-8";
  }
}
