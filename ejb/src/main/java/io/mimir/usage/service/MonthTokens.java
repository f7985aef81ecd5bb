package io.mimir.usage.service;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/** The tokens of each key in one month. */
final class MonthTokens {

  private final ConcurrentMap<String, LongAdder> keys = new ConcurrentHashMap<>();

  void add(String keyId, long tokens) {
    LongAdder known = keys.get(keyId);
    (known != null ? known : keys.computeIfAbsent(keyId, fresh -> new LongAdder())).add(tokens);
  }

  long of(String keyId) {
    LongAdder known = keys.get(keyId);
    return known == null ? 0 : known.sum();
  }
}
