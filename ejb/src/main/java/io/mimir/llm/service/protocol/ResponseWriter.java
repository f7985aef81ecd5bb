package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.StopReason;
import io.mimir.llm.TokenUsage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * Answers a client in its protocol, at once or piece by piece. The end of a stream is said when it
 * is closed, since some providers tell the usage after the reason of the end.
 */
abstract class ResponseWriter implements ResponseSink {

  private final StringBuilder out = new StringBuilder();

  private String id;
  private String model;
  private long created;
  private StopReason reason = StopReason.END;
  private String sequence;
  private TokenUsage usage = TokenUsage.UNKNOWN;

  /** A whole answer; null where there is nothing to be sent. */
  abstract ObjectNode whole(ChatResponse answer) throws IOException;

  /** Begins the stream. */
  abstract void begin() throws IOException;

  /** Ends the stream. */
  abstract void close() throws IOException;

  /** Says that the stream ends without an answer, where the protocol's error does not say it. */
  void fail(String code, String message) {}

  abstract String streamType();

  @Override
  public final void start(String id, String model, long created) throws IOException {
    this.id = id;
    this.model = model;
    this.created = created < 0 ? Instant.now().getEpochSecond() : created;
    begin();
  }

  @Override
  public final void stop(StopReason reason, String sequence) {
    this.reason = reason;
    this.sequence = sequence;
  }

  @Override
  public final void usage(TokenUsage usage) {
    this.usage = usage;
  }

  /** What was written since this was asked last. */
  final byte[] take() {
    byte[] taken = out.toString().getBytes(StandardCharsets.UTF_8);
    out.setLength(0);
    return taken;
  }

  /**
   * @param name null for an event without
   */
  final void event(String name, String data) {
    if (name != null) {
      out.append("event: ").append(name).append('\n');
    }
    out.append("data: ").append(data).append("\n\n");
  }

  final void line(ObjectNode line) {
    out.append(line).append('\n');
  }

  final String id() {
    return id;
  }

  final String model() {
    return model;
  }

  final long created() {
    return created;
  }

  final StopReason reason() {
    return reason;
  }

  final String sequence() {
    return sequence;
  }

  final TokenUsage usage() {
    return usage;
  }
}
