package io.mimir.credential.service;

import static jakarta.ejb.TransactionAttributeType.NOT_SUPPORTED;

import io.mimir.audit.AuditedAction;
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
      audit.write(by(), START, labelOf(key), Outcome.FAILURE);
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
    deeds.fire(new AuditedAction(START, labelOf(key)));
    ApiKeys.refuseStale(key, seen);
    propose(key, trial);
    written(key);
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
    deeds.fire(new AuditedAction(PROMOTE, labelOf(key)));
    refuseNone(key);
    ApiKeys.refuseStale(key, seen);
    promote(key);
    key.changed(by(), Instant.now());
    written(key);
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
    deeds.fire(new AuditedAction(ROLL_BACK, labelOf(key)));
    refuseNone(key);
    ApiKeys.refuseStale(key, seen);
    key.rollBack();
    key.changed(by(), Instant.now());
    written(key);
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
    deeds.fire(AuditedAction.ofTheServer(PROMOTE, labelOf(key)));
    promote(key);
    written(key);
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
    deeds.fire(AuditedAction.ofTheServer(ROLL_BACK, labelOf(key) + " (" + reason + ')'));
    key.rollBack();
    key.changed(AuditLog.SYSTEM, Instant.now());
    written(key);
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

  private void written(ApiKey key) {
    em.flush();
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

  private static String labelOf(ApiKey key) {
    return key.getId() + ' ' + key.getName();
  }

  private String by() {
    return session.getCallerPrincipal().getName();
  }
}
