package io.mimir.gateway.web;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.lifecycle.service.Drainable;
import io.mimir.web.payara.ClientDisconnects;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.ServletRequest;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * The calls that are being answered. To watch a client's socket costs more than most calls, so only
 * one that takes its time is watched (T81).
 */
@ApplicationScoped
public class CallsInFlight implements Drainable {

  private static final long EVERY_MS = 500;

  /**
   * The share of the heap that calls may take together, without large bodies: one part of so many.
   */
  private static final int SHARE_OF_HEAP = 4;

  /** What a small call holds until it is answered: its connections with their buffers, mostly. */
  private static final int BYTES_OF_A_CALL = 32 * 1024;

  private static final Duration RETRY = Duration.ofSeconds(2);
  private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(500);

  @Inject ClientDisconnects departures;
  @Resource ManagedScheduledExecutorService scheduler;

  @Inject BodyRoom room;

  /** With more of them the heap would be full before they are answered. */
  int most = (int) (Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP / BYTES_OF_A_CALL);

  private final Map<ServletResponseTarget, Call> calls = new ConcurrentHashMap<>();
  private volatile ScheduledFuture<?> looking;

  private record Call(long since, long held) {}

  /**
   * Tells why a new call is refused, before anything is done for it.
   *
   * @return null when it is not; OVERLOADED with the time to come back
   */
  public ProblemException refusal() {
    return calls.size() < most
        ? null
        : ProblemException.retryable(
            Problem.OVERLOADED,
            "%d calls are being answered, which is all that fit into memory: try again"
                .formatted(most),
            RETRY);
  }

  /**
   * Takes a call in.
   *
   * @param held what its body takes of the room for large ones
   */
  public void begin(ServletResponseTarget client, long held) {
    calls.put(client, new Call(System.nanoTime(), held));
    if (looking == null) {
      start();
    }
  }

  @Override
  public int running() {
    return calls.size();
  }

  @Override
  public void end(ProblemException why) {
    // The engine tells them all.
  }

  /** The answer has been written, or never will be. */
  public void end(ServletResponseTarget client) {
    Call over = calls.remove(client);
    if (over != null && over.held() > 0) {
      room.release(over.held());
    }
  }

  /** Ends the connection of a client whose answer cannot be brought to its end. */
  void cut(ServletRequest request) {
    departures.cut(request);
  }

  private synchronized void start() {
    if (looking == null) {
      looking =
          scheduler.scheduleWithFixedDelay(this::look, EVERY_MS, EVERY_MS, TimeUnit.MILLISECONDS);
    }
  }

  private void look() {
    long now = System.nanoTime();
    calls.forEach(
        (client, call) -> {
          if (now - call.since() > PATIENCE) {
            client.watch(departures);
            client.checkStall(now);
          }
        });
  }

  @PreDestroy
  void stop() {
    if (looking != null) {
      looking.cancel(false);
    }
  }
}
