package io.mimir.gateway.web;

import static java.lang.System.Logger.Level.DEBUG;

import io.mimir.gateway.service.ClientProtocol;
import io.mimir.gateway.service.ErrorResponse;
import io.mimir.upstream.service.CallFailure;
import io.mimir.upstream.service.ResponseTarget;
import io.mimir.web.payara.AsyncThreadLocals;
import io.mimir.web.payara.ClientDisconnects;
import io.mimir.web.payara.DirectWrites;
import io.mimir.web.payara.SpareRequests;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * Writes an answer to a client of the gateway without ever waiting for it. A whole answer fits the
 * connection's buffer and is written by the thread that has it. A stream is written by the thread
 * that reads from the provider for as long as the client takes it; when it does not, the provider
 * is held back, and the server's own threads write the rest as there is room.
 */
public final class ServletResponseTarget implements ResponseTarget, WriteListener {

  private static final System.Logger LOG = System.getLogger(ServletResponseTarget.class.getName());

  /** What a connection takes in one go, whatever its client does. */
  private static final int MOST_AT_ONCE = 64 * 1024;

  /** What may wait for a slow client before the provider is held back, in bytes. */
  private static final int MOST_WAITING = 256 * 1024;

  private static final int FEW_WAITING = 64 * 1024;

  /** What a client may leave unread before it is taken for gone. */
  private static final long LONGEST_STALL = Duration.ofSeconds(60).toNanos();

  private final AsyncContext context;
  private final HttpServletResponse response;
  private final ClientProtocol protocol;
  private final String requestId;
  private final OptionalInt limit;
  private final Supplier<OptionalInt> remaining;
  private final CallsInFlight flights;
  private final CallTime time;

  private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
  private int waitingBytes;
  private ServletOutputStream out;
  private boolean listening;
  private boolean lastPiece;
  private boolean completed;
  private boolean paused;
  private long lastProgress;
  private volatile CallControl upstream;
  private volatile boolean gone;
  private volatile ClientDisconnects.Watch watch;

  /**
   * @param limit the caller's own requests per minute, if there is a limit
   * @param flights told when the answer has been written, or never will be
   * @param time told the same
   */
  ServletResponseTarget(
      AsyncContext context,
      ClientProtocol protocol,
      String requestId,
      OptionalInt limit,
      Supplier<OptionalInt> remaining,
      CallsInFlight flights,
      CallTime time) {
    this.context = context;
    this.response = (HttpServletResponse) context.getResponse();
    this.protocol = protocol;
    this.requestId = requestId;
    this.limit = limit;
    this.remaining = remaining;
    this.flights = flights;
    this.time = time;
  }

  @Override
  public void follow(CallControl call) {
    upstream = call;
    if (gone) {
      call.cancel();
    }
  }

  /** Looks after the connection from now on: the answer is taking its time. */
  void watch(ClientDisconnects departures) {
    synchronized (this) {
      if (!completed && watch == null) {
        watch = departures.watch(context.getRequest(), this::left);
      }
    }
  }

  /** Ends a call whose client has not read for a minute. */
  void checkStall(long now) {
    boolean stalled;
    synchronized (this) {
      stalled = !waiting.isEmpty() && !completed && now - lastProgress > LONGEST_STALL;
    }
    if (stalled) {
      left();
    }
  }

  @Override
  public void answer(int status, String type, Map<String, String> headers, byte[] body) {
    synchronized (this) {
      if (completed) {
        return;
      }
      head(status, type, headers);
      response.setContentLength(body.length);
      if (body.length <= MOST_AT_ONCE) {
        send(body);
        return;
      }
      begin();
      lastProgress = System.nanoTime();
      waiting.addLast(body);
      waitingBytes = body.length;
      lastPiece = true;
      // The server may have said within begin() that there is room: it does not say it twice.
      drain();
    }
  }

  @Override
  public void fail(CallFailure failure) {
    ErrorResponse error = ErrorResponse.of(protocol, failure);
    synchronized (this) {
      if (out == null) {
        refuse(error);
        return;
      }
    }
    write(ByteBuffer.wrap(error.event(requestId)));
    close();
  }

  /** Ends the call without an answer. */
  void refuse(ErrorResponse refusal) {
    synchronized (this) {
      if (completed) {
        return;
      }
      ErrorResponseWriter.head(response, refusal, requestId);
      limits();
      byte[] body = refusal.body(requestId);
      response.setContentLength(body.length);
      send(body);
    }
  }

  private void send(byte[] body) {
    try {
      endWatch();
      DirectWrites.begin(context.getRequest());
      response.getOutputStream().write(body);
    } catch (IOException e) {
      LOG.log(DEBUG, "The client left before its answer");
    }
    complete();
  }

  private void head(int status, String type, Map<String, String> headers) {
    response.setStatus(status);
    response.setContentType(type);
    headers.forEach(response::setHeader);
    ErrorResponseWriter.requestId(response, requestId);
    limits();
  }

  private void limits() {
    if (limit.isPresent()) {
      response.setHeader("x-ratelimit-limit-requests", String.valueOf(limit.getAsInt()));
      remaining
          .get()
          .ifPresent(
              left -> response.setHeader("x-ratelimit-remaining-requests", String.valueOf(left)));
    }
  }

  @Override
  public void open(int status, String type, Map<String, String> headers) {
    synchronized (this) {
      if (completed) {
        return;
      }
      head(status, type, headers);
      response.setHeader("X-Accel-Buffering", "no");
      begin();
    }
  }

  private void begin() {
    try {
      DirectWrites.begin(context.getRequest());
      out = response.getOutputStream();
      out.setWriteListener(this);
    } catch (IOException e) {
      left();
    }
  }

  @Override
  public void write(ByteBuffer piece) {
    byte[] bytes = new byte[piece.remaining()];
    piece.get(bytes);
    synchronized (this) {
      if (completed || gone || bytes.length == 0) {
        return;
      }
      if (waiting.isEmpty()) {
        lastProgress = System.nanoTime();
      }
      waiting.addLast(bytes);
      waitingBytes += bytes.length;
      drain();
      if (waitingBytes > MOST_WAITING && !paused) {
        // Within the lock, like its end: a pause that came after that would last for ever.
        paused = true;
        upstream.pause();
      }
    }
  }

  @Override
  public void keepAlive() {
    byte[] comment = protocol.keepAlive();
    if (comment.length > 0) {
      write(ByteBuffer.wrap(comment));
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      lastPiece = true;
      drain();
    }
  }

  @Override
  public void cut() {
    synchronized (this) {
      waiting.clear();
      waitingBytes = 0;
      if (completed) {
        return;
      }
      endWatch();
      // Less than was announced, or a chunk that never comes: the client sees that it is not whole.
      flights.cut(context.getRequest());
      complete();
    }
  }

  @Override
  public void onWritePossible() {
    synchronized (this) {
      listening = true;
      drain();
      if (paused && waitingBytes < FEW_WAITING && !completed) {
        paused = false;
        upstream.resume();
      }
    }
  }

  @Override
  public void onError(Throwable cause) {
    left();
  }

  /** Writes what the connection takes; called again when it takes more. */
  private void drain() {
    if (!listening || completed) {
      return;
    }
    try {
      while (!waiting.isEmpty() && out.isReady()) {
        byte[] next = waiting.pollFirst();
        waitingBytes -= next.length;
        out.write(next);
        lastProgress = System.nanoTime();
        if (waiting.isEmpty() && out.isReady()) {
          out.flush();
        }
      }
      if (waiting.isEmpty() && lastPiece && out.isReady()) {
        endWatch();
        complete();
      }
    } catch (IOException | IllegalStateException e) {
      left();
    }
  }

  /** The client has gone away: nothing more is asked for on its behalf. */
  void left() {
    CallControl call;
    synchronized (this) {
      if (completed) {
        return;
      }
      gone = true;
      waiting.clear();
      waitingBytes = 0;
      call = upstream;
      endWatch();
      complete();
    }
    if (call != null) {
      call.cancel();
    }
  }

  private void endWatch() {
    ClientDisconnects.Watch begun = watch;
    if (begun != null) {
      begun.end();
    }
  }

  private void complete() {
    completed = true;
    time.answered(response.getStatus());
    flights.end(this);
    try {
      context.complete();
      AsyncThreadLocals.forget(context);
      SpareRequests.collect();
    } catch (IllegalStateException e) {
      LOG.log(DEBUG, "The request was over already");
    }
  }
}
