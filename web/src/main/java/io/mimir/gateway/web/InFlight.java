package io.mimir.gateway.web;

import io.mimir.web.Departures;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.ServletRequest;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * The calls that are being answered. To watch a client's socket costs more than most calls, so only
 * one that takes its time is watched (T81).
 */
@ApplicationScoped
public class InFlight {

  private static final long EVERY_MS = 500;
  private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(500);

  @Inject Departures departures;
  @Resource ManagedScheduledExecutorService scheduler;

  private final Map<ServletClient, Long> calls = new ConcurrentHashMap<>();
  private volatile ScheduledFuture<?> looking;

  void begin(ServletClient client) {
    calls.put(client, System.nanoTime());
    if (looking == null) {
      start();
    }
  }

  void end(ServletClient client) {
    calls.remove(client);
  }

  /** Ends the connection of a client whose answer cannot be brought to its end. */
  void cut(ServletRequest request) {
    departures.cut(request);
  }

  /** How many calls are being answered now. */
  int count() {
    return calls.size();
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
        (client, since) -> {
          if (now - since > PATIENCE) {
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
