package io.mimir.pipeline.service.run;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** How many runs of one pipeline are worked on at once. Those that have to wait come in order. */
final class Slots {

  private final Consumer<String> wake;
  private final Map<String, Integer> taken = new HashMap<>();
  private final Map<String, Deque<String>> waiting = new HashMap<>();

  /**
   * @param wake told the run that has waited longest when a slot is free
   */
  Slots(Consumer<String> wake) {
    this.wake = wake;
  }

  /** Takes a slot, or has the run wait for one. */
  synchronized boolean take(String pipeline, int most, String runId) {
    int now = taken.getOrDefault(pipeline, 0);
    Deque<String> line = waiting.computeIfAbsent(pipeline, one -> new ArrayDeque<>());
    if (now >= most) {
      if (!line.contains(runId)) {
        line.add(runId);
      }
      return false;
    }
    line.remove(runId);
    taken.put(pipeline, now + 1);
    return true;
  }

  synchronized boolean hasRoom(String pipeline, int most) {
    return taken.getOrDefault(pipeline, 0) < most;
  }

  void give(String pipeline) {
    String next;
    synchronized (this) {
      taken.merge(pipeline, -1, Integer::sum);
      next = waiting.get(pipeline).peek();
      if (next == null && taken.get(pipeline) == 0) {
        taken.remove(pipeline);
        waiting.remove(pipeline);
      }
    }
    if (next != null) {
      wake.accept(next);
    }
  }
}
