package io.mimir.credential.service;

import io.mimir.credential.KeyMetadata;
import io.mimir.gateway.service.ConversationHash;
import io.mimir.llm.Endpoint;
import io.mimir.llm.Provider;
import io.mimir.llm.service.ProviderAdapter;
import io.mimir.net.EndpointUrl;
import io.mimir.security.SealContext;
import io.mimir.security.SealedSecret;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;

/**
 * How much of the prompt caches is left when several keys share the conversations: 10,000 of 10
 * turns begin within an hour and go on after a minute on average, each question is read as the
 * gateway reads it, and the pool of the server's own code chooses its key. Prints a Markdown table.
 */
public final class Affinity {

  private static final int CONVERSATIONS = 10_000;
  private static final int TURNS = 10;
  private static final int HOUR = 3600;
  private static final int PAUSE_BETWEEN_TURNS = 60;
  private static final double WANTED_HITS = 0.95;
  private static final double WANTED_SHARES = 2.0;

  private record Turn(int conversation, int number, double at) {}

  /** What came of all the turns; the distance is that of the worst share, in percentage points. */
  private record Result(long hits, double distance) {}

  private final List<Turn> turns = new ArrayList<>();
  private final long[] hashes = new long[CONVERSATIONS];

  private Affinity(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < CONVERSATIONS; i++) {
      hashes[i] = ConversationHash.of(opening(i), "tok_" + seed + "_" + i % 50);
      double at = random.nextDouble() * HOUR;
      for (int turn = 0; turn < TURNS; turn++) {
        turns.add(new Turn(i, turn, at));
        at += -Math.log(1 - random.nextDouble()) * PAUSE_BETWEEN_TURNS;
      }
    }
    turns.sort(Comparator.comparingDouble(Turn::at));
  }

  /** Agents begin alike: the system's prompt is the same for all. */
  private static String opening(int conversation) {
    return "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"You mend"
        + " programs.\"},{\"role\":\"user\",\"content\":\"Mend fault "
        + conversation
        + " of the list.\"}]}";
  }

  public static void main(String[] args) {
    Affinity bench = new Affinity(args.length > 0 ? Long.parseLong(args[0]) : 1);
    List<RoutableKey> equal = keys(1, 1, 1, 1, 1, 1, 1, 1);
    Result one = bench.run(keys(1), true, Affinity::always);
    System.out.println("| | hits | of one key's hits | farthest share, percentage points |");
    System.out.println("|---|---|---|---|");
    print("one key", one, one);
    Result shared = bench.run(equal, true, Affinity::always);
    print("8 keys", shared, one);
    print(
        "8 keys, weights 1, 1, 1, 1, 2, 2, 4, 4",
        bench.run(keys(1, 1, 1, 1, 2, 2, 4, 4), true, Affinity::always),
        one);
    print(
        "8 keys, each set aside once for a minute, five minutes apart",
        bench.run(equal, true, (key, now) -> !isAside(equal.indexOf(key), now)),
        one);
    print("8 keys, by turns", bench.run(equal, false, Affinity::always), one);
    if (shared.hits < WANTED_HITS * one.hits || shared.distance > WANTED_SHARES) {
      System.err.println("bench/affinity: 8 keys miss the goal");
      System.exit(1);
    }
  }

  private static void print(String name, Result result, Result one) {
    System.out.printf(
        Locale.ROOT,
        "| %s | %,d | %.2f %% | %.2f |%n",
        name,
        result.hits,
        100.0 * result.hits / one.hits,
        result.distance);
  }

  private static boolean always(RoutableKey key, double now) {
    return true;
  }

  private static boolean isAside(int key, double now) {
    double begin = 300 * (key + 1);
    return now >= begin && now < begin + 60;
  }

  /**
   * @param sticky whether the pool is told which conversation a call belongs to
   * @param takes whether a key takes a call at a time in seconds
   */
  private Result run(
      List<RoutableKey> keys, boolean sticky, BiPredicate<RoutableKey, Double> takes) {
    KeyPool pool = KeyPool.of(keys);
    PromptCache[] caches = new PromptCache[keys.size()];
    for (int i = 0; i < caches.length; i++) {
      caches[i] = new PromptCache();
    }
    long[] calls = new long[keys.size()];
    long hits = 0;
    for (Turn turn : turns) {
      long conversation = sticky ? hashes[turn.conversation] : 0;
      int key = keys.indexOf(pool.choose(conversation, k -> takes.test(k, turn.at)));
      calls[key]++;
      if (caches[key].hits(turn.conversation, turn.number, turn.at)) {
        hits++;
      }
    }
    return new Result(hits, distance(keys, calls));
  }

  private double distance(List<RoutableKey> keys, long[] calls) {
    double weights = keys.stream().mapToInt(RoutableKey::weight).sum();
    double farthest = 0;
    for (int i = 0; i < calls.length; i++) {
      double share = (double) calls[i] / turns.size() - keys.get(i).weight() / weights;
      farthest = Math.max(farthest, 100 * Math.abs(share));
    }
    return farthest;
  }

  private static List<RoutableKey> keys(int... weights) {
    return IntStream.range(0, weights.length).mapToObj(i -> key("key_" + i, weights[i])).toList();
  }

  private static RoutableKey key(String id, int weight) {
    return new RoutableKey(
        id,
        id,
        ProviderAdapter.of(new Endpoint(Provider.OPENAI, EndpointUrl.parse("https://llm.test"))),
        null,
        SealedSecret.ofStored("none"),
        new SealContext("api_keys", "key_value", id, "openai", "default"),
        null,
        KeyMetadata.EMPTY,
        ModelOffer.declared(List.of("m"), List.of()),
        false,
        50,
        weight,
        Duration.ofMinutes(1),
        Integer.MAX_VALUE,
        Long.MAX_VALUE,
        Integer.MAX_VALUE,
        Long.MAX_VALUE,
        null,
        Instant.MAX,
        new KeyRuntime());
  }
}
