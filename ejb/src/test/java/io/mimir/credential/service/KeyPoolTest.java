package io.mimir.credential.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.credential.KeyMetadata;
import io.mimir.llm.Endpoint;
import io.mimir.llm.Provider;
import io.mimir.net.EndpointUrl;
import io.mimir.security.SealContext;
import io.mimir.security.SealedSecret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeyPoolTest {

  private static final int CALLS = 100_000;

  static KeyEntry key(String id, int priority, int weight, String... models) {
    return new KeyEntry(
        id,
        id,
        new Endpoint(Provider.OPENAI, EndpointUrl.parse("https://llm.test")),
        null,
        SealedSecret.ofStored("none"),
        new SealContext("api_keys", "key_value", id, "openai", "default"),
        KeyMetadata.EMPTY,
        Set.of(models),
        false,
        priority,
        weight,
        Duration.ofMinutes(1),
        Integer.MAX_VALUE,
        Long.MAX_VALUE,
        Integer.MAX_VALUE,
        Long.MAX_VALUE,
        null,
        new KeyState());
  }

  private static Map<String, Integer> shares(KeyPool pool) {
    Map<String, Integer> shares = new HashMap<>();
    for (int i = 0; i < CALLS; i++) {
      shares.merge(pool.choose(key -> true).id(), 1, Integer::sum);
    }
    return shares;
  }

  @Test
  void weightsAreKeptWithinOnePercentOver100000Calls() {
    List<KeyEntry> keys =
        List.of(key("a", 50, 1), key("b", 50, 2), key("c", 50, 7), key("d", 50, 90));

    Map<String, Integer> shares = shares(KeyPool.of(keys, null));

    for (KeyEntry key : keys) {
      double wanted = CALLS * key.weight() / 100.0;
      assertThat((double) shares.get(key.id()))
          .as(key.id())
          .isBetween(wanted * 0.99, wanted * 1.01);
    }
  }

  @Test
  void tenThousandKeysHaveTheirSharesToo() {
    List<KeyEntry> keys =
        IntStream.range(0, 10_000).mapToObj(i -> key("k" + i, 50, 1 + i % 3)).toList();

    Map<String, Integer> shares = shares(KeyPool.of(keys, null));

    assertThat(shares).hasSizeGreaterThan(9_900);
    assertThat(shares.values()).allMatch(count -> count <= 20);
  }

  @Test
  void lowerPrioritiesAreAskedWhenNoHigherOneTakesTheCall() {
    KeyPool pool = KeyPool.of(List.of(key("late", 60, 1000), key("early", 10, 1)), null);

    assertThat(pool.choose(key -> true).id()).isEqualTo("early");
    assertThat(pool.choose(key -> !key.id().equals("early")).id()).isEqualTo("late");
    assertThat(pool.choose(key -> false)).isNull();
  }

  @Test
  void theShareOfAKeyThatIsOutGoesToTheOthers() {
    KeyPool pool = KeyPool.of(List.of(key("a", 50, 1), key("b", 50, 1), key("c", 50, 1)), null);

    List<String> chosen = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      chosen.add(pool.choose(key -> !key.id().equals("a")).id());
    }

    assertThat(chosen.stream().filter("b"::equals).count()).isBetween(45_000L, 55_000L);
  }

  @Test
  void keysThatNameTheModelComeBeforeThoseThatDoNot() {
    KeyPool all = KeyPool.of(List.of(key("other", 1, 1), key("naming", 99, 1)), null);
    KeyPool pool = KeyPool.of(List.of(key("naming", 99, 1, "m")), all);

    assertThat(pool.choose(key -> true).id()).isEqualTo("naming");
    assertThat(pool.choose(key -> !key.id().equals("naming")).id()).isEqualTo("other");
  }
}
