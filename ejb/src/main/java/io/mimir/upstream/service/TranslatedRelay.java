package io.mimir.upstream.service;

import io.mimir.llm.CallOutcome;
import io.mimir.llm.LineReader;
import io.mimir.llm.LlmException;
import io.mimir.llm.SseReader;
import io.mimir.llm.service.Failures;
import io.mimir.llm.service.protocol.JsonExpectedException;
import io.mimir.llm.service.protocol.Translation;
import io.mimir.llm.service.protocol.UpstreamErrorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Translates a stream, event by event or line by line. */
final class TranslatedRelay extends ResponseRelay {

  private static final int MAX_EVENT_BYTES = 4 * 1024 * 1024;

  private final UpstreamAttempt attempt;
  private final Translation translation;
  private final SseReader eventReader;
  private final LineReader lineReader;
  private long events;

  /**
   * @param lines whether each line is one event (NDJSON), and not server-sent events
   */
  TranslatedRelay(UpstreamAttempt attempt, boolean lines) {
    this.attempt = attempt;
    this.translation = attempt.request().translation();
    this.eventReader = lines ? null : new SseReader(MAX_EVENT_BYTES);
    this.lineReader = lines ? new LineReader(MAX_EVENT_BYTES) : null;
  }

  @Override
  void data(ByteBuffer piece) throws LlmException {
    if (lineReader != null) {
      for (String line : lineReader.feed(piece)) {
        take(null, line);
      }
    } else {
      for (SseReader.Event event : eventReader.feed(piece)) {
        take(event.name(), event.data());
      }
    }
  }

  private void take(String name, String data) throws LlmException {
    if (data.isBlank()) {
      return;
    }
    events++;
    byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
    attempt.usage().readText(bytes, 0, bytes.length);
    try {
      write(translation.event(name, data));
    } catch (UpstreamErrorException e) {
      throw Failures.inAnswer(e.status());
    } catch (JsonExpectedException e) {
      throw new LlmException(CallOutcome.UPSTREAM_ERROR, e.getMessage());
    } catch (IOException e) {
      throw new LlmException(CallOutcome.NOT_LLM_API, "The provider does not keep to its protocol");
    }
  }

  private void write(byte[] out) {
    if (out.length > 0 || attempt.hasBegun()) {
      attempt.open(translation.streamType());
    }
    if (out.length > 0) {
      attempt.write(ByteBuffer.wrap(out));
    }
  }

  @Override
  boolean end() throws LlmException {
    if (lineReader != null) {
      take(null, lineReader.rest());
    }
    try {
      write(translation.end());
    } catch (JsonExpectedException e) {
      throw new LlmException(CallOutcome.UPSTREAM_ERROR, e.getMessage());
    } catch (IOException e) {
      throw new LlmException(
          CallOutcome.UPSTREAM_ERROR, "The provider broke off before its answer was complete");
    }
    attempt.open(translation.streamType());
    attempt.close();
    return true;
  }

  @Override
  void fail(CallFailure failure) {
    write(translation.failure("server_error", failure.problem().getMessage()));
  }

  @Override
  boolean isBetweenEvents() {
    return true;
  }

  @Override
  boolean isStream() {
    return true;
  }

  @Override
  long events() {
    return events;
  }
}
