package io.mimir.upstream.service;

import io.mimir.llm.CallOutcome;
import io.mimir.llm.LlmException;
import io.mimir.llm.service.Failures;
import io.mimir.llm.service.protocol.JsonExpectedException;
import io.mimir.llm.service.protocol.UpstreamErrorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.hc.core5.util.ByteArrayBuffer;

/**
 * Holds a whole answer until it is complete, so that it can be judged and translated. One that is
 * too large for that, and passed on as it is, goes on while it comes.
 */
final class WholeRelay extends ResponseRelay {

  private static final int MAX_TRANSLATED_BYTES = 10 * 1024 * 1024;
  private static final int MAX_HELD_BYTES = 256 * 1024;

  private final UpstreamAttempt attempt;

  /** Nearly every answer comes in one piece: then it has just the size of that. */
  private ByteArrayBuffer held = new ByteArrayBuffer(0);

  private boolean spilled;

  WholeRelay(UpstreamAttempt attempt) {
    this.attempt = attempt;
  }

  @Override
  void data(ByteBuffer piece) throws LlmException {
    if (spilled) {
      attempt.write(piece);
      return;
    }
    boolean translated = attempt.request().translation() != null;
    int size = held.length() + piece.remaining();
    if (translated && size > MAX_TRANSLATED_BYTES) {
      throw new LlmException(
          CallOutcome.NOT_LLM_API, "The endpoint's answer is larger than 10 MiB");
    }
    held.append(piece);
    if (!translated && size > MAX_HELD_BYTES) {
      spilled = true;
      attempt.open(attempt.type());
      attempt.write(ByteBuffer.wrap(bytes()));
      // A cleared one would keep its room for as long as the rest takes.
      held = new ByteArrayBuffer(0);
    }
  }

  private byte[] bytes() {
    return held.isFull() ? held.array() : held.toByteArray();
  }

  @Override
  boolean end() throws LlmException {
    if (spilled) {
      attempt.close();
      return true;
    }
    byte[] body = bytes();
    if (attempt.request().translation() == null) {
      judge(body);
      attempt.answer(attempt.type(), body);
    } else {
      attempt.answer("application/json", translated(body));
    }
    return true;
  }

  private void judge(byte[] body) throws LlmException {
    if (attempt.spec().json()) {
      boolean json = attempt.usage().readCounts(body, 0, body.length);
      if (!json) {
        throw notLlmApi();
      }
      if (attempt.usage().hasError()) {
        ErrorInAnswer.throwIfIn(body, 0, body.length);
      }
      if (!attempt.usage().knowsOutput()) {
        attempt.usage().readText(body, 0, body.length);
      }
    }
  }

  private byte[] translated(byte[] body) throws LlmException {
    try {
      byte[] answer = attempt.request().translation().answer(body);
      attempt.usage().readText(body, 0, body.length);
      return answer;
    } catch (UpstreamErrorException e) {
      throw Failures.inAnswer(e.status());
    } catch (JsonExpectedException e) {
      throw new LlmException(CallOutcome.UPSTREAM_ERROR, e.getMessage());
    } catch (IOException e) {
      throw notLlmApi();
    }
  }

  private static LlmException notLlmApi() {
    return new LlmException(
        CallOutcome.NOT_LLM_API, "The endpoint answers, but not as this provider does");
  }

  @Override
  boolean canTellFailure() {
    return !spilled;
  }
}
