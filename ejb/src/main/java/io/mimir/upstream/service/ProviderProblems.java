package io.mimir.upstream.service;

import io.mimir.credential.service.KeyLease;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.LlmException;
import java.time.Duration;

/** Says what a failed call means to the person who asked, in our words and never the provider's. */
final class ProviderProblems {

  /** When a provider is busy and does not say for how long. */
  private static final Duration RETRY = Duration.ofSeconds(5);

  private ProviderProblems() {}

  /**
   * @param patience how long the provider was waited for
   * @return RATE_LIMITED, MODEL_NOT_FOUND, PROVIDER_TIMEOUT or PROVIDER_ERROR
   */
  static ProblemException of(KeyLease lease, Duration patience, LlmException failure) {
    String who = lease.endpoint().provider().label();
    String keyName = lease.keyName();
    return switch (failure.reason()) {
      case TIMEOUT -> new ProblemException(Problem.PROVIDER_TIMEOUT, silence(lease, patience, who));
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

  private static String silence(KeyLease lease, Duration patience, String who) {
    return patience.compareTo(lease.timeout()) < 0
        ? "%s has said nothing for %d seconds, the limit of this call: try again"
            .formatted(who, patience.toSeconds())
        : "%s has said nothing for %d seconds, the limit of the key %s: try again, or ask an administrator for a longer timeout_seconds"
            .formatted(who, patience.toSeconds(), lease.keyName());
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
      default -> "%s failed to answer the request made with the key %s";
    };
  }
}
