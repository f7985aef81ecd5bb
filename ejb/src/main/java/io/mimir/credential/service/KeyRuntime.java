package io.mimir.credential.service;

import io.mimir.credential.KeyHealth;
import io.mimir.credential.RateWindow;
import io.mimir.credential.TokenWindow;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What memory knows of a key beside what is stored; it outlives changes of the key. */
final class KeyRuntime {

  private static final long LONG_SILENCE = Duration.ofSeconds(60).toNanos();
  private static final int ENOUGH_SILENT = 3;

  final KeyHealth health = new KeyHealth();
  final RateWindow requests = new RateWindow();
  final TokenWindow tokens = new TokenWindow();
  final AtomicInteger concurrent = new AtomicInteger();
  final AtomicLong trialTurns = new AtomicLong();
  final LongAdder failures = new LongAdder();
  final AtomicBoolean settling = new AtomicBoolean();
  volatile boolean unreadable;
  volatile long version = -1;

  /** The calls that wait for a first byte, with the time since when they do. */
  private final Map<Object, Long> waiting = new ConcurrentHashMap<>();

  void waits(Object call, long nanos) {
    waiting.put(call, nanos);
  }

  void waitsNoLonger(Object call) {
    waiting.remove(call);
  }

  /** Whether at least three calls, and over half of those that wait, have waited for a minute. */
  void judgeSilence(long nanos) {
    int all = 0;
    int silent = 0;
    for (long since : waiting.values()) {
      all++;
      silent += nanos - since >= LONG_SILENCE ? 1 : 0;
    }
    health.waiting(silent >= ENOUGH_SILENT && silent * 2 > all);
  }
}
