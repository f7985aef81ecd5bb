package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.Part;
import io.mimir.llm.service.protocol.ChatRequest.Text;
import io.mimir.llm.service.protocol.ChatRequest.Thought;
import io.mimir.llm.service.protocol.ChatRequest.ToolCall;
import java.io.IOException;

/** Hands an answer to a listener within this server; nothing is written. */
final class ListenerWriter extends ResponseWriter {

  private final ChatListener listener;
  private final StringBuilder arguments = new StringBuilder();
  private String callId;
  private String callName;

  ListenerWriter(ChatListener listener) {
    this.listener = listener;
  }

  @Override
  ObjectNode whole(ChatResponse response) throws IOException {
    listener.started(response.model());
    for (Part part : response.parts()) {
      if (part instanceof Text text) {
        listener.text(text.text());
      } else if (part instanceof Thought thought && !thought.text().isEmpty()) {
        listener.thinking(thought.text());
      } else if (part instanceof ToolCall call) {
        listener.toolCall(call.id(), call.name(), call.arguments());
      }
    }
    listener.ended(response.reason(), response.usage());
    return null;
  }

  @Override
  void begin() throws IOException {
    listener.started(model());
  }

  @Override
  public void text(String text) throws IOException {
    finishCall();
    listener.text(text);
  }

  @Override
  public void thought(String text) throws IOException {
    finishCall();
    listener.thinking(text);
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

  private void finishCall() throws IOException {
    if (callName != null) {
      listener.toolCall(callId, callName, arguments.isEmpty() ? "{}" : arguments.toString());
    }
    callName = null;
    arguments.setLength(0);
  }

  @Override
  void close() throws IOException {
    finishCall();
    listener.ended(reason(), usage());
  }

  @Override
  String streamType() {
    return "text/event-stream";
  }
}
