package io.mimir.security.service;

import static java.lang.System.Logger.Level.WARNING;

import io.mimir.audit.Outcome;
import io.mimir.audit.service.AuditLog;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.lifecycle.service.Stopping;
import io.mimir.security.AccessToken;
import io.mimir.security.AccessTokenText;
import io.mimir.security.Account;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.storage.service.LastUses;
import jakarta.annotation.Priority;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import jakarta.inject.Inject;
import jakarta.persistence.PersistenceException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Finds out who is calling. What it learned it remembers for a few seconds, so that a call path
 * asks the database rarely, and forgets at once when an account or a token changes on this node.
 */
@ApplicationScoped
public class SignIn {

  private static final System.Logger LOG = System.getLogger(SignIn.class.getName());

  /** A role that was taken away on another node is gone within this time (T70, T71). */
  private static final Duration FRESH = Duration.ofSeconds(5);

  /** Before that time, so that the calls of a busy token never wait for the database. */
  private static final Duration RENEW = Duration.ofSeconds(4);

  /** A program that sends Basic with each request pays for the slow hash once in this time. */
  private static final Duration PASSWORD_FRESH = Duration.ofMinutes(1);

  private static final int MAX_REMEMBERED = 10_000;

  @Inject Accounts accounts;
  @Inject AccessTokens tokens;
  @Inject AuditLog audit;
  @Inject PasswordCheck check;
  @Inject Vault vault;
  @Resource ManagedScheduledExecutorService scheduler;
  Clock clock = Clock.systemUTC();

  private final Map<String, Known<Identity>> people = new ConcurrentHashMap<>();
  private final Map<String, Known<Identity>> passwords = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<Identity>> underWay = new ConcurrentHashMap<>();
  private final Map<String, Program> programs = new ConcurrentHashMap<>();
  private final LastUses uses =
      new LastUses(
          "tokens",
          Duration.ofSeconds(20),
          () -> scheduler,
          due -> due.forEach((id, at) -> tokens.touch(id, at)));

  private record Known<T>(T value, Instant until) {
    boolean isFresh(Instant now) {
      return now.isBefore(until);
    }
  }

  /**
   * A token as it was read last.
   *
   * @param renewing set by the call that sees to it that the token is read again in time
   */
  private record Program(
      AccessToken token, Identity identity, Instant readAt, AtomicBoolean renewing) {

    boolean isFresh(Instant now) {
      return now.isBefore(readAt.plus(FRESH));
    }

    boolean isDue(Instant now) {
      return now.isAfter(readAt.plus(RENEW)) && renewing.compareAndSet(false, true);
    }
  }

  /**
   * Signs a person in.
   *
   * @throws ProblemException LOCKED_OUT with the time to wait, or UNAUTHENTICATED: the same for an
   *     unknown name, a wrong password and a disabled account
   */
  public Identity withPassword(String username, Secret password, String address) {
    return remember(Identity.person(check.check(username, password, address, "login", refused())));
  }

  private static ProblemException refused() {
    return new ProblemException(Problem.UNAUTHENTICATED, "User name or password is wrong");
  }

  /**
   * A person who is signed in enters the password again.
   *
   * @throws ProblemException LOCKED_OUT with the time to wait, or WRONG_PASSWORD
   */
  public void confirm(Identity person, Secret password, String address) {
    ProblemException wrong =
        ProblemException.of(
            Problem.WRONG_PASSWORD, "password", "wrong_password", "This is not your password");
    Account account = check.check(person.username(), password, address, "session.password", wrong);
    if (!account.getId().equals(person.accountId())) {
      throw wrong;
    }
    audit.write(person.username(), "session.password", null, Outcome.SUCCESS);
  }

  /** Like {@link #withPassword}, for programs that send the password with each request. */
  public Identity withBasic(String username, Secret password, String address) {
    Instant now = clock.instant();
    String hash = passwordKey(username, password);
    Known<Identity> known = passwords.get(hash);
    if (known != null && known.isFresh(now)) {
      Optional<Identity> current = account(known.value().accountId());
      if (current.isPresent()
          && current.get().credentialsSince().equals(known.value().credentialsSince())) {
        return current.get();
      }
    }
    return once(
        hash,
        () -> {
          Identity identity = withPassword(username, password, address);
          bound(passwords, now);
          passwords.put(hash, new Known<>(identity, now.plus(PASSWORD_FRESH)));
          return identity;
        });
  }

  /** A program that sends many requests at once has its password hashed for all of them. */
  private Identity once(String hash, Supplier<Identity> work) {
    CompletableFuture<Identity> mine = new CompletableFuture<>();
    CompletableFuture<Identity> first = underWay.putIfAbsent(hash, mine);
    if (first != null) {
      try {
        return first.join();
      } catch (CompletionException e) {
        throw e.getCause() instanceof RuntimeException cause ? cause : e;
      }
    }
    try {
      Identity identity = work.get();
      mine.complete(identity);
      return identity;
    } catch (RuntimeException e) {
      mine.completeExceptionally(e);
      throw e;
    } finally {
      underWay.remove(hash, mine);
    }
  }

  private String passwordKey(String username, Secret password) {
    return HexFormat.of().formatHex(vault.mac("basic|" + Account.keyOf(username), password));
  }

  /** The account as it is now, if it may still come in. */
  public Optional<Identity> account(String accountId) {
    Instant now = clock.instant();
    Known<Identity> known = people.get(accountId);
    if (known != null && known.isFresh(now)) {
      return Optional.of(known.value());
    }
    return accounts
        .find(accountId)
        .filter(Account::isActive)
        .map(Identity::person)
        .map(this::remember);
  }

  private Identity remember(Identity identity) {
    Instant now = clock.instant();
    bound(people, now);
    people.put(identity.accountId(), new Known<>(identity, now.plus(FRESH)));
    return identity;
  }

  /**
   * The caller of an access token; empty for one that is malformed, unknown, revoked, expired or
   * whose owner may not come in.
   */
  public Optional<Identity> withToken(Secret text) {
    if (!AccessTokenText.isWellFormed(text)) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    String hash = AccessToken.hashOf(text, vault);
    Program known = programs.get(hash);
    if (known == null || !known.isFresh(now)) {
      known = read(hash);
      if (known == null) {
        return Optional.empty();
      }
    } else if (known.isDue(now)) {
      scheduler.execute(() -> renew(hash));
    }
    if (!known.token().isUsable(now)) {
      return Optional.empty();
    }
    uses.used(known.token().getId(), now);
    return Optional.of(known.identity());
  }

  /**
   * @return null when there is no such token
   */
  private Program read(String hash) {
    Instant now = clock.instant();
    Optional<AccessToken> found = tokens.find(hash);
    if (found.isEmpty()) {
      programs.remove(hash);
      return null;
    }
    if (programs.size() >= MAX_REMEMBERED) {
      programs.values().removeIf(program -> !program.isFresh(now));
    }
    if (programs.size() >= MAX_REMEMBERED) {
      programs.clear();
    }
    Program read =
        new Program(found.get(), Identity.program(found.get()), now, new AtomicBoolean());
    programs.put(hash, read);
    return read;
  }

  private void renew(String hash) {
    try {
      read(hash);
    } catch (PersistenceException | jakarta.ejb.EJBException e) {
      LOG.log(WARNING, "A token could not be read again; the next call will wait for it");
    }
  }

  /** When a token was last used, as memory knows it. */
  public Optional<Instant> lastUse(String tokenId) {
    return uses.of(tokenId);
  }

  /** Not when this bean is destroyed: session beans and the server's pool are gone by then. */
  void stop(@Observes @Priority(1) Stopping stopping) {
    uses.stop(LastUses.directly("access_tokens"));
  }

  void forget(@Observes(during = TransactionPhase.AFTER_COMPLETION) AccountChanged changed) {
    people.remove(changed.accountId());
    passwords.values().removeIf(known -> known.value().accountId().equals(changed.accountId()));
    programs
        .values()
        .removeIf(known -> known.token().getOwner().getId().equals(changed.accountId()));
  }

  void forget(@Observes(during = TransactionPhase.AFTER_COMPLETION) AccessTokenRevoked token) {
    programs.values().removeIf(known -> known.token().descendsFrom(token.tokenId()));
  }

  private static <T> void bound(Map<String, Known<T>> map, Instant now) {
    if (map.size() >= MAX_REMEMBERED) {
      map.values().removeIf(known -> !known.isFresh(now));
    }
    if (map.size() >= MAX_REMEMBERED) {
      map.clear();
    }
  }
}
