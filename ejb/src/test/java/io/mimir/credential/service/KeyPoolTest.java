package io.mimir.credential.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.credential.KeyMetadata;
import io.mimir.llm.Endpoint;
import io.mimir.llm.Provider;
import io.mimir.llm.service.ProviderAdapter;
import io.mimir.net.EndpointUrl;
import io.mimir.security.SealContext;
import io.mimir.security.SealedSecret;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeyPoolTest {

  private static final int CALLS = 100_000;

  static RoutableKey key(String id, int priority, int weight, String... models) {
    return new RoutableKey(
        id,
        id,
        ProviderAdapter.of(new Endpoint(Provider.OPENAI, EndpointUrl.parse("https://llm.test"))),
        null,
        SealedSecret.ofStored("none"),
        new SealContext("api_keys", "key_value", id, "openai", "default"),
        null,
        KeyMetadata.EMPTY,
        ModelOffer.declared(List.of(models), List.of()),
        false,
        priority,
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

  private static Map<String, Integer> shares(KeyPool pool) {
    Map<String, Integer> shares = new HashMap<>();
    for (int i = 0; i < CALLS; i++) {
      shares.merge(pool.choose(0, key -> true).id(), 1, Integer::sum);
    }
    return shares;
  }

  @Test
  void weightsAreKeptWithinOnePercentOver100000Calls() {
    List<RoutableKey> keys =
        List.of(key("a", 50, 1), key("b", 50, 2), key("c", 50, 7), key("d", 50, 90));

    Map<String, Integer> shares = shares(KeyPool.of(keys));

    for (RoutableKey key : keys) {
      double wanted = CALLS * key.weight() / 100.0;
      assertThat((double) shares.get(key.id()))
          .as(key.id())
          .isBetween(wanted * 0.99, wanted * 1.01);
    }
  }

  @Test
  void tenThousandKeysHaveTheirSharesToo() {
    List<RoutableKey> keys =
        IntStream.range(0, 10_000).mapToObj(i -> key("k" + i, 50, 1 + i % 3)).toList();

    Map<String, Integer> shares = shares(KeyPool.of(keys));

    assertThat(shares).hasSizeGreaterThan(9_900);
    assertThat(shares.values()).allMatch(count -> count <= 20);
  }

  @Test
  void lowerPrioritiesAreAskedWhenNoHigherOneTakesTheCall() {
    KeyPool pool = KeyPool.of(List.of(key("late", 60, 1000), key("early", 10, 1)));

    assertThat(pool.choose(0, key -> true).id()).isEqualTo("early");
    assertThat(pool.choose(0, key -> !key.id().equals("early")).id()).isEqualTo("late");
    assertThat(pool.choose(0, key -> false)).isNull();
  }

  @Test
  void theShareOfAKeyThatIsOutGoesToTheOthers() {
    KeyPool pool = KeyPool.of(List.of(key("a", 50, 1), key("b", 50, 1), key("c", 50, 1)));

    List<String> chosen = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      chosen.add(pool.choose(0, key -> !key.id().equals("a")).id());
    }

    assertThat(chosen.stream().filter("b"::equals).count()).isBetween(45_000L, 55_000L);
  }

  @Test
  void aConversationStaysOnOneKey() {
    List<RoutableKey> keys = IntStream.range(0, 8).mapToObj(i -> key("k" + i, 50, 1)).toList();
    KeyPool pool = KeyPool.of(keys);

    for (long conversation = 1; conversation <= 1000; conversation++) {
      String first = pool.choose(conversation, key -> true).id();
      for (int turn = 0; turn < 10; turn++) {
        assertThat(pool.choose(conversation, key -> true).id()).isEqualTo(first);
      }
    }
  }

  @Test
  void tenThousandConversationsAreSharedByWeightWithinTwoPoints() {
    List<RoutableKey> keys =
        List.of(key("a", 50, 1), key("b", 50, 2), key("c", 50, 3), key("d", 50, 4));
    KeyPool pool = KeyPool.of(keys);

    Map<String, Integer> shares = new HashMap<>();
    for (int i = 0; i < 10_000; i++) {
      long conversation = ("conversation " + i).hashCode();
      shares.merge(pool.choose(conversation, key -> true).id(), 1, Integer::sum);
    }

    for (RoutableKey key : keys) {
      assertThat(shares.get(key.id()) / 100.0)
          .as(key.id())
          .isBetween(key.weight() * 10 - 2.0, key.weight() * 10 + 2.0);
    }
  }

  @Test
  void aKeyThatGoesMovesItsOwnConversationsOnly() {
    List<RoutableKey> keys = IntStream.range(0, 8).mapToObj(i -> key("k" + i, 50, 1)).toList();
    KeyPool all = KeyPool.of(keys);
    KeyPool fewer = KeyPool.of(keys.subList(1, 8));

    for (long conversation = 1; conversation <= 1000; conversation++) {
      String before = all.choose(conversation, key -> true).id();
      if (!before.equals("k0")) {
        assertThat(fewer.choose(conversation, key -> true).id()).isEqualTo(before);
      }
    }
  }
}
