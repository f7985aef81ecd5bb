package io.mimir.gateway.web;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.lifecycle.service.Drainable;
import io.mimir.web.payara.ArrivedBody;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that all large request bodies have together, and the time that a body may take. What
 * counts is what has arrived: a client that announces much and sends little takes little.
 */
@ApplicationScoped
public class BodyRoom implements Drainable {

  /** The share of the heap that large bodies may take together: one part of so many. */
  private static final int SHARE_OF_HEAP = 5;

  private static final Duration RETRY = Duration.ofSeconds(2);
  private static final long EVERY_MS = 1000;

  @Resource ManagedScheduledExecutorService scheduler;

  /** How long a body may pause. */
  Duration longestSilence = Duration.ofSeconds(30);

  /** How long a body may take, however steadily it comes: this ends those that come by drops. */
  Duration longestUpload = Duration.ofMinutes(10);

  long capacity = Math.max(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP, BodyReader.MAX_BYTES);

  private final AtomicLong held = new AtomicLong();
  private final Set<BodyReader> awaited = ConcurrentHashMap.newKeySet();
  private volatile ScheduledFuture<?> looking;

  /**
   * Prepares the reading of a body.
   *
   * @throws ProblemException TOO_LARGE when it announces more than a request may have
   */
  public BodyReader reader(HttpServletRequest request) throws IOException {
    return new BodyReader(
        this, request.getInputStream(), request.getContentLengthLong(), arrival(request));
  }

  private static BodyReader.Arrival arrival(HttpServletRequest request) {
    ArrivedBody body = new ArrivedBody(request);
    return new BodyReader.Arrival() {
      @Override
      public boolean isWhole() {
        return body.isWhole();
      }

      @Override
      public boolean isMoreInSocket() {
        return body.isMoreInSocket();
      }
    };
  }

  /**
   * Takes room for bytes that have arrived.
   *
   * @throws ProblemException OVERLOADED when all large bodies together have no more; nothing is
   *     taken then
   */
  void take(long bytes) {
    if (held.addAndGet(bytes) > capacity) {
      held.addAndGet(-bytes);
      throw ProblemException.retryable(
          Problem.OVERLOADED, "Too many large requests are being answered: try again", RETRY);
    }
  }

  /** Gives room back: the call is over. */
  public void release(long bytes) {
    held.addAndGet(-bytes);
  }

  /** Looks after a body that is still coming. */
  void await(BodyReader reader) {
    awaited.add(reader);
    if (looking == null) {
      start();
    }
  }

  void arrived(BodyReader reader) {
    awaited.remove(reader);
  }

  /** Counts the bodies that are still coming: their requests were accepted. */
  @Override
  public int running() {
    return awaited.size();
  }

  @Override
  public void end(ProblemException why) {
    awaited.forEach(reader -> reader.giveUp(why));
  }

  synchronized void start() {
    if (looking == null) {
      looking =
          scheduler.scheduleWithFixedDelay(this::look, EVERY_MS, EVERY_MS, TimeUnit.MILLISECONDS);
    }
  }

  void look() {
    long now = System.nanoTime();
    awaited.forEach(reader -> reader.checkTime(now));
  }

  @PreDestroy
  void stop() {
    if (looking != null) {
      looking.cancel(false);
    }
  }
}
