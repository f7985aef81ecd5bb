package io.mimir.chat.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimir.chat.service.Answer;
import io.mimir.chat.service.Answering;
import io.mimir.error.ProblemException;
import io.mimir.id.CurrentRequest;
import io.mimir.web.Json;
import io.mimir.web.ProblemDetail;
import io.mimir.web.ProblemMapper;
import io.mimir.web.payara.ClientDisconnects;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Brings one answer to one client, whole or as server-sent events. The provider's thread leaves its
 * text here and goes; a thread of the server writes it. A reader that is slower than the provider
 * gets several pieces as one; one that does not read at all ends the call.
 */
final class Delivery implements StreamingOutput {

  /** How long a stream is silent before it is checked that somebody still listens. */
  private static final long SILENCE_MS = 600;

  /** Characters that may wait for a reader. */
  private static final int MOST_WAITING = 1 << 20;

  private final AsyncResponse response;
  private final String requestId;
  private final Executor executor;
  private final boolean streamed;

  private final StringBuilder waiting = new StringBuilder();
  private Answering answering;
  private ClientDisconnects.Watch watch;
  private boolean started;
  private boolean gone;
  private Answer answer;
  private Throwable failure;

  Delivery(AsyncResponse response, String requestId, Executor executor, boolean streamed) {
    this.response = response;
    this.requestId = requestId;
    this.executor = executor;
    this.streamed = streamed;
  }

  /** Text from the provider, on its thread. */
  void heard(String text) {
    boolean first;
    synchronized (this) {
      if (gone || !streamed) {
        return;
      }
      waiting.append(text);
      notifyAll();
      first = !started;
      started = true;
    }
    if (isOverflowing()) {
      clientGone();
    } else if (first) {
      start();
    }
  }

  private void start() {
    try {
      executor.execute(CurrentRequest.carried(this::open));
    } catch (RejectedExecutionException e) {
      // The server is stopping, and the connection ends with it.
      clientGone();
    }
  }

  private synchronized boolean isOverflowing() {
    return waiting.length() > MOST_WAITING;
  }

  void follow(Answering begun, ClientDisconnects.Watch begunWatch) {
    boolean alreadyGone;
    synchronized (this) {
      answering = begun;
      watch = begunWatch;
      alreadyGone = gone;
    }
    if (alreadyGone) {
      begun.cancel();
    }
    begun.answer().whenComplete(this::ended);
  }

  /** The answer is stored, or there is none; on a thread that may block. */
  private void ended(Answer stored, Throwable thrown) {
    watch.end();
    boolean streaming;
    synchronized (this) {
      answer = stored;
      failure = thrown instanceof CompletionException ? thrown.getCause() : thrown;
      streaming = started;
      started = true;
      notifyAll();
    }
    if (streaming) {
      return;
    }
    if (isGone()) {
      response.cancel();
    } else if (failure != null) {
      ProblemException problem = ProblemMapper.problemOf(failure);
      response.resume(
          ProblemDetail.of(problem, requestId).response(problem.retryAfter().orElse(null)));
    } else if (streamed) {
      open();
    } else {
      response.resume(Response.ok(AnswerView.of(answer), MediaType.APPLICATION_JSON_TYPE).build());
    }
  }

  private void open() {
    response.resume(
        Response.ok(this)
            .type(MediaType.SERVER_SENT_EVENTS_TYPE.withCharset("utf-8"))
            .header("X-Accel-Buffering", "no")
            .build());
  }

  /** Nobody waits any more. */
  void clientGone() {
    Answering begun;
    synchronized (this) {
      gone = true;
      waiting.setLength(0);
      notifyAll();
      begun = answering;
    }
    if (begun != null) {
      begun.cancel();
    }
  }

  synchronized boolean isGone() {
    return gone;
  }

  @Override
  public void write(OutputStream out) throws IOException {
    try {
      while (writeNext(out)) {
        out.flush();
      }
      out.flush();
    } catch (IOException e) {
      clientGone();
    }
  }

  /**
   * @return whether more will come
   */
  private boolean writeNext(OutputStream out) throws IOException {
    String text;
    boolean over;
    synchronized (this) {
      awaitNews();
      if (gone) {
        return false;
      }
      text = waiting.toString();
      waiting.setLength(0);
      over = answer != null || failure != null;
    }
    if (!text.isEmpty()) {
      event(out, "delta", new Delta(text));
    } else if (!over) {
      out.write(": ping\n\n".getBytes(UTF_8));
    }
    if (over && failure != null) {
      event(out, "error", ProblemDetail.of(ProblemMapper.problemOf(failure), requestId));
    } else if (over) {
      event(out, "done", AnswerView.of(answer));
    }
    return !over;
  }

  private void awaitNews() {
    if (waiting.isEmpty() && answer == null && failure == null && !gone) {
      try {
        wait(SILENCE_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        gone = true;
      }
    }
  }

  private record Delta(String text) {}

  private static void event(OutputStream out, String name, Object data) throws IOException {
    out.write(("event: " + name + "\ndata: ").getBytes(UTF_8));
    out.write(Json.write(data));
    out.write("\n\n".getBytes(UTF_8));
  }
}
