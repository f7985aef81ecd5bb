package io.mimir.upstream.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.credential.service.KeyLease;
import io.mimir.credential.service.TestLeases;
import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.Endpoint;
import io.mimir.llm.LlmException;
import io.mimir.llm.Provider;
import io.mimir.net.EndpointUrl;
import io.mimir.security.Secret;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ProviderProblemsTest {

  private static final KeyLease LEASE =
      TestLeases.of(
          "key_1",
          "team",
          new Endpoint(Provider.OPENAI, EndpointUrl.parse("http://localhost:1/v1")),
          "gpt-4",
          Secret.of("sk-canary-0123456789"),
          Duration.ofSeconds(7),
          Map.of(),
          told -> {});

  private static ProblemException problem(CallOutcome reason, Duration retryAfter) {
    return ProviderProblems.of(
        LEASE, LEASE.timeout(), new LlmException(reason, 0, "client's words", retryAfter));
  }

  @ParameterizedTest
  @CsvSource({
    "TIMEOUT, PROVIDER_TIMEOUT",
    "NOT_FOUND, MODEL_NOT_FOUND",
    "RATE_LIMITED, RATE_LIMITED",
    "AUTH_FAILED, PROVIDER_ERROR",
    "FORBIDDEN, PROVIDER_ERROR",
    "QUOTA_EXCEEDED, PROVIDER_ERROR",
    "UNREACHABLE, PROVIDER_ERROR",
    "TLS_ERROR, PROVIDER_ERROR",
    "NOT_LLM_API, PROVIDER_ERROR",
    "BLOCKED, PROVIDER_ERROR",
    "UPSTREAM_REDIRECT, PROVIDER_ERROR",
    "UPSTREAM_ERROR, PROVIDER_ERROR",
  })
  void meansTheSameToEveryClient(CallOutcome reason, Problem expected) {
    assertThat(problem(reason, null).problem()).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(CallOutcome.class)
  void namesTheProviderAndTheKeyAndNoSecret(CallOutcome reason) {
    assertThat(problem(reason, null).getMessage())
        .contains("OpenAI")
        .contains("team")
        .doesNotContain("%", "canary", "client's words");
  }

  @ParameterizedTest
  @EnumSource(
      value = CallOutcome.class,
      names = {"AUTH_FAILED", "UNREACHABLE", "UPSTREAM_ERROR"})
  void carriesTheReasonForPrograms(CallOutcome reason) {
    assertThat(problem(reason, null).errors())
        .extracting(FieldError::code)
        .containsExactly(reason.wire());
  }

  @Test
  void passesOnHowLongToWait() {
    assertThat(problem(CallOutcome.RATE_LIMITED, Duration.ofSeconds(42)).retryAfter())
        .contains(Duration.ofSeconds(42));
    assertThat(problem(CallOutcome.RATE_LIMITED, null).retryAfter()).isPresent();
  }

  @Test
  void saysHowLongItWaited() {
    assertThat(problem(CallOutcome.TIMEOUT, null).getMessage()).contains("7 seconds");
  }
}
