package io.mimir.credential.service;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * The keys that offer one model, in the order in which they are asked: by priority, and within that
 * a share of the calls by weight. A conversation stays on one key of its share, because providers
 * keep their prompt caches per account. Immutable but for the counter that deals out the shares of
 * calls that belong to no conversation.
 */
final class KeyPool {

  static final KeyPool EMPTY = new KeyPool(List.of());

  private final List<Tier> tiers;

  private KeyPool(List<Tier> tiers) {
    this.tiers = tiers;
  }

  /**
   * @param keys in any order
   */
  static KeyPool of(List<RoutableKey> keys) {
    return keys.isEmpty() ? EMPTY : new KeyPool(List.copyOf(byPriority(keys)));
  }

  private static List<Tier> byPriority(List<RoutableKey> keys) {
    List<RoutableKey> sorted =
        keys.stream()
            .sorted(Comparator.comparingInt(RoutableKey::priority).thenComparing(RoutableKey::id))
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
    return tiers.isEmpty();
  }

  /**
   * The first key, in order, that takes the call.
   *
   * @param conversation a hash that all calls of a conversation share, or 0 for none
   * @param takes asks a key, and takes the call out of its limits when it says yes
   * @return null when none does
   */
  RoutableKey choose(long conversation, Predicate<RoutableKey> takes) {
    for (Tier tier : tiers) {
      RoutableKey found = tier.choose(conversation, takes);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** Whether a key is among them that the condition holds for. */
  boolean has(Predicate<RoutableKey> condition) {
    return tiers.stream().anyMatch(tier -> tier.has(condition));
  }

  private static final class Tier {

    /** Draws before the keys are asked one after another: most are usable most of the time. */
    private static final int DRAWS = 4;

    /** More keys than this are not ranked one by one for each call. */
    private static final int MAX_RANKED = 64;

    /**
     * Multiples of the golden ratio, modulo 1, fill the unit interval evenly (a Weyl sequence):
     * after any number of draws each key has had its share almost exactly, and no two threads have
     * to agree on whose turn it is.
     */
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final RoutableKey[] keys;
    private final long[] seeds;
    private final long[] upTo;
    private final AtomicLong turns = new AtomicLong();

    Tier(List<RoutableKey> keys) {
      this.keys = keys.toArray(RoutableKey[]::new);
      this.upTo = new long[this.keys.length];
      this.seeds = new long[this.keys.length];
      long sum = 0;
      for (int i = 0; i < upTo.length; i++) {
        sum += this.keys[i].weight();
        upTo[i] = sum;
        seeds[i] = mix(this.keys[i].id().hashCode());
      }
    }

    boolean has(Predicate<RoutableKey> condition) {
      for (RoutableKey key : keys) {
        if (condition.test(key)) {
          return true;
        }
      }
      return false;
    }

    RoutableKey choose(long conversation, Predicate<RoutableKey> takes) {
      if (keys.length == 1) {
        return takes.test(keys[0]) ? keys[0] : null;
      }
      if (conversation != 0 && keys.length <= MAX_RANKED) {
        return chooseRanked(conversation, takes);
      }
      int drawn = 0;
      for (int draw = 0; draw < Math.min(DRAWS, keys.length); draw++) {
        boolean first = draw == 0 && conversation != 0;
        drawn = at(first ? mix(conversation) : turns.getAndIncrement() * GOLDEN);
        if (takes.test(keys[drawn])) {
          return keys[drawn];
        }
      }
      for (int i = 1; i <= keys.length; i++) {
        RoutableKey key = keys[(drawn + i) % keys.length];
        if (takes.test(key)) {
          return key;
        }
      }
      return null;
    }

    /**
     * Weighted rendezvous hashing: each key has a score for the conversation, and the highest one
     * that takes the call gets it. When a key comes or goes, only its own share moves.
     */
    private RoutableKey chooseRanked(long conversation, Predicate<RoutableKey> takes) {
      boolean[] refused = new boolean[keys.length];
      for (int asked = 0; asked < keys.length; asked++) {
        int best = -1;
        double bestScore = 0;
        for (int i = 0; i < keys.length; i++) {
          if (!refused[i]) {
            double score = score(i, conversation);
            if (best < 0 || score < bestScore) {
              best = i;
              bestScore = score;
            }
          }
        }
        if (takes.test(keys[best])) {
          return keys[best];
        }
        refused[best] = true;
      }
      return null;
    }

    /** The lowest wins: exponentially distributed, with the weight as its rate. */
    private double score(int key, long conversation) {
      long bits = mix(seeds[key] ^ conversation) >>> 11;
      return -Math.log((bits + 1) * 0x1.0p-53) / keys[key].weight();
    }

    /** Spreads the bits of a number over all of it (the finaliser of SplitMix64). */
    private static long mix(long number) {
      long mixed = (number ^ (number >>> 30)) * 0xBF58476D1CE4E5B9L;
      mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
      return mixed ^ (mixed >>> 31);
    }

    /**
     * @param fraction of the unit interval, in 64 bits
     */
    private int at(long fraction) {
      // 32 bits of it, as a fraction of the sum of all weights, which has 24 bits at most.
      long point = ((fraction >>> 32) * upTo[upTo.length - 1]) >>> 32;
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
