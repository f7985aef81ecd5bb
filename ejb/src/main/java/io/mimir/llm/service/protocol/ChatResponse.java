package io.mimir.llm.service.protocol;

import io.mimir.llm.StopReason;
import io.mimir.llm.TokenUsage;
import io.mimir.llm.service.protocol.ChatRequest.Part;
import io.mimir.llm.service.protocol.ChatRequest.Text;
import io.mimir.llm.service.protocol.ChatRequest.Thought;
import io.mimir.llm.service.protocol.ChatRequest.ToolCall;
import java.util.ArrayList;
import java.util.List;

/** A whole answer, in no protocol's words. */
final class ChatResponse implements ResponseSink {

  private final List<Part> parts = new ArrayList<>();
  private final StringBuilder open = new StringBuilder();
  private String openId;
  private String openName;
  private boolean thinking;

  private String id;
  private String model;
  private long created;
  private StopReason reason = StopReason.END;
  private String sequence;
  private TokenUsage usage = TokenUsage.UNKNOWN;

  @Override
  public void start(String id, String model, long created) {
    this.id = id;
    this.model = model;
    this.created = created;
  }

  @Override
  public void text(String text) {
    if (openName != null || thinking) {
      close();
    }
    open.append(text);
  }

  @Override
  public void thought(String text) {
    if (!thinking) {
      close();
      thinking = true;
    }
    open.append(text);
  }

  @Override
  public void thoughtEnd(String handle) {
    if (!thinking) {
      close();
    }
    if (thinking || handle != null) {
      parts.add(new Thought("", open.toString(), handle));
    }
    thinking = false;
    open.setLength(0);
  }

  @Override
  public void call(String id, String name) {
    close();
    openId = id;
    openName = name;
  }

  @Override
  public void arguments(String fragment) {
    open.append(fragment);
  }

  @Override
  public void stop(StopReason reason, String sequence) {
    this.reason = reason;
    this.sequence = sequence;
  }

  @Override
  public void usage(TokenUsage usage) {
    this.usage = usage;
  }

  private void close() {
    if (openName != null) {
      parts.add(new ToolCall(openId, openName, open.isEmpty() ? "{}" : open.toString()));
    } else if (thinking) {
      parts.add(new Thought("", open.toString(), null));
    } else if (!open.isEmpty()) {
      parts.add(new Text(open.toString()));
    }
    openName = null;
    thinking = false;
    open.setLength(0);
  }

  /** Texts, thoughts and calls of tools, in order. */
  List<Part> parts() {
    close();
    return parts;
  }

  /** All texts as one. */
  String text() {
    StringBuilder all = new StringBuilder();
    for (Part part : parts()) {
      all.append(part instanceof Text text ? text.text() : "");
    }
    return all.toString();
  }

  /** The thoughts alone, in order. */
  List<Thought> thoughts() {
    List<Thought> thoughts = new ArrayList<>();
    for (Part part : parts()) {
      if (part instanceof Thought thought) {
        thoughts.add(thought);
      }
    }
    return thoughts;
  }

  /** The calls alone, in order. */
  List<ToolCall> calls() {
    List<ToolCall> calls = new ArrayList<>();
    for (Part part : parts()) {
      if (part instanceof ToolCall call) {
        calls.add(call);
      }
    }
    return calls;
  }

  String id() {
    return id;
  }

  String model() {
    return model;
  }

  long created() {
    return created;
  }

  StopReason reason() {
    return reason;
  }

  String sequence() {
    return sequence;
  }

  TokenUsage usage() {
    return usage;
  }
}
