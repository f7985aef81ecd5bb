package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.StopReason;
import io.mimir.llm.TokenUsage;
import io.mimir.llm.service.protocol.ChatRequest.Part;
import io.mimir.llm.service.protocol.ChatRequest.Text;
import io.mimir.llm.service.protocol.ChatRequest.ToolCall;
import java.time.Instant;

/** Answers in OpenAI's responses and their typed events. */
final class ResponsesResponseWriter extends ResponseWriter {

  private static final String ID = "resp_";

  private final ChatRequest request;
  private final ArrayNode output = Json.MAPPER.createArrayNode();
  private final StringBuilder said = new StringBuilder();

  /** The message or the call that has begun and not ended; null between them. */
  private ObjectNode item;

  private String responseId;
  private int sequence;

  ResponsesResponseWriter(ChatRequest request) {
    this.request = request;
  }

  @Override
  ObjectNode whole(ChatResponse answer) {
    for (Part part : answer.parts()) {
      if (part instanceof Text text) {
        ObjectNode message = message();
        message.withArray("content").add(textPart(text.text()));
        output.add(message.put("status", "completed"));
      } else if (part instanceof ToolCall call) {
        ObjectNode asked = functionCall(call.id(), call.name());
        output.add(asked.put("arguments", call.arguments()).put("status", "completed"));
      }
    }
    long created = answer.created() < 0 ? Instant.now().getEpochSecond() : answer.created();
    ObjectNode response = response(GeneratedIds.idUnless(answer.id(), ID), answer.model(), created);
    return ended(response, answer.reason(), answer.usage());
  }

  private ObjectNode response(String id, String model, long created) {
    ObjectNode response = Json.object().put("id", id).put("object", "response");
    response.put("created_at", created).put("status", "in_progress").put("model", model);
    response.putNull("error").putNull("incomplete_details").putNull("previous_response_id");
    response.put("store", false).put("truncation", "disabled");
    response.setAll(request.echo);
    response.set("output", output.deepCopy());
    return response;
  }

  private static ObjectNode ended(ObjectNode response, StopReason reason, TokenUsage usage) {
    String why =
        switch (reason) {
          case LENGTH -> "max_output_tokens";
          case REFUSAL -> "content_filter";
          default -> null;
        };
    response.put("status", why == null ? "completed" : "incomplete");
    if (why != null) {
      response.putObject("incomplete_details").put("reason", why);
    }
    long in = TokenUsage.known(usage.input());
    long out = TokenUsage.known(usage.output());
    ObjectNode counted = response.putObject("usage").put("input_tokens", in);
    ObjectNode details = counted.putObject("input_tokens_details");
    details.put("cached_tokens", TokenUsage.known(usage.cached()));
    details.put("cache_write_tokens", TokenUsage.known(usage.cacheWritten()));
    counted.put("output_tokens", out);
    counted.putObject("output_tokens_details").put("reasoning_tokens", 0);
    counted.put("total_tokens", in + out);
    return response;
  }

  private static ObjectNode message() {
    ObjectNode message = Json.object().put("id", GeneratedIds.id("msg_")).put("type", "message");
    message.put("status", "in_progress").put("role", "assistant").putArray("content");
    return message;
  }

  private static ObjectNode textPart(String text) {
    ObjectNode part = Json.object().put("type", "output_text").put("text", text);
    part.putArray("annotations");
    part.putArray("logprobs");
    return part;
  }

  private static ObjectNode functionCall(String id, String name) {
    ObjectNode call = Json.object().put("id", GeneratedIds.id("fc_")).put("type", "function_call");
    call.put("status", "in_progress").put("call_id", id).put("name", name);
    return call.put("arguments", "");
  }

  @Override
  void begin() {
    responseId = GeneratedIds.idUnless(id(), ID);
    for (String name : new String[] {"response.created", "response.in_progress"}) {
      ObjectNode event = event(name);
      event.set("response", response(responseId, model(), created()));
      say(event);
    }
  }

  @Override
  public void text(String text) {
    if (item == null || isCall()) {
      shut();
      open(message());
      ObjectNode event = partEvent("response.content_part.added");
      event.set("part", textPart(""));
      say(event);
    }
    said.append(text);
    ObjectNode event = partEvent("response.output_text.delta").put("delta", text);
    event.putArray("logprobs");
    say(event);
  }

  @Override
  public void call(String id, String name) {
    shut();
    open(functionCall(id, name));
  }

  @Override
  public void arguments(String fragment) {
    said.append(fragment);
    say(itemEvent("response.function_call_arguments.delta").put("delta", fragment));
  }

  @Override
  void close() {
    shut();
    ObjectNode response = ended(response(responseId, model(), created()), reason(), usage());
    ObjectNode event = event("response." + response.get("status").textValue());
    event.set("response", response);
    say(event);
  }

  private boolean isCall() {
    return item.get("type").textValue().equals("function_call");
  }

  private void open(ObjectNode begun) {
    item = begun;
    ObjectNode event = event("response.output_item.added").put("output_index", output.size());
    event.set("item", item.deepCopy());
    say(event);
  }

  private void shut() {
    if (item == null) {
      return;
    }
    if (isCall()) {
      shutCall();
    } else {
      shutMessage();
    }
    item.put("status", "completed");
    ObjectNode event = event("response.output_item.done").put("output_index", output.size());
    event.set("item", item);
    say(event);
    output.add(item);
    item = null;
    said.setLength(0);
  }

  /** Clients parse the arguments, also of a function that takes none. */
  private void shutCall() {
    if (said.isEmpty()) {
      arguments("{}");
    }
    item.put("arguments", said.toString());
    ObjectNode done = itemEvent("response.function_call_arguments.done");
    done.put("name", item.get("name").textValue());
    say(done.put("arguments", said.toString()));
  }

  private void shutMessage() {
    ObjectNode part = textPart(said.toString());
    ObjectNode text = partEvent("response.output_text.done").put("text", said.toString());
    text.putArray("logprobs");
    say(text);
    ObjectNode done = partEvent("response.content_part.done");
    done.set("part", part);
    say(done);
    item.withArray("content").add(part);
  }

  private ObjectNode event(String type) {
    return Json.object().put("type", type).put("sequence_number", sequence++);
  }

  private ObjectNode itemEvent(String type) {
    ObjectNode event = event(type).put("item_id", item.get("id").textValue());
    return event.put("output_index", output.size());
  }

  private ObjectNode partEvent(String type) {
    return itemEvent(type).put("content_index", 0);
  }

  private void say(ObjectNode event) {
    event(event.get("type").textValue(), event.toString());
  }

  @Override
  String streamType() {
    return "text/event-stream; charset=utf-8";
  }
}
