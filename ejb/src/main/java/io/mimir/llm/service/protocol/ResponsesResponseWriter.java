package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.Part;
import io.mimir.llm.service.protocol.ClientTools.ClientTool;
import io.mimir.llm.service.protocol.ClientTools.Kind;
import java.io.IOException;
import java.time.Instant;

/**
 * Answers in OpenAI's responses and their typed events. Calls are told as the client knows its
 * tools: with their namespaces, and with an input or an action where they have no arguments.
 */
final class ResponsesResponseWriter extends ResponseWriter {

  private static final String ID = "resp_";

  private enum Open {
    NONE,
    MESSAGE,
    REASONING,
    CALL
  }

  private final ChatRequest request;
  private final ArrayNode output = Json.MAPPER.createArrayNode();
  private final StringBuilder said = new StringBuilder();

  private Open open = Open.NONE;

  /** What has begun and not ended; null also for a call that is told when it is complete. */
  private ObjectNode item;

  private ClientTool tool;
  private String callId;
  private String responseId;
  private int sequence;

  ResponsesResponseWriter(ChatRequest request) {
    this.request = request;
  }

  @Override
  ObjectNode whole(ChatResponse answer) throws IOException {
    String cut = ResponsesObject.whyCut(answer.reason());
    for (Part part : answer.parts()) {
      ObjectNode made = ResponsesItems.of(part, request, cut != null);
      if (made != null) {
        output.add(made);
      }
    }
    for (int i = 0; i < output.size(); i++) {
      end((ObjectNode) output.get(i), cut != null && i == output.size() - 1);
    }
    long created = answer.created() < 0 ? Instant.now().getEpochSecond() : answer.created();
    return ResponsesObject.ended(
        response(GeneratedIds.idUnless(answer.id(), ID), answer.model(), created),
        cut,
        answer.usage());
  }

  /** Only the last item can have been cut. Reasoning has no status. */
  private void end(ObjectNode ended, boolean cut) {
    if (!ended.path("type").asText().equals("reasoning")) {
      ended.put(ResponsesItems.STATUS, cut ? "incomplete" : "completed");
    }
    if (request.referringAccount != null) {
      RecentItems.SHARED.keep(request.referringAccount, ended);
    }
  }

  private ObjectNode response(String id, String model, long created) {
    return ResponsesObject.begun(request.echo, id, model, created, output);
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
  public void text(String text) throws IOException {
    if (open != Open.MESSAGE) {
      open(Open.MESSAGE, ResponsesItems.message());
      part("response.content_part.added", ResponsesItems.textPart(""));
    }
    said.append(text);
    ObjectNode event = partEvent("response.output_text.delta").put("delta", text);
    event.putArray("logprobs");
    say(event);
  }

  @Override
  public void thought(String text) throws IOException {
    if (!request.thoughtsShown) {
      return;
    }
    if (open != Open.REASONING) {
      open(Open.REASONING, ResponsesItems.reasoning());
      part("response.reasoning_summary_part.added", ResponsesItems.summaryPart(""));
    }
    said.append(text);
    say(partEvent("response.reasoning_summary_text.delta").put("delta", text));
  }

  @Override
  public void thoughtEnd(String handle) throws IOException {
    if (open != Open.REASONING) {
      if (handle == null) {
        return;
      }
      open(Open.REASONING, ResponsesItems.reasoning());
    }
    item.put("encrypted_content", handle);
    shut(false);
  }

  @Override
  public void call(String id, String name) throws IOException {
    ClientTool called = request.clientTools.of(name);
    boolean pieces = called.kind() == Kind.FUNCTION || called.kind() == Kind.CUSTOM;
    if (pieces) {
      open(Open.CALL, ResponsesItems.call(called, id));
    } else {
      shut(false);
      open = Open.CALL;
    }
    tool = called;
    callId = id;
  }

  @Override
  public void arguments(String fragment) throws IOException {
    if (open != Open.CALL) {
      throw ResponseReader.foreign();
    }
    said.append(fragment);
    if (tool.kind() == Kind.FUNCTION) {
      say(itemEvent("response.function_call_arguments.delta").put("delta", fragment));
    }
  }

  @Override
  void close() throws IOException {
    String cut = ResponsesObject.whyCut(reason());
    shut(cut != null);
    ObjectNode response =
        ResponsesObject.ended(response(responseId, model(), created()), cut, usage());
    ObjectNode event = event("response." + response.get(ResponsesItems.STATUS).textValue());
    event.set("response", response);
    say(event);
  }

  /** Agents wait for this event, and take a stream without it for one to be asked again. */
  @Override
  void fail(String code, String message) {
    if (responseId == null) {
      return;
    }
    ObjectNode response = response(responseId, model(), created());
    response.put(ResponsesItems.STATUS, "failed");
    response.putObject("error").put("code", code).put("message", message);
    ObjectNode event = event("response.failed");
    event.set("response", response);
    say(event);
  }

  private void open(Open kind, ObjectNode begun) throws IOException {
    shut(false);
    open = kind;
    begin(begun);
  }

  private void begin(ObjectNode begun) {
    item = begun;
    ObjectNode event = event("response.output_item.added").put("output_index", output.size());
    event.set("item", item);
    say(event);
  }

  private void shut(boolean cut) throws IOException {
    switch (open) {
      case NONE -> {
        return;
      }
      case MESSAGE -> shutMessage();
      case REASONING -> shutReasoning();
      case CALL -> shutCall(cut);
    }
    if (item != null) {
      end(item, cut);
      ObjectNode event = event("response.output_item.done").put("output_index", output.size());
      event.set("item", item);
      say(event);
      output.add(item);
    }
    item = null;
    open = Open.NONE;
    said.setLength(0);
  }

  private void shutMessage() {
    ObjectNode text = partEvent("response.output_text.done").put("text", said.toString());
    text.putArray("logprobs");
    say(text);
    ObjectNode part = ResponsesItems.textPart(said.toString());
    part("response.content_part.done", part);
    item.withArray("content").add(part);
  }

  private void shutReasoning() {
    if (!said.isEmpty()) {
      ObjectNode part = ResponsesItems.summaryPart(said.toString());
      say(partEvent("response.reasoning_summary_text.done").put("text", said.toString()));
      part("response.reasoning_summary_part.done", part);
      item.withArray("summary").add(part);
    }
    if (!item.has("encrypted_content")) {
      item.putNull("encrypted_content");
    }
  }

  /** Clients parse the arguments, also of a function that takes none. */
  private void shutCall(boolean cut) throws IOException {
    if (said.isEmpty() && !cut) {
      arguments("{}");
    }
    String all = said.toString();
    switch (tool.kind()) {
      case FUNCTION -> {
        item.put("arguments", all);
        ObjectNode done = itemEvent("response.function_call_arguments.done");
        say(done.put("name", tool.name()).put("arguments", all));
      }
      case CUSTOM -> {
        String input = ResponsesItems.input(all);
        item.put("input", input);
        say(itemEvent("response.custom_tool_call_input.delta").put("delta", input));
        say(itemEvent("response.custom_tool_call_input.done").put("input", input));
      }
      default -> {
        // Half of an action is none.
        if (!cut || Json.objectIn(all) != null) {
          ObjectNode whole = ResponsesItems.shaped(tool, callId, all);
          begin(whole.put(ResponsesItems.STATUS, ResponsesItems.IN_PROGRESS));
        }
      }
    }
  }

  private ObjectNode event(String type) {
    return Json.object().put("type", type).put("sequence_number", sequence++);
  }

  private ObjectNode itemEvent(String type) {
    ObjectNode event = event(type).put("item_id", item.get("id").textValue());
    return event.put("output_index", output.size());
  }

  /** There is one part in each message, and in each summary. */
  private ObjectNode partEvent(String type) {
    return itemEvent(type).put(open == Open.REASONING ? "summary_index" : "content_index", 0);
  }

  private void part(String type, ObjectNode part) {
    ObjectNode event = partEvent(type);
    event.set("part", part);
    say(event);
  }

  private void say(ObjectNode event) {
    event(event.get("type").textValue(), event.toString());
  }

  @Override
  String streamType() {
    return "text/event-stream; charset=utf-8";
  }
}
