package io.mimir.credential.service;

import io.mimir.credential.KeyHealth;
import io.mimir.credential.RateWindow;
import io.mimir.credential.TokenWindow;
import io.mimir.llm.ProviderOperation;
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

  /** Servers are updated: what one lacks is looked for again after a while. */
  private static final long LACK = Duration.ofHours(1).toNanos();

  final KeyHealth health = new KeyHealth();
  final RateWindow requests = new RateWindow();
  final TokenWindow tokens = new TokenWindow();
  final AtomicInteger concurrent = new AtomicInteger();
  final AtomicLong trialTurns = new AtomicLong();
  final LongAdder failures = new LongAdder();
  final AtomicBoolean settling = new AtomicBoolean();
  final ReadModelList list = new ReadModelList();
  volatile boolean unreadable;
  volatile long version = -1;

  /** The operations that the endpoint turned out not to have, with the time when it did. */
  private final Map<ProviderOperation, Long> lacking = new ConcurrentHashMap<>();

  /** The calls that wait for a first byte, with the time since when they do. */
  private final Map<Object, Long> waiting = new ConcurrentHashMap<>();

  void lacks(ProviderOperation operation, long nanos) {
    lacking.put(operation, nanos);
  }

  boolean isLacking(ProviderOperation operation, long nanos) {
    Long since = lacking.get(operation);
    return since != null && nanos - since < LACK;
  }

  /** The key was changed: what its endpoint offers and lacks has to be found out anew. */
  void changed(long newVersion) {
    health.reset();
    list.forget();
    lacking.clear();
    version = newVersion;
  }

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
