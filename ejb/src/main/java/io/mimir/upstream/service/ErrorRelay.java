package io.mimir.upstream.service;

import io.mimir.llm.CallOutcome;
import io.mimir.llm.LlmException;
import io.mimir.llm.service.Failures;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.util.ByteArrayBuffer;

/** Collects a refusal: nothing of it reaches the target by itself. */
final class ErrorRelay extends ResponseRelay {

  private static final int MAX_REFUSAL_BYTES = 64 * 1024;

  private final HttpResponse head;
  private final ByteArrayBuffer held = new ByteArrayBuffer(512);

  ErrorRelay(HttpResponse head) {
    this.head = head;
  }

  @Override
  void data(ByteBuffer piece) {
    int limit = piece.limit();
    int room = MAX_REFUSAL_BYTES - held.length();
    piece.limit(piece.position() + Math.min(piece.remaining(), room));
    held.append(piece);
    piece.limit(limit).position(limit);
  }

  @Override
  boolean end() throws LlmException {
    int code = head.getCode();
    if (code >= 200 && code < 300) {
      throw new LlmException(CallOutcome.NOT_LLM_API, "What answers at the endpoint is no LLM API");
    }
    throw Failures.ofStatus(head, text());
  }

  /** Whether the provider says that it does not know the model: it has the address then. */
  boolean isAboutModel() {
    return Failures.isAboutModel(text());
  }

  private String text() {
    return new String(held.array(), 0, held.length(), StandardCharsets.UTF_8);
  }

  byte[] body() {
    return held.array();
  }

  int length() {
    return held.length();
  }
}
