package io.mimir.credential.service;

import io.mimir.lifecycle.service.Started;
import io.mimir.lifecycle.service.Stopping;
import io.mimir.llm.Probe;
import io.mimir.llm.service.EndpointProbe;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.VaultException;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Reads the lists of models again by itself: once an hour, soon after a key came or changed whose
 * list is not known, and after a provider said that it does not know a model. It costs no tokens,
 * and says nothing of a key's health.
 */
@ApplicationScoped
public class ModelListRefresher {

  /** More than so many endpoints are not asked in one go. */
  private static final int MAX_AT_ONCE = 50;

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  @Inject RoutingTableLoader loader;
  @Inject Vault vault;
  @Inject EndpointProbe probes;
  @Resource ManagedScheduledExecutorService scheduler;

  private ScheduledFuture<?> task;

  void start(@Observes Started started) {
    task = scheduler.scheduleWithFixedDelay(this::refresh, 60, 60, TimeUnit.SECONDS);
  }

  void keysChanged(@Observes(during = TransactionPhase.AFTER_SUCCESS) KeysChanged change) {
    try {
      scheduler.schedule(this::refresh, 5, TimeUnit.SECONDS);
    } catch (RejectedExecutionException e) {
      // The server is stopping: there is nobody to read a list for.
      return;
    }
  }

  /** Reads every list that is due. */
  synchronized void refresh() {
    boolean learned = false;
    int asked = 0;
    for (RoutableKey key : loader.table().keys()) {
      if (asked < MAX_AT_ONCE
          && key.offer().dependsOnList()
          && key.runtime().list.isDue(key.offer().isKnown(), System.nanoTime())) {
        asked++;
        learned |= read(key);
      }
    }
    if (learned) {
      loader.reload();
    }
  }

  private boolean read(RoutableKey key) {
    ReadModelList list = key.runtime().list;
    list.begin(System.nanoTime());
    try (Secret secret = vault.open(key.sealed(), key.context());
        Secret headers = key.openHeaders(vault)) {
      Probe probe = probes.probe(key.endpoint(), secret, headers, TIMEOUT);
      return probe.isSuccess() && list.learn(probe.models());
    } catch (VaultException e) {
      key.runtime().unreadable = true;
      return false;
    }
  }

  void stop(@Observes Stopping stopping) {
    if (task != null) {
      task.cancel(false);
    }
  }
}
