package io.mimir.credential;

import static java.util.Objects.requireNonNull;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.id.Ids;
import io.mimir.llm.Endpoint;
import io.mimir.llm.Provider;
import io.mimir.net.EndpointUrl;
import io.mimir.security.SealContext;
import io.mimir.security.SealedSecret;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import jakarta.persistence.Column;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.NamedQuery;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A provider key. The secret exists here only sealed, bound to this key's id, provider and
 * endpoint.
 */
@Entity
@Table(name = "api_keys")
@NamedQuery(
    name = ApiKey.ALL,
    query = "select k from ApiKey k where k.deletedAt is null order by k.createdAt desc, k.id desc")
@NamedQuery(
    name = ApiKey.ACTIVE,
    query = "select k from ApiKey k where k.deletedAt is null and k.active = true order by k.id")
@NamedQuery(
    name = ApiKey.DELETED,
    query = "select k from ApiKey k where k.deletedAt is not null order by k.deletedAt desc")
@NamedQuery(
    name = ApiKey.NAMED,
    query =
        "select count(k) from ApiKey k where k.provider = :provider and k.name = :name"
            + " and k.deletedAt is null and k.id <> :except")
@NamedQuery(name = ApiKey.PURGE, query = "delete from ApiKey k where k.deletedAt < :before")
public class ApiKey {

  public static final String ALL = "ApiKey.all";
  public static final String ACTIVE = "ApiKey.active";
  public static final String DELETED = "ApiKey.deleted";
  public static final String NAMED = "ApiKey.named";
  public static final String PURGE = "ApiKey.purge";

  /** How long a deleted key can be had back. */
  public static final Duration UNDO = Duration.ofDays(7);

  private static final String HEADERS = "header_values";

  @Id private String id = Ids.random("key_");

  @Version private long version;

  @Column(nullable = false, updatable = false)
  private Provider provider;

  @Column(nullable = false)
  private String name;

  @Embedded private SealedSecret sealed;

  /** Null where nothing differs from the provider's usual way. */
  @Embedded private RequestOptions request;

  /** From when on no call is made with it; null for never. */
  @Column(name = "expires_at")
  private Instant expiresAt;

  @Column(name = "key_hint", nullable = false)
  private String hint;

  @Column(name = "has_key", nullable = false)
  private boolean secretGiven;

  /** Null means the provider's own address. */
  @Column(name = "endpoint_url")
  private String endpointUrl;

  @Column(name = "is_active", nullable = false)
  private boolean active = true;

  @Column(name = "created_at", nullable = false, updatable = false)
  private Instant createdAt;

  @Column(name = "updated_at", nullable = false)
  private Instant updatedAt;

  @Column(name = "last_used_at", insertable = false, updatable = false)
  private Instant lastUsedAt;

  @Column(nullable = false)
  private KeyMetadata metadata = KeyMetadata.EMPTY;

  @Column(name = "last_test", insertable = false, updatable = false)
  private LastTest lastTest;

  @Column(name = "created_by", nullable = false, updatable = false)
  private String createdBy;

  @Column(name = "updated_by", nullable = false)
  private String updatedBy;

  @Column(name = "deleted_at")
  private Instant deletedAt;

  @Embedded private Routing routing = new Routing();

  @Embedded private Rotation rotation = new Rotation();

  protected ApiKey() {}

  /** A null endpoint stands for the provider's own address; Custom has none and needs one. */
  public ApiKey(Provider provider, String name, EndpointUrl endpoint, String by, Instant now) {
    this.provider = requireNonNull(provider);
    this.createdAt = requireNonNull(now);
    this.createdBy = requireNonNull(by);
    rename(name);
    this.endpointUrl = checked(endpoint);
    changed(by, now);
  }

  public final void rename(String wanted) {
    this.name = KeyRules.name(wanted);
  }

  private String checked(EndpointUrl endpoint) {
    if (endpoint == null && provider.needsEndpoint()) {
      throw ProblemException.of(
          Problem.MISSING_FIELD,
          "endpoint_url",
          "missing",
          "%s has no address that all customers share: enter that of your endpoint"
              .formatted(provider.label()));
    }
    return endpoint == null ? null : endpoint.toString();
  }

  /**
   * Seals a new secret for this key as it stands now. A rotation ends with it.
   *
   * @throws ProblemException when the provider needs a secret and there is none, or it cannot be
   *     sent in a header
   */
  public void replaceSecret(Secret given, Vault vault) {
    Secret secret = given.stripped();
    KeyRules.check(provider, secret);
    this.sealed = vault.seal(secret, context());
    this.hint = secret.hint();
    this.secretGiven = !secret.isEmpty();
    rollBack();
  }

  /**
   * Whether a call to that address would go to another scheme, host or port than the secret was
   * given for (T10).
   */
  public boolean movesTo(EndpointUrl endpoint, EndpointUrl defaultEndpoint) {
    return !originOf(endpoint, defaultEndpoint).equals(originOf(endpoint(), defaultEndpoint));
  }

  private static String originOf(EndpointUrl endpoint, EndpointUrl defaultEndpoint) {
    EndpointUrl effective = endpoint == null ? defaultEndpoint : endpoint;
    return effective == null ? "" : effective.origin();
  }

  /**
   * Changes the address and seals the secret anew, bound to it. The caller has made sure that the
   * secret may go there. A rotation ends when the candidate was bound to another server.
   */
  public void moveTo(EndpointUrl endpoint, Vault vault) {
    String wanted = checked(endpoint);
    if (wanted == null ? endpointUrl == null : wanted.equals(endpointUrl)) {
      return;
    }
    SealContext before = context();
    SealContext headersBefore = contextOf(HEADERS);
    try (Secret secret = open(vault)) {
      this.endpointUrl = wanted;
      this.sealed = vault.seal(secret, context());
    }
    getRequest().rebind(vault, headersBefore, contextOf(HEADERS));
    if (!context().equals(before)) {
      rollBack();
    }
  }

  /** Changes the address and the secret together: the old secret is not needed and not opened. */
  public void moveTo(EndpointUrl endpoint, Secret replacement, Vault vault) {
    SealContext headersBefore = contextOf(HEADERS);
    this.endpointUrl = checked(endpoint);
    getRequest().rebind(vault, headersBefore, contextOf(HEADERS));
    replaceSecret(replacement, vault);
  }

  /** Removes the headers of its own: they were given for a server that it leaves. */
  public void dropHeaders() {
    getRequest().dropHeaders();
  }

  /**
   * Changes what each call carries besides.
   *
   * @throws ProblemException with every member that is wrong
   */
  public void changeRequest(RequestOptions.Change change, Vault vault) {
    RequestOptions changed = getRequest();
    changed.change(change, vault, contextOf(HEADERS));
    this.request = changed;
  }

  /** Tells whether a header whose value is stored stays, so that it cannot go to another server. */
  public boolean keepsAHeader(RequestOptions.Change change) {
    return getRequest().keepsAHeader(change);
  }

  /** Returns what each call carries besides. */
  public final RequestOptions getRequest() {
    return request == null ? new RequestOptions() : request;
  }

  /** Returns the headers of its own as they are stored; empty for none. */
  public Optional<RequestOptions.SealedHeaders> headers() {
    return getRequest().sealed(contextOf(HEADERS));
  }

  /**
   * Opens the headers of its own.
   *
   * @return joined, to be closed; empty for none
   */
  public Secret openHeaders(Vault vault) {
    return headers()
        .map(stored -> vault.open(stored.sealed(), stored.context()))
        .orElseGet(() -> Secret.of(""));
  }

  /**
   * Returns what calls need to know that is no secret.
   *
   * @param url where they go
   */
  public Endpoint.Options optionsFor(EndpointUrl url) {
    return getRequest().forCalls(url, lastTest);
  }

  /** Sets from when on no call is made with it; null for never. */
  public void expireAt(Instant when) {
    this.expiresAt = when;
  }

  public boolean isExpired(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }

  public Instant getExpiresAt() {
    return expiresAt;
  }

  public Secret open(Vault vault) {
    return vault.open(sealed, context());
  }

  /** What the ciphertext is bound to. */
  public SealContext context() {
    return contextOf("key_value");
  }

  private SealContext contextOf(String column) {
    String origin = endpoint() == null ? "default" : endpoint().origin();
    return new SealContext("api_keys", column, id, provider.wire(), origin);
  }

  /**
   * Begins a rotation: seals a secret that is to be tried on a share of the calls before it takes
   * the place of the key's own.
   *
   * @param sharePercent 1 to 50, how many of a hundred calls are made with it
   * @param calls 1 to 10,000, how many of them have to succeed
   * @throws ProblemException IN_USE while another rotation is running; else what is wrong with the
   *     secret, the share or the calls
   */
  public void propose(
      Secret given, int sharePercent, int calls, Vault vault, String by, Instant now) {
    if (rotation != null && rotation.isRunning()) {
      throw new ProblemException(
          Problem.IN_USE,
          "A replacement of this key is being tried already: finish it or roll it back first");
    }
    Rotation.check(sharePercent, calls);
    Secret secret = given.stripped();
    if (secret.isEmpty()) {
      throw ProblemException.of(
          Problem.MISSING_FIELD, "key_value", "missing", "Give the key that is to be tried");
    }
    KeyRules.check(provider, secret);
    this.rotation = new Rotation();
    rotation.begin(secret, contextOf("candidate_value"), sharePercent, calls, vault, by, now);
    changed(by, now);
  }

  /** The secret that is being tried, while a rotation is running. */
  public Optional<Candidate> candidate() {
    return rotation == null ? Optional.empty() : rotation.candidate(contextOf("candidate_value"));
  }

  /**
   * Ends the rotation: the candidate becomes the key's own secret. Who proposed it has changed the
   * key. Without a rotation nothing happens.
   *
   * @throws io.mimir.security.VaultException when the candidate does not open
   */
  public void promote(Vault vault, Instant now) {
    Candidate candidate = candidate().orElse(null);
    if (candidate == null) {
      return;
    }
    try (Secret secret = vault.open(candidate.sealed(), candidate.context())) {
      this.sealed = vault.seal(secret, context());
      this.hint = secret.hint();
      this.secretGiven = true;
    }
    rollBack();
    changed(candidate.by(), now);
  }

  /** Ends the rotation: the key's own secret stays. Without a rotation nothing happens. */
  public final void rollBack() {
    if (rotation != null) {
      rotation.end();
    }
  }

  /**
   * Changes the place of this key among the others of its provider.
   *
   * @param wantedPriority 1 to 100, the lower number is tried first; null leaves it as it is
   * @param wantedWeight 1 to 1000, the share among keys of the same priority; null leaves it as it
   *     is
   * @throws ProblemException with every number that is out of its range
   */
  public void route(Integer wantedPriority, Integer wantedWeight) {
    routing.change(wantedPriority, wantedWeight);
  }

  public void mergeMetadata(Map<String, Object> changes) {
    this.metadata = metadata.merge(changes);
  }

  public void setActive(boolean active) {
    this.active = active;
  }

  /** Marks that an administrator changed something. */
  public final void changed(String by, Instant now) {
    this.updatedBy = requireNonNull(by);
    this.updatedAt = requireNonNull(now);
  }

  /** Puts the key aside. A rotation ends with it. */
  public void delete(String by, Instant now) {
    this.deletedAt = requireNonNull(now);
    this.updatedBy = by;
    rollBack();
  }

  public void restore(String by, Instant now) {
    this.deletedAt = null;
    changed(by, now);
  }

  public boolean isDeleted() {
    return deletedAt != null;
  }

  public String getId() {
    return id;
  }

  public long getVersion() {
    return version;
  }

  public Provider getProvider() {
    return provider;
  }

  public String getName() {
    return name;
  }

  public SealedSecret getSealed() {
    return sealed;
  }

  public String getHint() {
    return hint;
  }

  public boolean hasSecret() {
    return secretGiven;
  }

  /** The address of its own, or null when the provider's is meant. */
  public final EndpointUrl endpoint() {
    return endpointUrl == null ? null : EndpointUrl.parse(endpointUrl);
  }

  public String getEndpointUrl() {
    return endpointUrl;
  }

  public boolean isActive() {
    return active;
  }

  public Instant getCreatedAt() {
    return createdAt;
  }

  public Instant getUpdatedAt() {
    return updatedAt;
  }

  public Instant getLastUsedAt() {
    return lastUsedAt;
  }

  public KeyMetadata getMetadata() {
    return metadata;
  }

  public Optional<LastTest> getLastTest() {
    return Optional.ofNullable(lastTest);
  }

  public String getCreatedBy() {
    return createdBy;
  }

  public String getUpdatedBy() {
    return updatedBy;
  }

  public Instant getDeletedAt() {
    return deletedAt;
  }

  /** From 1, which is tried first, to 100. */
  public int getPriority() {
    return routing.priority();
  }

  /** The share of the calls among keys of the same priority, from 1 to 1000. */
  public int getWeight() {
    return routing.weight();
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof ApiKey other && id.equals(other.id);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }
}
