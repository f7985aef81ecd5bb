package io.mimir.credential.service;

import io.mimir.credential.ModelRef;
import io.mimir.credential.RateWindow;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.service.Identity;
import io.mimir.security.service.TokenRevoked;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;

/** What an access token limits of its own: which models, and how many questions a minute. */
@ApplicationScoped
public class TokenLimits {

  private final Map<String, RateWindow> windows = new ConcurrentHashMap<>();

  /**
   * Counts one question of this caller.
   *
   * @throws ProblemException RATE_LIMITED with the time to wait
   */
  public void take(Identity caller) {
    if (caller.tokenId() == null || caller.requestsPerMinute() == null) {
      return;
    }
    RateWindow window = windows.computeIfAbsent(caller.tokenId(), id -> new RateWindow());
    long now = System.nanoTime();
    if (!window.tryTake(caller.requestsPerMinute(), now)) {
      throw ProblemException.retryable(
          Problem.RATE_LIMITED,
          "This token may ask %d times a minute".formatted(caller.requestsPerMinute()),
          window.waitFor(caller.requestsPerMinute(), now));
    }
  }

  /** How many more questions the caller may ask now; empty for a caller without a limit. */
  public OptionalInt remaining(Identity caller) {
    if (caller.tokenId() == null || caller.requestsPerMinute() == null) {
      return OptionalInt.empty();
    }
    RateWindow window = windows.get(caller.tokenId());
    int limit = caller.requestsPerMinute();
    return OptionalInt.of(window == null ? limit : window.room(limit, System.nanoTime()));
  }

  /** Whether the caller may ask that model; a list names models with or without their provider. */
  public boolean allows(Identity caller, ModelRef model) {
    return caller.models().isEmpty()
        || caller.models().contains(model.name())
        || caller.models().contains(model.provider().wire() + "/" + model.name());
  }

  void forget(@Observes(during = TransactionPhase.AFTER_SUCCESS) TokenRevoked revoked) {
    windows.remove(revoked.tokenId());
  }
}
