package io.mimir.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.error.ProblemException;
import java.math.BigInteger;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KeyMetadataTest {

  @Test
  void knownMembersMeanSomethingAndOthersAreKept() {
    KeyMetadata metadata =
        KeyMetadata.EMPTY.merge(
            Map.of(
                "default_model",
                "llama3",
                "available_models",
                List.of("llama3", "mistral"),
                "timeout_seconds",
                120,
                "rate_limit",
                60,
                "team",
                Map.of("cost_center", 7)));

    assertThat(metadata.defaultModel()).contains("llama3");
    assertThat(metadata.availableModels()).containsExactly("llama3", "mistral");
    assertThat(metadata.timeout()).isEqualTo(Duration.ofMinutes(2));
    assertThat(metadata.rateLimit()).hasValue(60);
    assertThat(metadata.members()).containsEntry("team", Map.of("cost_center", 7));
  }

  @Test
  void limitsAreReadWhetherJsonGaveAnIntegerOrALong() {
    KeyMetadata metadata =
        KeyMetadata.EMPTY.merge(
            Map.of(
                "tokens_per_minute",
                1_000_000_000L,
                "max_concurrent",
                8,
                "monthly_tokens",
                1_000_000_000_000_000L,
                "allowed_models",
                List.of("gpt-4o", "gpt-4o-mini"),
                "max_tokens",
                2048));

    assertThat(metadata.tokensPerMinute()).hasValue(1_000_000_000);
    assertThat(metadata.maxConcurrent()).hasValue(8);
    assertThat(metadata.monthlyTokens()).hasValue(1_000_000_000_000_000L);
    assertThat(metadata.allowedModels()).containsExactly("gpt-4o", "gpt-4o-mini");
    assertThat(metadata.maxTokens()).isEqualTo(2048);
    assertThat(KeyMetadata.EMPTY.merge(Map.of("monthly_tokens", 5)).monthlyTokens()).hasValue(5L);
  }

  @Test
  void aMemberThatMeantNothingWhenItWasStoredIsNoLimit() {
    KeyMetadata metadata =
        KeyMetadata.ofStored(
            Map.of(
                "tokens_per_minute",
                "many",
                "max_concurrent",
                10_000_000_000L,
                "monthly_tokens",
                1.5,
                "allowed_models",
                "all"));

    assertThat(metadata.tokensPerMinute()).isEmpty();
    assertThat(metadata.maxConcurrent()).isEmpty();
    assertThat(metadata.monthlyTokens()).isEmpty();
    assertThat(metadata.allowedModels()).isEmpty();
  }

  @Test
  void withoutMembersThereAreDefaults() {
    assertThat(KeyMetadata.EMPTY.timeout()).isEqualTo(Duration.ofMinutes(10));
    assertThat(KeyMetadata.EMPTY.rateLimit()).isEmpty();
    assertThat(KeyMetadata.EMPTY.defaultModel()).isEmpty();
    assertThat(KeyMetadata.EMPTY.tokensPerMinute()).isEmpty();
    assertThat(KeyMetadata.EMPTY.maxConcurrent()).isEmpty();
    assertThat(KeyMetadata.EMPTY.monthlyTokens()).isEmpty();
    assertThat(KeyMetadata.EMPTY.allowedModels()).isEmpty();
    assertThat(KeyMetadata.EMPTY.maxTokens()).isEqualTo(4096);
  }

  @Test
  void mergingReplacesMemberByMemberAndNullRemoves() {
    Map<String, Object> changes = new HashMap<>();
    changes.put("default_model", null);
    changes.put("rate_limit", 5);

    KeyMetadata merged =
        KeyMetadata.EMPTY.merge(Map.of("default_model", "gpt-4", "x", 1)).merge(changes);

    assertThat(merged.members()).isEqualTo(Map.of("x", 1, "rate_limit", 5));
  }

  static List<Map<String, Object>> wrong() {
    return List.of(
        Map.of("default_model", 7),
        Map.of("default_model", ""),
        Map.of("default_model", "two words"),
        Map.of("default_model", "x".repeat(201)),
        Map.of("available_models", "gpt-4"),
        Map.of("available_models", List.of(1)),
        Map.of("timeout_seconds", 0),
        Map.of("timeout_seconds", -1),
        Map.of("timeout_seconds", 3601),
        Map.of("timeout_seconds", "60"),
        Map.of("timeout_seconds", 1.5),
        Map.of("rate_limit", 0),
        Map.of("rate_limit", 1_000_001),
        Map.of("rate_limit", 10_000_000_000L),
        Map.of("tokens_per_minute", 0),
        Map.of("tokens_per_minute", 1_000_000_001),
        Map.of("tokens_per_minute", "1000"),
        Map.of("max_concurrent", 0),
        Map.of("max_concurrent", 100_001),
        Map.of("max_concurrent", 2.0),
        Map.of("monthly_tokens", -1L),
        Map.of("monthly_tokens", 1_000_000_000_000_001L),
        Map.of("monthly_tokens", new BigInteger("9".repeat(30))),
        Map.of("allowed_models", "gpt-4o"),
        Map.of("allowed_models", List.of()),
        Map.of("allowed_models", List.of("two words")),
        Map.of("max_tokens", 0),
        Map.of("max_tokens", 1_000_001));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void wrongMembersAreNamed(Map<String, Object> members) {
    assertThatThrownBy(() -> KeyMetadata.EMPTY.merge(members))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e ->
                assertThat(e.errors().get(0).field())
                    .isEqualTo("metadata." + members.keySet().iterator().next()));
  }

  @Test
  void itsPrintedFormHasNoValues() {
    assertThat(KeyMetadata.EMPTY.merge(Map.of("note", "sk-secret")).toString())
        .isEqualTo("KeyMetadata[note]");
  }
}
