package io.mimir.credential.service;

import io.mimir.credential.RateWindow;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.security.service.AccessTokenRevoked;
import io.mimir.security.service.Identity;
import io.mimir.security.service.Identity.Allowance;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.util.List;
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
    List<Allowance> allowances = caller.allowances();
    RateWindow[] asked = new RateWindow[allowances.size()];
    for (int i = 0; i < asked.length; i++) {
      Allowance allowance = allowances.get(i);
      RateWindow window = windows.computeIfAbsent(allowance.tokenId(), id -> new RateWindow());
      asked[i] = window;
      long now = System.nanoTime();
      if (!window.tryTake(allowance.perMinute(), now)) {
        for (int taken = 0; taken < i; taken++) {
          asked[taken].giveBack();
        }
        throw ProblemException.retryable(
            Problem.RATE_LIMITED,
            "This token may ask %d times a minute".formatted(allowance.perMinute()),
            window.waitFor(allowance.perMinute(), now));
      }
    }
  }

  /** How many more questions the caller may ask now; empty for a caller without a limit. */
  public OptionalInt remaining(Identity caller) {
    return caller.allowances().stream().mapToInt(this::room).min();
  }

  private int room(Allowance allowance) {
    RateWindow window = windows.get(allowance.tokenId());
    return window == null
        ? allowance.perMinute()
        : window.room(allowance.perMinute(), System.nanoTime());
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
