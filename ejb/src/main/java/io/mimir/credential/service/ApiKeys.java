package io.mimir.credential.service;

import static jakarta.ejb.TransactionAttributeType.SUPPORTS;

import io.mimir.audit.AuditedAction;
import io.mimir.audit.Change;
import io.mimir.audit.Facts;
import io.mimir.credential.ApiKey;
import io.mimir.credential.KeyDraft;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.Role;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import jakarta.annotation.Resource;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ejb.SessionContext;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.FlushModeType;
import jakarta.persistence.PersistenceContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;

/** What an administrator does with keys. One method is one transaction. */
@Stateless
@RolesAllowed(Role.ADMIN)
public class ApiKeys {

  @PersistenceContext EntityManager em;
  @Inject Vault vault;
  @Inject Event<AuditedAction> deeds;
  @Inject Event<KeysChanged> changed;
  @Inject KeyEditor editor;
  @Resource SessionContext session;

  /** Newest first. */
  @TransactionAttribute(SUPPORTS)
  public List<ApiKey> all() {
    return em.createNamedQuery(ApiKey.ALL, ApiKey.class).getResultList();
  }

  /** What can still be had back, newest deletion first. */
  @TransactionAttribute(SUPPORTS)
  public List<ApiKey> deleted() {
    Instant oldest = Instant.now().minus(ApiKey.UNDO);
    return em.createNamedQuery(ApiKey.DELETED, ApiKey.class)
        .getResultStream()
        .filter(key -> key.history().deletedAt().isAfter(oldest))
        .toList();
  }

  @TransactionAttribute(SUPPORTS)
  public ApiKey get(String id) {
    return find(id);
  }

  /** Begins what is done to a key that may not be there. */
  private AuditedAction begin(String action, String id) {
    ApiKey key = em.find(ApiKey.class, id);
    AuditedAction deed = AuditedAction.of(action).on(id, key == null ? null : key.getName());
    deeds.fire(deed);
    return deed;
  }

  private static List<Change> changes(Facts before, ApiKey key, KeyDraft draft) {
    List<Change> changes = new ArrayList<>(Facts.between(before, KeyFacts.of(key)));
    if (draft.bringsASecret()) {
      changes.add(Change.ofSecret("key_value"));
    }
    Map<String, Secret> headers = draft.extras().request().headers();
    if (headers != null) {
      headers.forEach(
          (name, value) -> {
            if (value != null) {
              changes.add(Change.ofSecret("headers." + name));
            }
          });
    }
    return changes;
  }

  private ApiKey find(String id) {
    ApiKey key = em.find(ApiKey.class, id);
    if (key == null || key.isDeleted()) {
      throw ProblemException.notFound("key");
    }
    return key;
  }

  /**
   * @throws ProblemException NAME_TAKEN, ENDPOINT_BLOCKED, or what is wrong with a field
   */
  public ApiKey add(KeyDraft draft) {
    AuditedAction deed = AuditedAction.of("key.create").on(null, draft.name());
    deeds.fire(deed);
    ApiKey key = editor.build(draft, by());
    key.replaceSecret(draft.secret(), vault);
    refuseTaken(key, Problem.NAME_TAKEN);
    em.persist(key);
    em.flush();
    deeds.fire(deed.on(key.getId(), key.getName()).done(changes(new Facts(), key, draft)));
    changed.fire(new KeysChanged(key.getId()));
    return key;
  }

  private void refuseTaken(ApiKey key, Problem problem) {
    long others =
        em.createNamedQuery(ApiKey.NAMED, Long.class)
            .setParameter("provider", key.getProvider())
            .setParameter("name", key.getName())
            .setParameter("except", key.getId())
            // A new name is not written before it is known to be free.
            .setFlushMode(FlushModeType.COMMIT)
            .getSingleResult();
    if (others > 0) {
      throw ProblemException.of(
          problem,
          "name",
          problem.code(),
          "There is already a key of this provider with this name: choose another");
    }
  }

  /**
   * @param seen accepts the versions that the caller saw whatever is there
   * @throws ProblemException STALE, KEY_REQUIRED_FOR_NEW_ORIGIN, NAME_TAKEN, ENDPOINT_BLOCKED, or
   *     what is wrong with a field
   */
  public ApiKey change(String id, KeyDraft change, LongPredicate seen) {
    AuditedAction deed = begin("key.update", id);
    ApiKey key = find(id);
    Facts before = KeyFacts.of(key);
    refuseStale(key, seen);
    if (change.provider() != null && change.provider() != key.getProvider()) {
      throw ProblemException.of(
          Problem.REFUSED,
          "provider",
          "immutable",
          "A key stays with its provider: add another key instead");
    }
    if (change.name() != null) {
      key.rename(change.name());
      refuseTaken(key, Problem.NAME_TAKEN);
    }
    editor.edit(key, change);
    key.changed(by(), Instant.now());
    em.flush();
    deeds.fire(deed.done(changes(before, key, change)));
    changed.fire(new KeysChanged(id));
    return key;
  }

  /**
   * @param seen accepts the versions that the caller saw: moved by changes, never by uses and tests
   * @throws ProblemException STALE when it does not accept the key's
   */
  static void refuseStale(ApiKey key, LongPredicate seen) {
    if (seen.test(key.getVersion())) {
      return;
    }
    throw new ProblemException(
        Problem.STALE,
        "%s changed this key in the meantime: load it again".formatted(key.history().updatedBy()));
  }

  /** Puts a key aside; it can be had back for seven days. */
  public void delete(String id, LongPredicate seen) {
    AuditedAction deed = begin("key.delete", id);
    ApiKey key = find(id);
    refuseStale(key, seen);
    Facts before = KeyFacts.of(key);
    key.delete(by(), Instant.now());
    em.flush();
    deeds.fire(deed.done(Facts.between(before, new Facts())));
    changed.fire(new KeysChanged(id));
  }

  /**
   * @throws ProblemException NOT_FOUND after seven days; RESTORE_CONFLICT when its name was given
   *     away
   */
  public ApiKey restore(String id) {
    AuditedAction deed = begin("key.restore", id);
    ApiKey key = em.find(ApiKey.class, id);
    if (key == null
        || !key.isDeleted()
        || key.history().deletedAt().isBefore(Instant.now().minus(ApiKey.UNDO))) {
      throw ProblemException.notFound("deleted key");
    }
    refuseTaken(key, Problem.RESTORE_CONFLICT);
    key.restore(by(), Instant.now());
    em.flush();
    deeds.fire(deed.done(Facts.between(new Facts(), KeyFacts.of(key))));
    changed.fire(new KeysChanged(id));
    return key;
  }

  private String by() {
    return session.getCallerPrincipal().getName();
  }
}
