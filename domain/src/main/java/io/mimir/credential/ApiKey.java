package io.mimir.credential;

import static java.util.Objects.requireNonNull;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.net.EndpointUrl;
import io.mimir.security.Ids;
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

  private static final int LONGEST_NAME = 100;
  private static final int LONGEST_SECRET = 4096;

  @Id private String id = Ids.random("key_");

  @Version private long version;

  @Column(nullable = false, updatable = false)
  private Provider provider;

  @Column(nullable = false)
  private String name;

  @Embedded private SealedSecret sealed;

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

  protected ApiKey() {}

  /**
   * @param endpoint null for the provider's own address; Custom has none and needs one
   */
  public ApiKey(Provider provider, String name, EndpointUrl endpoint, String by, Instant now) {
    this.provider = requireNonNull(provider);
    this.createdAt = requireNonNull(now);
    this.createdBy = requireNonNull(by);
    rename(name);
    this.endpointUrl = checked(endpoint);
    changed(by, now);
  }

  public final void rename(String wanted) {
    String stripped = wanted == null ? "" : wanted.strip();
    if (stripped.isEmpty()) {
      throw ProblemException.of(Problem.MISSING_FIELD, "name", "missing", "Give the key a name");
    }
    if (stripped.length() > LONGEST_NAME
        || stripped.codePoints().anyMatch(c -> Character.isISOControl(c) || isFormat(c))) {
      throw ProblemException.of(
          Problem.REFUSED, "name", "invalid", "Use 1 to 100 characters in one line");
    }
    this.name = stripped;
  }

  private static boolean isFormat(int codePoint) {
    int type = Character.getType(codePoint);
    return type == Character.FORMAT || type == Character.LINE_SEPARATOR;
  }

  private String checked(EndpointUrl endpoint) {
    if (endpoint == null && provider == Provider.CUSTOM) {
      throw ProblemException.of(
          Problem.MISSING_FIELD,
          "endpoint_url",
          "missing",
          "A custom provider needs the address of its endpoint");
    }
    return endpoint == null ? null : endpoint.toString();
  }

  /**
   * Seals a new secret for this key as it stands now.
   *
   * @throws ProblemException when the provider needs a secret and there is none, or it cannot be
   *     sent in a header
   */
  public void replaceSecret(Secret given, Vault vault) {
    Secret secret = given.stripped();
    check(provider, secret);
    this.sealed = vault.seal(secret, context());
    this.hint = secret.hint();
    this.secretGiven = !secret.isEmpty();
  }

  /** The rule for a secret of a provider, for keys that are only tested and not kept as well. */
  public static void check(Provider provider, Secret secret) {
    if (provider.needsSecret() && secret.isEmpty()) {
      throw ProblemException.of(
          Problem.MISSING_FIELD,
          "key_value",
          "missing",
          "%s needs a key".formatted(provider.label()));
    }
    if (!secret.isHeaderSafe() || secret.length() > LONGEST_SECRET) {
      throw ProblemException.of(
          Problem.REFUSED,
          "key_value",
          "invalid",
          "A key is one line of visible ASCII characters, at most 4096: copy it again");
    }
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
   * secret may go there.
   */
  public void moveTo(EndpointUrl endpoint, Vault vault) {
    String wanted = checked(endpoint);
    if (wanted == null ? endpointUrl == null : wanted.equals(endpointUrl)) {
      return;
    }
    try (Secret secret = open(vault)) {
      this.endpointUrl = wanted;
      this.sealed = vault.seal(secret, context());
    }
  }

  /** Changes the address and the secret together: the old secret is not needed and not opened. */
  public void moveTo(EndpointUrl endpoint, Secret replacement, Vault vault) {
    this.endpointUrl = checked(endpoint);
    replaceSecret(replacement, vault);
  }

  public Secret open(Vault vault) {
    return vault.open(sealed, context());
  }

  /** What the ciphertext is bound to. */
  public SealContext context() {
    String origin = endpoint() == null ? "default" : endpoint().origin();
    return new SealContext("api_keys", "key_value", id, provider.wire(), origin);
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

  public void delete(String by, Instant now) {
    this.deletedAt = requireNonNull(now);
    this.updatedBy = by;
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

  @Override
  public boolean equals(Object o) {
    return o instanceof ApiKey other && id.equals(other.id);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }
}
