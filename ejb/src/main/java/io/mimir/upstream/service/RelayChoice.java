package io.mimir.upstream.service;

import io.mimir.llm.WireProtocol;
import java.util.Locale;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpResponse;

/**
 * How an answer gets to the target: its status and media type tell, and where they do not, its
 * first byte. Some servers give streams the type of whole answers, and some answer with a page.
 */
final class RelayChoice {

  private final UpstreamAttempt attempt;
  private final HttpResponse head;
  private final String type;

  RelayChoice(UpstreamAttempt attempt, HttpResponse head) {
    this.attempt = attempt;
    this.head = head;
    Header header = head.getFirstHeader("Content-Type");
    this.type = header == null ? "application/json" : header.getValue();
  }

  /** The media type that the provider gave. */
  String type() {
    return type;
  }

  /** Chooses by status and media type; null where the first byte is needed. */
  ResponseRelay byHead() {
    String lower = type.toLowerCase(Locale.ROOT);
    if (head.getCode() < 200 || head.getCode() > 299 || lower.startsWith("text/html")) {
      return new ErrorRelay(head);
    }
    if (lower.startsWith("text/event-stream")) {
      return stream(false);
    }
    if (lower.startsWith("application/x-ndjson")) {
      return stream(true);
    }
    return attempt.spec().json() ? null : new WholeRelay(attempt);
  }

  /**
   * Chooses by the first byte that is no white space.
   *
   * @param first of a successful answer
   */
  ResponseRelay byFirst(byte first) {
    boolean object = first == '{' || first == '[';
    boolean streamed = attempt.spec().streamed();
    WireProtocol protocol = attempt.request().protocol();
    if (object && streamed && protocol != null && protocol.hasLines()) {
      return stream(true);
    }
    if (!object && streamed && (Character.isLetter(first) || first == ':')) {
      return stream(false);
    }
    return first == '<' ? new ErrorRelay(head) : new WholeRelay(attempt);
  }

  private ResponseRelay stream(boolean lines) {
    UpstreamRequest request = attempt.request();
    if (request.translation() != null) {
      return new TranslatedRelay(attempt, lines);
    }
    StreamTap tap =
        new StreamTap(
            request.protocol(),
            lines,
            request.usageAsked(),
            attempt.usage(),
            text -> attempt.secrets().areIn(text));
    return new PassThroughRelay(attempt, tap, lines ? type : "text/event-stream;charset=utf-8");
  }
}
