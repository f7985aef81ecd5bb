package io.mimir.security.service;

import io.mimir.audit.Outcome;
import io.mimir.audit.service.AuditLog;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.Account;
import io.mimir.security.LoginGuard;
import io.mimir.security.PasswordHash;
import io.mimir.security.Secret;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * Every look at a password, whatever it is asked for: guesses at one door count at all others
 * (T63).
 */
@ApplicationScoped
public class PasswordCheck {

  private static final Duration HASH_RETRY = Duration.ofSeconds(2);
  private static final String UNKNOWN = "unknown";

  @Inject Accounts accounts;
  @Inject AuditLog audit;

  private final LoginGuard guard = new LoginGuard(Clock.systemUTC());
  private final Hashing hashing = new Hashing(Runtime.getRuntime().availableProcessors());

  /**
   * The account whose name and password these are. A wrong one is written down, and so is the first
   * attempt of whoever has to wait.
   *
   * @param address of whoever asks
   * @param action the word for the audit log
   * @param refusal what to say to a wrong one: the same for an unknown name, a wrong password and a
   *     disabled account
   * @throws ProblemException LOCKED_OUT with the time to wait, OVERLOADED, or the refusal
   */
  public Account check(
      String username, Secret password, String address, String action, ProblemException refusal) {
    Optional<Account> known = accounts.named(username);
    // People type passwords and keys where the name belongs: a name that is none is not written
    // down.
    String actor = known.map(Account::getUsername).orElse(UNKNOWN);
    Optional<LoginGuard.Refusal> refused = guard.begin(username, address);
    if (refused.isPresent()) {
      if (refused.get().first()) {
        audit.write(actor, action, null, Outcome.DENIED);
      }
      Duration wait = refused.get().delay();
      throw ProblemException.retryable(
          Problem.LOCKED_OUT,
          "Too many wrong passwords: wait %d seconds".formatted(seconds(wait)),
          wait);
    }
    Optional<Account> account = known.filter(Account::isActive);
    if (!hashing.begin()) {
      guard.dropped(username, address);
      throw ProblemException.retryable(
          Problem.OVERLOADED, "Too many people sign in at the moment: try again", HASH_RETRY);
    }
    boolean right;
    try {
      right = matches(account, password);
    } finally {
      hashing.end();
    }
    if (!right) {
      audit.write(actor, action, null, Outcome.FAILURE);
      throw refusal;
    }
    guard.succeeded(username, address);
    return account.get();
  }

  private static boolean matches(Optional<Account> account, Secret password) {
    if (account.isPresent()) {
      return account.get().accepts(password);
    }
    PasswordHash.matchesNobody(password);
    return false;
  }

  private static long seconds(Duration wait) {
    return Math.max(1, wait.toSeconds() + (wait.toNanosPart() > 0 ? 1 : 0));
  }
}
