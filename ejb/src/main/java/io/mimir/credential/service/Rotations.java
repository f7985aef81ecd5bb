package io.mimir.credential.service;

import static jakarta.ejb.TransactionAttributeType.NOT_SUPPORTED;

import io.mimir.audit.AuditedAction;
import io.mimir.audit.Change;
import io.mimir.audit.Outcome;
import io.mimir.audit.service.AuditLog;
import io.mimir.credential.ApiKey;
import io.mimir.credential.Candidate;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.Probe;
import io.mimir.llm.service.EndpointProbe;
import io.mimir.security.Role;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.VaultException;
import jakarta.annotation.Resource;
import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ejb.EJB;
import jakarta.ejb.SessionContext;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import java.time.Instant;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * Replaces the secret of a key without risking its calls: the new one is tried on a share of them,
 * and takes the old one's place when it has proven itself. One method is one transaction, but for
 * the start: no transaction waits for a provider.
 */
@Stateless
@RolesAllowed(Role.ADMIN)
public class Rotations {

  public static final int DEFAULT_SHARE = 10;
  public static final int DEFAULT_CALLS = 20;

  private static final String START = "key.rotation.start";
  private static final String PROMOTE = "key.rotation.promote";
  private static final String ROLL_BACK = "key.rotation.rollback";

  /** The fields of which the log tells that they changed. */
  private static final String SECRET = "key_value";

  private static final String CANDIDATE = "rotation.key_value";

  @PersistenceContext EntityManager em;
  @Inject Vault vault;
  @Inject Event<AuditedAction> deeds;
  @Inject Event<KeysChanged> changed;
  @Inject RotationTrials trials;
  @Inject KeyTestLimiter limiter;
  @Inject EndpointProbe probes;
  @Inject KeyEndpoints endpoints;
  @Resource SessionContext session;
  @EJB AuditLog audit;

  /**
   * This bean again, through the container, so that the transaction of the called method counts.
   */
  @EJB Rotations self;

  /**
   * A secret to be tried.
   *
   * @param share how many of a hundred calls are made with it; null means 10
   * @param calls how many of them have to succeed; null means 20
   */
  public record Trial(Secret secret, Integer share, Integer calls) {

    private int shareOrDefault() {
      return share == null ? DEFAULT_SHARE : share;
    }

    private int callsOrDefault() {
      return calls == null ? DEFAULT_CALLS : calls;
    }
  }

  /**
   * Tests a new secret once at the provider, and begins to try it on calls unless the provider
   * refuses it.
   *
   * @param seen accepts the versions that the caller saw
   * @throws ProblemException NOT_FOUND, STALE, IN_USE while a rotation is running, RATE_LIMITED, or
   *     what is wrong with a field; {@code key_value} when the provider refuses it
   */
  @TransactionAttribute(NOT_SUPPORTED)
  public ApiKey start(String keyId, Trial trial, LongPredicate seen) {
    ApiKey key = find(keyId);
    try {
      ApiKeys.refuseStale(key, seen);
      // This one is attached to no transaction: it is asked for its rules, and stored nowhere.
      propose(key, trial);
      limiter.take(by(), keyId);
      probe(key, trial);
    } catch (ProblemException e) {
      audit.write(of(START, key).detail("problem", e.problem().code()), Outcome.FAILURE);
      throw e;
    }
    return self.begin(keyId, trial, seen);
  }

  private void propose(ApiKey key, Trial trial) {
    key.propose(
        trial.secret() == null ? Secret.of("") : trial.secret(),
        trial.shareOrDefault(),
        trial.callsOrDefault(),
        vault,
        by(),
        Instant.now());
  }

  /** What does not depend on the secret may pass by itself: a busy provider refuses nobody. */
  private void probe(ApiKey key, Trial trial) {
    Probe probe;
    try (Secret secret = trial.secret().stripped();
        Secret headers = key.openHeaders(vault)) {
      probe = probes.probe(endpoints.of(key), secret, headers, KeyTests.TIMEOUT);
    }
    if (probe.reason() == CallOutcome.AUTH_FAILED || probe.reason() == CallOutcome.FORBIDDEN) {
      throw ProblemException.of(
          Problem.REFUSED, "key_value", probe.reason().wire(), probe.message());
    }
  }

  /** The second half of {@link #start}: keeps a secret that was tested. */
  public ApiKey begin(String keyId, Trial trial, LongPredicate seen) {
    ApiKey key = find(keyId);
    AuditedAction deed = begin(of(START, key));
    ApiKeys.refuseStale(key, seen);
    propose(key, trial);
    written(key, deed.done(whatIsTried(key)));
    return key;
  }

  /**
   * Ends a rotation before the candidate has had its calls: it takes the old secret's place.
   *
   * @param seen accepts the versions that the caller saw
   * @throws ProblemException NOT_FOUND when none is running, STALE
   */
  public ApiKey finish(String keyId, LongPredicate seen) {
    ApiKey key = find(keyId);
    AuditedAction deed = begin(of(PROMOTE, key));
    refuseNone(key);
    ApiKeys.refuseStale(key, seen);
    promote(key);
    key.changed(by(), Instant.now());
    written(key, deed.done(List.of(Change.ofSecret(SECRET))));
    return key;
  }

  /**
   * Ends a rotation: the old secret stays, and the candidate is removed.
   *
   * @param seen accepts the versions that the caller saw
   * @throws ProblemException NOT_FOUND when none is running, STALE
   */
  public ApiKey cancel(String keyId, LongPredicate seen) {
    ApiKey key = find(keyId);
    AuditedAction deed = begin(of(ROLL_BACK, key));
    refuseNone(key);
    ApiKeys.refuseStale(key, seen);
    key.rollBack();
    key.changed(by(), Instant.now());
    written(key, deed.done(List.of(Change.ofSecret(CANDIDATE))));
    return key;
  }

  /**
   * What the server does by itself when the candidate has had its calls. Nothing happens where no
   * rotation is running, or where the candidate has not had them: it may be another one than the
   * caller thought of.
   */
  @PermitAll
  public void promote(String keyId) {
    ApiKey key = em.find(ApiKey.class, keyId);
    Candidate candidate = candidateOf(key);
    if (candidate == null || trials.ok(keyId) < candidate.calls()) {
      return;
    }
    AuditedAction deed = begin(byItself(PROMOTE, key));
    promote(key);
    written(key, deed.done(List.of(Change.ofSecret(SECRET))));
  }

  /**
   * What the server does by itself when calls with the candidate fail. Nothing happens where no
   * rotation is running.
   *
   * @param reason a word for the audit log, such as {@code auth_failed}
   */
  @PermitAll
  public void rollBack(String keyId, String reason) {
    ApiKey key = em.find(ApiKey.class, keyId);
    if (candidateOf(key) == null) {
      return;
    }
    AuditedAction deed = begin(byItself(ROLL_BACK, key).detail("reason", reason));
    key.rollBack();
    key.changed(AuditLog.SYSTEM, Instant.now());
    written(key, deed.done(List.of(Change.ofSecret(CANDIDATE))));
  }

  private static Candidate candidateOf(ApiKey key) {
    return key == null || key.isDeleted() ? null : key.candidate().orElse(null);
  }

  private void promote(ApiKey key) {
    try {
      key.promote(vault, Instant.now());
    } catch (VaultException e) {
      throw ProblemException.of(
          Problem.REFUSED,
          "key_value",
          "unreadable",
          "The key that is being tried does not open any more: roll it back and enter it again");
    }
  }

  private void written(ApiKey key, AuditedAction deed) {
    em.flush();
    deeds.fire(deed);
    trials.forget(key.getId());
    changed.fire(new KeysChanged(key.getId()));
  }

  private static void refuseNone(ApiKey key) {
    if (key.candidate().isEmpty()) {
      throw new ProblemException(Problem.NOT_FOUND, "No replacement of this key is being tried");
    }
  }

  private ApiKey find(String id) {
    ApiKey key = em.find(ApiKey.class, id);
    if (key == null || key.isDeleted()) {
      throw ProblemException.notFound("key");
    }
    return key;
  }

  private AuditedAction begin(AuditedAction deed) {
    deeds.fire(deed);
    return deed;
  }

  private static AuditedAction of(String action, ApiKey key) {
    return AuditedAction.of(action).on(key.getId(), key.getName());
  }

  private static AuditedAction byItself(String action, ApiKey key) {
    return AuditedAction.ofTheServer(action).on(key.getId(), key.getName());
  }

  private static List<Change> whatIsTried(ApiKey key) {
    Candidate candidate = key.candidate().orElseThrow();
    return List.of(
        Change.ofSecret(CANDIDATE),
        new Change("rotation.share", null, candidate.share()),
        new Change("rotation.calls", null, candidate.calls()));
  }

  private String by() {
    return session.getCallerPrincipal().getName();
  }
}
