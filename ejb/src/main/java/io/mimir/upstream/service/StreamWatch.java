package io.mimir.upstream.service;

import io.mimir.lifecycle.service.Started;
import io.mimir.lifecycle.service.Stopping;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Keeps the clients of silent streams waiting: looks after all that are under way, once a second.
 */
@ApplicationScoped
public class StreamWatch {

  @Resource ManagedScheduledExecutorService scheduler;

  private final Set<UpstreamAttempt> streams = ConcurrentHashMap.newKeySet();
  private ScheduledFuture<?> looking;

  void start(@Observes Started started) {
    looking = scheduler.scheduleWithFixedDelay(this::look, 1, 1, TimeUnit.SECONDS);
  }

  void begin(UpstreamAttempt stream) {
    streams.add(stream);
  }

  void end(UpstreamAttempt stream) {
    streams.remove(stream);
  }

  void look() {
    long now = System.nanoTime();
    streams.forEach(stream -> stream.keepAlive(now));
  }

  void stop(@Observes Stopping stopping) {
    if (looking != null) {
      looking.cancel(false);
    }
  }
}
