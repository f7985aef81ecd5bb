package io.mimir.plugin.service.builtin;

import io.mimir.plugin.service.CallContext;
import io.mimir.plugin.service.PluginCallException;
import io.mimir.plugin.service.PluginCallException.Kind;
import java.time.Duration;

/** The moment at which a call ends, whether it is done or not. */
public final class Deadline {

  private final long end;
  private final CallContext context;

  private Deadline(long end, CallContext context) {
    this.end = end;
    this.context = context;
  }

  static Deadline in(Duration patience) {
    return of(CallContext.lasting(patience), patience);
  }

  /**
   * @param usual what holds where the context says nothing
   */
  static Deadline of(CallContext context, Duration usual) {
    Duration patience = context.patience() == null ? usual : context.patience();
    return new Deadline(System.nanoTime() + patience.toNanos(), context);
  }

  /** On whose behalf the call is made. */
  CallContext context() {
    return context;
  }

  /** Zero when it has come. */
  Duration left() {
    return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
  }

  boolean hasPassed() {
    return end - System.nanoTime() <= 0 || context.cancelled().getAsBoolean();
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
