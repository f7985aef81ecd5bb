package io.mimir.credential.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.credential.ModelRef;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.security.service.AccessTokenRevoked;
import io.mimir.security.service.Identity;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TokenLimitsTest {

  private boolean allows(Identity caller, ModelRef model) {
    return limits.allows(caller, model.provider(), model.name());
  }

  private final TokenLimits limits = new TokenLimits();

  private static Identity token(String id, List<String> models, Integer perMinute) {
    return new Identity(
        "usr_1", "ann", Set.of("user"), List.of("user"), Instant.EPOCH, id, models, perMinute);
  }

  private static ModelRef model(String name) {
    return new ModelRef(Provider.OPENAI, name);
  }

  @Test
  void letsATokenAskAsOftenAsItSays() {
    Identity token = token("tok_1", List.of(), 2);

    limits.take(token);
    limits.take(token);

    assertThatThrownBy(() -> limits.take(token))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem()).isEqualTo(Problem.RATE_LIMITED);
              assertThat(e.retryAfter().orElseThrow())
                  .isBetween(java.time.Duration.ofSeconds(55), java.time.Duration.ofSeconds(60));
            });
  }

  @Test
  void countsWhatAChildAsksAgainstItsParentToo() {
    Identity parent = token("tok_parent", List.of(), 2);
    limits.take(child("tok_a"));
    limits.take(child("tok_b"));

    assertThatThrownBy(() -> limits.take(child("tok_c"))).isInstanceOf(ProblemException.class);
    assertThat(limits.remaining(child("tok_c"))).hasValue(0);
    assertThatThrownBy(() -> limits.take(parent)).isInstanceOf(ProblemException.class);
    limits.forget(new AccessTokenRevoked("tok_parent"));
    assertThat(limits.remaining(child("tok_c"))).as("what was refused is given back").hasValue(2);
  }

  /** A child that may ask twice a minute, like its parent. */
  private static Identity child(String id) {
    return new Identity(
        "usr_1",
        "ann",
        Set.of("user"),
        List.of("user"),
        Instant.EPOCH,
        id,
        List.of(),
        2,
        false,
        List.of(new Identity.Allowance(id, 2), new Identity.Allowance("tok_parent", 2)));
  }

  @Test
  void countsEachTokenByItself() {
    limits.take(token("tok_1", List.of(), 1));
    limits.take(token("tok_2", List.of(), 1));

    assertThatThrownBy(() -> limits.take(token("tok_1", List.of(), 1)))
        .isInstanceOf(ProblemException.class);
  }

  @Test
  void doesNotLimitPeopleAndTokensWithoutALimit() {
    for (int i = 0; i < 1_000; i++) {
      limits.take(token(null, List.of(), null));
      limits.take(token("tok_1", List.of(), null));
    }
    limits.forget(new AccessTokenRevoked("tok_1"));
  }

  @Test
  void allowsEveryModelWithoutAList() {
    assertThat(allows(token("tok_1", List.of(), null), model("gpt-4"))).isTrue();
  }

  @Test
  void allowsWhatIsListedWithOrWithoutItsProvider() {
    Identity token = token("tok_1", List.of("gpt-4", "openai/gpt-5", "ollama/llama3"), null);

    assertThat(allows(token, model("gpt-4"))).isTrue();
    assertThat(allows(token, model("gpt-5"))).isTrue();
    assertThat(allows(token, model("llama3"))).isFalse();
    assertThat(allows(token, model("gpt-4o"))).isFalse();
    assertThat(limits.allows(token, Provider.OLLAMA, "llama3")).isTrue();
    assertThat(limits.allows(token, Provider.OLLAMA, "llama3:latest")).isTrue();
  }

  @Test
  void allowsAllThatBeginLikeAWildcard() {
    Identity token = token("tok_1", List.of("custom/*", "gpt-*"), null);

    assertThat(limits.allows(token, Provider.CUSTOM, "anything")).isTrue();
    assertThat(limits.allows(token, Provider.OPENAI, "gpt-4o")).isTrue();
    assertThat(limits.allows(token, Provider.OPENAI, "o3")).isFalse();
  }
}
