package io.mimir.pipeline.service;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Tells whoever watches a run of this process that it has grown, and what its models say. */
@ApplicationScoped
public class RunFeed {

  private final Map<String, Set<Runnable>> watchers = new ConcurrentHashMap<>();
  private final Map<String, Consumer<Said>> listeners = new ConcurrentHashMap<>();

  /** A piece of what a model says in a step. */
  public record Said(String path, String piece) {}

  /** Has somebody told whenever the journal of a run has grown; on a thread that may not block. */
  public void watch(String runId, Runnable watcher) {
    watchers.computeIfAbsent(runId, any -> ConcurrentHashMap.newKeySet()).add(watcher);
  }

  public void unwatch(String runId, Runnable watcher) {
    watchers.computeIfPresent(
        runId,
        (id, all) -> {
          all.remove(watcher);
          return all.isEmpty() ? null : all;
        });
  }

  void grown(String runId) {
    Set<Runnable> all = watchers.get(runId);
    if (all != null) {
      all.forEach(Runnable::run);
    }
  }

  /** Has somebody told what models say in a run; on a thread that may not block. */
  public void listen(String runId, Consumer<Said> listener) {
    listeners.put(runId, listener);
  }

  public void listenNoMore(String runId) {
    listeners.remove(runId);
  }

  /** Returns null when nobody listens. */
  Consumer<String> listener(String runId, String path) {
    Consumer<Said> listener = listeners.get(runId);
    return listener == null ? null : piece -> listener.accept(new Said(path, piece));
  }
}
