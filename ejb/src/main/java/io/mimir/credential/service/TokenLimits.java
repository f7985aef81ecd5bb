package io.mimir.credential.service;

import io.mimir.credential.RateWindow;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.security.service.AccessTokenRevoked;
import io.mimir.security.service.Identity;
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

  /**
   * Whether the caller may ask a model of a provider. A token's list names models with or without
   * their provider, and with {@code *} at the end for all that begin so.
   */
  public boolean allows(Identity caller, Provider provider, String model) {
    if (caller.models().isEmpty()) {
      return true;
    }
    String name = ModelOffer.canonical(model);
    String qualified = provider.wire() + "/" + name;
    for (String entry : caller.models()) {
      boolean fits =
          ModelOffer.isWildcard(entry)
              ? startsWith(entry, model) || startsWith(entry, qualified)
              : ModelOffer.canonical(entry).equals(name)
                  || ModelOffer.canonical(entry).equals(qualified);
      if (fits) {
        return true;
      }
    }
    return false;
  }

  private static boolean startsWith(String wildcard, String name) {
    return name.startsWith(wildcard.substring(0, wildcard.length() - 1));
  }

  void forget(@Observes(during = TransactionPhase.AFTER_SUCCESS) AccessTokenRevoked revoked) {
    windows.remove(revoked.tokenId());
  }
}
