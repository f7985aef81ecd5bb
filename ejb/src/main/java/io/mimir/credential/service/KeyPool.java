package io.mimir.credential.service;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * The keys that can serve one model, in the order in which they are asked: those that name the
 * model, then by priority, and within that a share of the calls by weight. Immutable but for the
 * counter that deals out the shares; finding a key takes the same time for ten keys and for ten
 * thousand.
 */
final class KeyPool {

  /** Draws before the keys are asked one after another: most are usable most of the time. */
  private static final int DRAWS = 4;

  /**
   * Multiples of the golden ratio, modulo 1, fill the unit interval evenly (a Weyl sequence): after
   * any number of draws each key has had its share almost exactly, and no two threads have to agree
   * on whose turn it is.
   */
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final List<Tier> tiers;
  private final KeyPool otherwise;

  private KeyPool(List<Tier> tiers, KeyPool otherwise) {
    this.tiers = tiers;
    this.otherwise = otherwise;
  }

  /**
   * @param keys in any order
   * @param otherwise whom to ask when none of them takes a call, or null; it may hold the same keys
   *     once more
   */
  static KeyPool of(List<KeyEntry> keys, KeyPool otherwise) {
    return new KeyPool(List.copyOf(byPriority(keys)), otherwise);
  }

  private static List<Tier> byPriority(List<KeyEntry> keys) {
    List<KeyEntry> sorted =
        keys.stream()
            .sorted(Comparator.comparingInt(KeyEntry::priority).thenComparing(KeyEntry::id))
            .toList();
    List<Tier> tiers = new ArrayList<>();
    int from = 0;
    for (int i = 1; i <= sorted.size(); i++) {
      if (i == sorted.size() || sorted.get(i).priority() != sorted.get(from).priority()) {
        tiers.add(new Tier(sorted.subList(from, i)));
        from = i;
      }
    }
    return tiers;
  }

  boolean isEmpty() {
    return tiers.isEmpty() && (otherwise == null || otherwise.isEmpty());
  }

  /**
   * The first key, in order, that takes the call.
   *
   * @param takes asks a key, and takes the call out of its limits when it says yes
   * @return null when none does
   */
  KeyEntry choose(Predicate<KeyEntry> takes) {
    for (Tier tier : tiers) {
      KeyEntry found = tier.choose(takes);
      if (found != null) {
        return found;
      }
    }
    return otherwise == null ? null : otherwise.choose(takes);
  }

  private static final class Tier {

    private final KeyEntry[] keys;
    private final long[] upTo;
    private final AtomicLong turns = new AtomicLong();

    Tier(List<KeyEntry> keys) {
      this.keys = keys.toArray(KeyEntry[]::new);
      this.upTo = new long[this.keys.length];
      long sum = 0;
      for (int i = 0; i < upTo.length; i++) {
        sum += this.keys[i].weight();
        upTo[i] = sum;
      }
    }

    KeyEntry choose(Predicate<KeyEntry> takes) {
      int drawn = 0;
      for (int draw = 0; draw < Math.min(DRAWS, keys.length); draw++) {
        drawn = draw();
        if (takes.test(keys[drawn])) {
          return keys[drawn];
        }
      }
      for (int i = 1; i <= keys.length; i++) {
        KeyEntry key = keys[(drawn + i) % keys.length];
        if (takes.test(key)) {
          return key;
        }
      }
      return null;
    }

    private int draw() {
      if (keys.length == 1) {
        return 0;
      }
      // 32 bits of it, as a fraction of the sum of all weights, which has 24 bits at most.
      long point = ((turns.getAndIncrement() * GOLDEN >>> 32) * upTo[upTo.length - 1]) >>> 32;
      int low = 0;
      int high = upTo.length - 1;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (point < upTo[middle]) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      return low;
    }
  }
}
