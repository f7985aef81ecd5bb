package io.mimir.llm.service;

import io.mimir.llm.CallOutcome;
import io.mimir.llm.LineReader;
import io.mimir.llm.LlmException;
import io.mimir.llm.Reply;
import io.mimir.llm.SseReader;
import io.mimir.net.service.ResponseHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpResponse;

/** One question and its answer, from the first byte to the last. */
final class Asking implements ResponseHandler, Exchange {

  private static final int LARGEST_WHOLE = 10 * 1024 * 1024;
  private static final int LARGEST_EVENT = 64 * 1024;
  private static final int LARGEST_REFUSAL = 64 * 1024;

  private final Protocol.Reading reading;
  private final String askedModel;
  private final Consumer<String> onText;
  private Supplier<Future<?>> plainer;
  private final CompletableFuture<Reply> reply = new CompletableFuture<>();
  private final StringBuilder text = new StringBuilder();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private final SseReader events = new SseReader(LARGEST_EVENT);
  private final LineReader lines = new LineReader(LARGEST_EVENT);

  private volatile Future<?> call;
  private volatile boolean cancelled;
  private HttpResponse head;
  private Form form = Form.WHOLE;

  private enum Form {
    WHOLE,
    EVENTS,
    LINES,
    REFUSAL
  }

  /**
   * @param onText null for a whole answer
   */
  Asking(Protocol.Reading reading, String askedModel, Consumer<String> onText) {
    this.reading = reading;
    this.askedModel = askedModel;
    this.onText = onText;
  }

  /**
   * @param second sends the question once more, without what an endpoint may not know, should the
   *     first be refused as malformed
   */
  void orElse(Supplier<Future<?>> second) {
    plainer = second;
  }

  /** Connects this with the call, so that it can be cancelled. */
  void sentAs(Future<?> sent) {
    call = sent;
    if (cancelled) {
      sent.cancel(true);
    }
  }

  @Override
  public CompletableFuture<Reply> reply() {
    return reply;
  }

  @Override
  public void cancel() {
    fail(new LlmException(CallOutcome.UPSTREAM_ERROR, "The call was cancelled"));
  }

  /** Ends the call with this failure, unless it has ended. */
  void fail(LlmException failure) {
    reply.completeExceptionally(failure);
    cancelled = true;
    Future<?> sent = call;
    if (sent != null) {
      sent.cancel(true);
    }
  }

  @Override
  public void head(HttpResponse response) {
    head = response;
    Header header = response.getFirstHeader("Content-Type");
    String type = header == null ? "" : header.getValue().toLowerCase(Locale.ROOT);
    if (response.getCode() < 200 || response.getCode() > 299) {
      form = Form.REFUSAL;
    } else if (type.startsWith("text/event-stream")) {
      form = Form.EVENTS;
    } else if (type.startsWith("application/x-ndjson")) {
      form = Form.LINES;
    } else if (type.startsWith("text/html")) {
      fail(Answers.notLlmApi());
    }
  }

  @Override
  public void data(ByteBuffer piece) throws IOException {
    if (reply.isDone()) {
      throw new IOException("Nobody waits any more");
    }
    try {
      take(piece);
    } catch (LlmException e) {
      fail(e);
      throw new IOException("The answer was given up");
    }
  }

  private void take(ByteBuffer piece) throws LlmException {
    switch (form) {
      case EVENTS -> {
        for (SseReader.Event event : events.feed(piece)) {
          say(reading.part(event.name(), event.data()));
        }
      }
      case LINES -> {
        for (String line : lines.feed(piece)) {
          if (!line.isBlank()) {
            say(reading.part(null, line));
          }
        }
      }
      case WHOLE, REFUSAL -> collect(piece);
    }
  }

  private void collect(ByteBuffer piece) throws LlmException {
    int room = (form == Form.WHOLE ? LARGEST_WHOLE : LARGEST_REFUSAL) - body.size();
    if (piece.remaining() > room) {
      throw form == Form.WHOLE
          ? new LlmException(CallOutcome.NOT_LLM_API, "The endpoint's answer is larger than 10 MiB")
          : Failures.ofStatus(head, "");
    }
    byte[] bytes = new byte[piece.remaining()];
    piece.get(bytes);
    body.writeBytes(bytes);
  }

  private void say(String part) throws LlmException {
    if (part.isEmpty()) {
      return;
    }
    if (text.length() + part.length() > LARGEST_WHOLE) {
      throw new LlmException(
          CallOutcome.NOT_LLM_API, "The endpoint's answer is larger than 10 MiB");
    }
    text.append(part);
    if (onText != null) {
      onText.accept(part);
    }
  }

  @Override
  public void end() {
    try {
      complete();
    } catch (LlmException e) {
      reply.completeExceptionally(e);
    }
  }

  private void complete() throws LlmException {
    String whole = body.toString(StandardCharsets.UTF_8);
    switch (form) {
      case REFUSAL -> {
        if (plainer == null || (head.getCode() != 400 && head.getCode() != 422)) {
          throw Failures.ofStatus(head, whole);
        }
        askAgain();
        return;
      }
      case WHOLE -> say(reading.whole(whole));
      case LINES -> {
        String rest = lines.rest();
        if (!rest.isBlank()) {
          say(reading.part(null, rest));
        }
        requireEnd();
      }
      case EVENTS -> requireEnd();
    }
    String named = reading.model();
    String model = named != null && Answers.isModelName(named) ? named : askedModel;
    reply.complete(
        new Reply(
            text.toString(),
            model,
            new Reply.Usage(reading.inputTokens(), reading.outputTokens())));
  }

  private void askAgain() {
    Supplier<Future<?>> second = plainer;
    plainer = null;
    body.reset();
    form = Form.WHOLE;
    sentAs(second.get());
  }

  private void requireEnd() throws LlmException {
    if (!reading.isComplete()) {
      throw new LlmException(
          CallOutcome.UPSTREAM_ERROR, "The provider broke off before its answer was complete");
    }
  }

  @Override
  public void failed(Exception cause) {
    reply.completeExceptionally(Failures.ofTransport(cause));
  }
}
