package io.mimir.credential.service;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.LlmException;
import io.mimir.llm.Provider;
import java.time.Duration;

/** What a failed call means to the person who asked, in our words and never the provider's. */
public final class ProviderProblems {

  /** When a provider is busy and does not say for how long. */
  private static final Duration RETRY = Duration.ofSeconds(5);

  private ProviderProblems() {}

  /**
   * @return RATE_LIMITED, MODEL_NOT_FOUND, PROVIDER_TIMEOUT or PROVIDER_ERROR
   */
  public static ProblemException of(KeyLease lease, LlmException failure) {
    return of(lease.endpoint().provider(), lease.keyName(), lease.timeout(), failure);
  }

  private static ProblemException of(
      Provider provider, String keyName, Duration timeout, LlmException failure) {
    String who = provider.label();
    return switch (failure.reason()) {
      case TIMEOUT ->
          new ProblemException(
              Problem.PROVIDER_TIMEOUT,
              "%s did not answer within %d seconds, the limit of the key %s: try again, or ask an administrator for a longer timeout_seconds"
                  .formatted(who, timeout.toSeconds(), keyName));
      case NOT_FOUND ->
          new ProblemException(
              Problem.MODEL_NOT_FOUND,
              "%s does not know this model at the endpoint of the key %s: choose another model"
                  .formatted(who, keyName));
      case RATE_LIMITED ->
          ProblemException.retryable(
              Problem.RATE_LIMITED,
              "%s is limiting the key %s: try again later".formatted(who, keyName),
              failure.retryAfter().orElse(RETRY));
      default ->
          ProblemException.of(
              Problem.PROVIDER_ERROR,
              "model_provider",
              failure.reason().wire(),
              sentence(failure).formatted(who, keyName));
    };
  }

  private static String sentence(LlmException failure) {
    return switch (failure.reason()) {
      case AUTH_FAILED -> "%s does not accept the key %s: an administrator can replace it";
      case FORBIDDEN -> "%s does not let the key %s use this model";
      case QUOTA_EXCEEDED -> "The account at %s behind the key %s has no credit left";
      case UNREACHABLE -> "%s cannot be reached at the endpoint of the key %s";
      case TLS_ERROR -> "%s has no certificate that is trusted, at the endpoint of the key %s";
      case NOT_LLM_API -> "What answers for %s at the endpoint of the key %s is no LLM API";
      case BLOCKED -> "The endpoint of the %s key %s is an address that may not be called";
      case PROXY_REFUSED ->
          "The proxy of this server refused the connection to %s for the key %s: an operator can check MIMIR_HTTP_PROXY";
      case UPSTREAM_REDIRECT ->
          "%s answered with a redirect, which is not followed: correct the endpoint of the key %s";
      case UPSTREAM_ERROR ->
          failure.status() >= 400 && failure.status() < 500
              ? "%s refused the request made with the key %s: the conversation may be too long for this model"
              : "%s failed to answer the request made with the key %s: try again";
      case OK, TIMEOUT, NOT_FOUND, RATE_LIMITED ->
          "%s failed to answer the request made with the key %s";
    };
  }
}
