package io.mimir.plugin.service.builtin;

import io.mimir.plugin.service.PluginCallException;
import io.mimir.plugin.service.PluginCallException.Kind;
import java.time.Duration;

/** The moment at which a call ends, whether it is done or not. */
public final class Deadline {

  private final long end;

  private Deadline(long end) {
    this.end = end;
  }

  static Deadline in(Duration patience) {
    return new Deadline(System.nanoTime() + patience.toNanos());
  }

  /** Zero when it has come. */
  Duration left() {
    return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
  }

  boolean hasPassed() {
    return end - System.nanoTime() <= 0;
  }

  /**
   * @throws PluginCallException DEADLINE when it has come
   */
  void check() throws PluginCallException {
    if (hasPassed()) {
      throw passed();
    }
  }

  static PluginCallException passed() {
    return new PluginCallException(Kind.DEADLINE, "The plugin did not answer in time");
  }
}
