package io.mimir.credential;

import static java.util.Objects.requireNonNull;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.id.Ids;
import io.mimir.llm.Endpoint;
import io.mimir.llm.Provider;
import io.mimir.net.EndpointUrl;
import io.mimir.security.SealContext;
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
import java.util.Optional;

/**
 * A provider key. The secret exists here only sealed, bound to this key's id, provider and
 * endpoint.
 */
@Entity
@Table(name = "api_keys")
@NamedQuery(
    name = ApiKey.ALL,
    query =
        "select k from ApiKey k where k.history.deletedAt is null order by k.history.createdAt desc, k.id desc")
@NamedQuery(
    name = ApiKey.ACTIVE,
    query =
        "select k from ApiKey k where k.history.deletedAt is null and k.active = true order by k.id")
@NamedQuery(
    name = ApiKey.DELETED,
    query =
        "select k from ApiKey k where k.history.deletedAt is not null order by k.history.deletedAt desc")
@NamedQuery(
    name = ApiKey.NAMED,
    query =
        "select count(k) from ApiKey k where k.provider = :provider and k.name = :name"
            + " and k.history.deletedAt is null and k.id <> :except")
@NamedQuery(name = ApiKey.PURGE, query = "delete from ApiKey k where k.history.deletedAt < :before")
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

  @Embedded private KeySecret secret;

  /** Null where nothing differs from the provider's usual way. */
  @Embedded private RequestOptions request;

  /** From when on no call is made with it; null for never. */
  @Column(name = "expires_at")
  private Instant expiresAt;

  /** Null means the provider's own address. */
  @Column(name = "endpoint_url")
  private String endpointUrl;

  @Column(name = "is_active", nullable = false)
  private boolean active = true;

  @Column(name = "last_used_at", insertable = false, updatable = false)
  private Instant lastUsedAt;

  @Column(nullable = false)
  private KeyMetadata metadata = KeyMetadata.EMPTY;

  @Column(name = "last_test", insertable = false, updatable = false)
  private LastTest lastTest;

  @Embedded private KeyHistory history;

  @Embedded private Routing routing = new Routing();

  @Embedded private Rotation rotation = new Rotation();

  protected ApiKey() {}

  /**
   * Makes a key of what was entered, without its secret and what few keys have.
   *
   * @param endpoint null stands for the provider's own address; Custom has none and needs one
   * @param by who makes it
   * @throws ProblemException with what is wrong with a member
   */
  public ApiKey(KeyDraft draft, EndpointUrl endpoint, String by, Instant now) {
    this.provider = requireNonNull(draft.provider());
    this.history = new KeyHistory(by, now);
    rename(draft.name());
    this.endpointUrl = KeyRules.endpoint(provider, endpoint);
    apply(draft);
  }

  /**
   * Takes over the metadata, the place among others and whether it is active.
   *
   * @throws ProblemException with what is wrong with a member
   */
  public final void apply(KeyDraft draft) {
    if (draft.metadata() != null) {
      this.metadata = metadata.merge(draft.metadata());
    }
    if (draft.active() != null) {
      this.active = draft.active();
    }
    routing.change(draft.priority(), draft.weight());
  }

  public final void rename(String wanted) {
    this.name = KeyRules.name(wanted);
  }

  /**
   * Seals a new secret for this key as it stands now. A rotation ends with it.
   *
   * @throws ProblemException when the provider needs a secret and there is none, or it cannot be
   *     sent in a header
   */
  public void replaceSecret(Secret given, Vault vault) {
    Secret wanted = given.stripped();
    KeyRules.check(provider, wanted);
    this.secret = KeySecret.seal(wanted, context(), vault);
    rollBack();
  }

  /**
   * Changes the address and seals the secret anew, bound to it. The caller has made sure that the
   * secret may go there. A rotation ends when the candidate was bound to another server.
   */
  public void moveTo(EndpointUrl endpoint, Vault vault) {
    String wanted = KeyRules.endpoint(provider, endpoint);
    if (wanted == null ? endpointUrl == null : wanted.equals(endpointUrl)) {
      return;
    }
    SealContext before = context();
    SealContext headersBefore = contextOf(HEADERS);
    try (Secret opened = open(vault)) {
      this.endpointUrl = wanted;
      this.secret = KeySecret.seal(opened, context(), vault);
    }
    getRequest().rebind(vault, headersBefore, contextOf(HEADERS));
    if (!context().equals(before)) {
      rollBack();
    }
  }

  /** Changes the address and the secret together: the old secret is not needed and not opened. */
  public void moveTo(EndpointUrl endpoint, Secret replacement, Vault vault) {
    SealContext headersBefore = contextOf(HEADERS);
    this.endpointUrl = KeyRules.endpoint(provider, endpoint);
    getRequest().rebind(vault, headersBefore, contextOf(HEADERS));
    replaceSecret(replacement, vault);
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
    return vault.open(secret.sealed(), context());
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
    this.rotation =
        Rotation.begin(
            given, provider, contextOf("candidate_value"), sharePercent, calls, vault, by, now);
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
    try (Secret opened = vault.open(candidate.sealed(), candidate.context())) {
      this.secret = KeySecret.seal(opened, context(), vault);
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

  /** Marks that an administrator changed something. */
  public final void changed(String by, Instant now) {
    history.changed(by, now);
  }

  /** Puts the key aside. A rotation ends with it. */
  public void delete(String by, Instant now) {
    history.deleted(by, now);
    rollBack();
  }

  public void restore(String by, Instant now) {
    history.restored(by, now);
  }

  public boolean isDeleted() {
    return history.deletedAt() != null;
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

  /** The secret at rest; null until there is one. */
  public KeySecret secret() {
    return secret;
  }

  public KeyHistory history() {
    return history;
  }

  public Routing routing() {
    return routing;
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

  public Instant getLastUsedAt() {
    return lastUsedAt;
  }

  public KeyMetadata getMetadata() {
    return metadata;
  }

  public Optional<LastTest> getLastTest() {
    return Optional.ofNullable(lastTest);
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
