package io.mimir.credential.service;

import static jakarta.ejb.TransactionAttributeType.NOT_SUPPORTED;
import static jakarta.ejb.TransactionAttributeType.SUPPORTS;

import io.mimir.audit.AuditedAction;
import io.mimir.credential.ApiKey;
import io.mimir.credential.LastTest;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Endpoint;
import io.mimir.llm.Provider;
import io.mimir.llm.service.LlmClients;
import io.mimir.llm.service.ProviderCatalog;
import io.mimir.net.EndpointUrl;
import io.mimir.net.service.EgressClient;
import io.mimir.security.Role;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.VaultException;
import jakarta.annotation.Resource;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ejb.EJB;
import jakarta.ejb.SessionContext;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongPredicate;

/**
 * What an administrator does with keys. One method is one transaction, but for the tests: no
 * transaction waits for a provider.
 */
@Stateless
@RolesAllowed(Role.ADMIN)
public class ApiKeys {

  /** A test is to be quick, whatever the key's own patience for answers is. */
  static final Duration TEST_TIMEOUT = Duration.ofSeconds(10);

  @PersistenceContext EntityManager em;
  @Inject Vault vault;
  @Inject Event<AuditedAction> deeds;
  @Inject Event<KeysChanged> changed;
  @Inject KeyStatusReader statuses;
  @Inject KeyTestLimiter limiter;
  @Inject LlmClients clients;
  @Inject ProviderCatalog endpoints;
  @Inject EgressClient egress;
  @Resource SessionContext session;
  @EJB KeyUse store;

  /**
   * This bean again, through the container, so that the transaction of the called method counts.
   */
  @EJB ApiKeys self;

  /**
   * A key to be kept or tested.
   *
   * @param endpointUrl null or blank for the provider's own
   * @param metadata may be null
   * @param active null means yes
   * @param priority null means 50
   * @param weight null means 1
   */
  public record NewKey(
      Provider provider,
      String name,
      Secret secret,
      String endpointUrl,
      Map<String, Object> metadata,
      Boolean active,
      Integer priority,
      Integer weight) {}

  /**
   * What is to be changed; null members stay as they are.
   *
   * @param provider must be the key's own when it is given
   * @param secret null or empty keeps the one that is there
   * @param endpointUrl blank for the provider's own
   * @param metadata laid over what is there; a null value removes a member
   */
  public record KeyChange(
      Provider provider,
      String name,
      Secret secret,
      String endpointUrl,
      Map<String, Object> metadata,
      Boolean active,
      Integer priority,
      Integer weight) {

    /** Enables or disables a key, and nothing else. */
    public static KeyChange active(boolean wanted) {
      return new KeyChange(null, null, null, null, null, wanted, null, null);
    }

    /** Replaces the secret of a key, and nothing else. */
    public static KeyChange secret(Secret wanted) {
      return new KeyChange(null, null, wanted, null, null, null, null, null);
    }
  }

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
        .filter(key -> key.getDeletedAt().isAfter(oldest))
        .toList();
  }

  @TransactionAttribute(SUPPORTS)
  public ApiKey get(String id) {
    return find(id);
  }

  /** The id and the name: the log reads well, and a search for either finds all that was done. */
  private String labelOf(String id) {
    ApiKey key = em.find(ApiKey.class, id);
    return key == null ? id : id + ' ' + key.getName();
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
  public ApiKey add(NewKey wish) {
    deeds.fire(new AuditedAction("key.create", wish.name()));
    ApiKey key = build(wish);
    key.replaceSecret(wish.secret(), vault);
    refuseTaken(key, Problem.NAME_TAKEN);
    em.persist(key);
    em.flush();
    changed.fire(new KeysChanged(key.getId()));
    return key;
  }

  private ApiKey build(NewKey wish) {
    EndpointUrl endpoint = vetted(wish.provider(), wish.endpointUrl());
    if (endpoint == null) {
      endpoint = shown(wish.provider());
    }
    ApiKey key = new ApiKey(wish.provider(), wish.name(), endpoint, by(), Instant.now());
    ApiKey.check(wish.provider(), wish.secret().stripped());
    if (wish.metadata() != null) {
      key.mergeMetadata(wish.metadata());
    }
    if (wish.active() != null) {
      key.setActive(wish.active());
    }
    key.route(wish.priority(), wish.weight());
    return key;
  }

  /** A server of one's own has its address written down, even where it is the usual one. */
  private EndpointUrl shown(Provider provider) {
    return provider.isSelfHosted() ? endpoints.standard(provider).orElse(null) : null;
  }

  private EndpointUrl vetted(Provider provider, String url) {
    if (url == null || url.isBlank()) {
      return null;
    }
    EndpointUrl endpoint = EndpointUrl.parse(url.strip());
    egress.vet(provider.zone(), endpoint);
    return endpoint;
  }

  private void refuseTaken(ApiKey key, Problem problem) {
    long others =
        em.createNamedQuery(ApiKey.NAMED, Long.class)
            .setParameter("provider", key.getProvider())
            .setParameter("name", key.getName())
            .setParameter("except", key.getId())
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
  public ApiKey change(String id, KeyChange change, LongPredicate seen) {
    deeds.fire(new AuditedAction("key.update", labelOf(id)));
    ApiKey key = find(id);
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
    boolean newSecret = change.secret() != null && !change.secret().stripped().isEmpty();
    move(key, change, newSecret);
    if (change.metadata() != null) {
      key.mergeMetadata(change.metadata());
    }
    if (change.active() != null) {
      key.setActive(change.active());
    }
    key.route(change.priority(), change.weight());
    key.changed(by(), Instant.now());
    em.flush();
    changed.fire(new KeysChanged(id));
    return key;
  }

  /**
   * The address and the secret change together or one by one, but no secret follows an address to
   * another origin (T10).
   */
  private void move(ApiKey key, KeyChange change, boolean newSecret) {
    if (change.endpointUrl() == null) {
      if (newSecret) {
        key.replaceSecret(change.secret(), vault);
      }
      return;
    }
    EndpointUrl endpoint = vetted(key.getProvider(), change.endpointUrl());
    EndpointUrl standard = endpoints.standard(key.getProvider()).orElse(null);
    if (endpoint == null) {
      endpoint = shown(key.getProvider());
    }
    if (newSecret) {
      key.moveTo(endpoint, change.secret(), vault);
    } else if (key.hasSecret() && key.movesTo(endpoint, standard)) {
      throw ProblemException.of(
          Problem.KEY_REQUIRED_FOR_NEW_ORIGIN,
          "endpoint_url",
          Problem.KEY_REQUIRED_FOR_NEW_ORIGIN.code(),
          "The stored key was given for another server: enter the key for this one as well");
    } else {
      try {
        key.moveTo(endpoint, vault);
      } catch (VaultException e) {
        throw ProblemException.of(
            Problem.REFUSED,
            "key_value",
            "unreadable",
            "The stored key does not open any more: enter it again");
      }
    }
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
        "%s changed this key in the meantime: load it again".formatted(key.getUpdatedBy()));
  }

  /** Puts a key aside; it can be had back for seven days. */
  public void delete(String id, LongPredicate seen) {
    deeds.fire(new AuditedAction("key.delete", labelOf(id)));
    ApiKey key = find(id);
    refuseStale(key, seen);
    key.delete(by(), Instant.now());
    em.flush();
    changed.fire(new KeysChanged(id));
  }

  /**
   * @throws ProblemException NOT_FOUND after seven days; RESTORE_CONFLICT when its name was given
   *     away
   */
  public ApiKey restore(String id) {
    deeds.fire(new AuditedAction("key.restore", labelOf(id)));
    ApiKey key = em.find(ApiKey.class, id);
    if (key == null
        || !key.isDeleted()
        || key.getDeletedAt().isBefore(Instant.now().minus(ApiKey.UNDO))) {
      throw ProblemException.notFound("deleted key");
    }
    refuseTaken(key, Problem.RESTORE_CONFLICT);
    key.restore(by(), Instant.now());
    em.flush();
    changed.fire(new KeysChanged(id));
    return key;
  }

  /**
   * Calls the provider with a stored key, and stores the verdict. The key itself is not changed,
   * and this counts as no use.
   */
  @TransactionAttribute(NOT_SUPPORTED)
  public LastTest test(String id) {
    ApiKey key = find(id);
    limiter.take(by(), id);
    self.deed("key.test", id + ' ' + key.getName());
    Endpoint endpoint =
        endpoints.endpointFor(key.getProvider(), Optional.ofNullable(key.endpoint()));
    LastTest verdict;
    try (Secret secret = key.open(vault)) {
      verdict = LastTest.of(clients.probe(endpoint, secret, TEST_TIMEOUT), Instant.now());
    } catch (VaultException e) {
      throw ProblemException.of(
          Problem.REFUSED,
          "key_value",
          "unreadable",
          "The stored key does not open any more: enter it again");
    }
    store.tested(id, verdict);
    statuses.tested(id, verdict.success());
    self.modelsLearned(id);
    return verdict;
  }

  /** Tests a key that is not saved, and saves nothing. */
  @TransactionAttribute(NOT_SUPPORTED)
  public LastTest testUnsaved(NewKey wish) {
    ApiKey key = build(wish);
    limiter.take(by(), null);
    self.deed("key.test", wish.name());
    Endpoint endpoint = endpoints.endpointFor(wish.provider(), Optional.ofNullable(key.endpoint()));
    try (Secret secret = wish.secret().stripped()) {
      return LastTest.of(clients.probe(endpoint, secret, TEST_TIMEOUT), Instant.now());
    }
  }

  /** Writes a deed down that changes nothing itself. */
  public void deed(String action, String target) {
    deeds.fire(new AuditedAction(action, target));
  }

  /** A test may have found models that calls can now be routed by. */
  public void modelsLearned(String id) {
    changed.fire(new KeysChanged(id));
  }

  private String by() {
    return session.getCallerPrincipal().getName();
  }
}
