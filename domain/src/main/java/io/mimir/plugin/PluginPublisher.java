package io.mimir.plugin;

import static java.util.Objects.requireNonNull;

import io.mimir.id.Ids;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.NamedQuery;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;

/** Somebody whose signature makes a plugin trusted. Its key is public, and kept as it was given. */
@Entity
@Table(name = "plugin_publishers")
@NamedQuery(
    name = PluginPublisher.ALL,
    query = "select p from PluginPublisher p order by p.createdAt desc, p.id desc")
public class PluginPublisher {

  public static final String ALL = "PluginPublisher.all";

  @Id private String id = Ids.random("pub_");

  @Version
  @Column(name = "row_version")
  private long rowVersion;

  @Column(nullable = false)
  private String name;

  @Column(nullable = false, updatable = false)
  private String kind;

  @Column(name = "public_key", nullable = false, updatable = false)
  private String publicKey;

  @Column(nullable = false, updatable = false)
  private String fingerprint;

  @Column(name = "name_pattern", nullable = false)
  private String namePattern;

  @Column(name = "valid_from")
  private Instant validFrom;

  @Column(name = "valid_until")
  private Instant validUntil;

  @Column(name = "revoked_at")
  private Instant revokedAt;

  @Column(name = "created_at", nullable = false, updatable = false)
  private Instant createdAt;

  @Column(name = "created_by", nullable = false, updatable = false)
  private String createdBy;

  protected PluginPublisher() {}

  /**
   * @param kind gpg, minisign, ssh or ed25519
   * @param publicKey as its tool prints it
   */
  public PluginPublisher(
      String name, String kind, String publicKey, String fingerprint, String by, Instant now) {
    this.name = requireNonNull(name);
    this.kind = requireNonNull(kind);
    this.publicKey = requireNonNull(publicKey);
    this.fingerprint = requireNonNull(fingerprint);
    this.createdBy = requireNonNull(by);
    this.createdAt = requireNonNull(now);
  }

  /**
   * What it may sign, and when.
   *
   * @param from null for always
   * @param until null for ever
   */
  public void bound(String namePattern, Instant from, Instant until) {
    this.namePattern = requireNonNull(namePattern);
    this.validFrom = from;
    this.validUntil = until;
  }

  /** From now on nothing that it ever signed counts. */
  public void revoke(Instant now) {
    if (revokedAt == null) {
      revokedAt = requireNonNull(now);
    }
  }

  public String getId() {
    return id;
  }

  public String getName() {
    return name;
  }

  public String getKind() {
    return kind;
  }

  public String getPublicKey() {
    return publicKey;
  }

  public String getFingerprint() {
    return fingerprint;
  }

  public String getNamePattern() {
    return namePattern;
  }

  public Instant getValidFrom() {
    return validFrom;
  }

  public Instant getValidUntil() {
    return validUntil;
  }

  public Instant getRevokedAt() {
    return revokedAt;
  }

  public Instant getCreatedAt() {
    return createdAt;
  }

  public String getCreatedBy() {
    return createdBy;
  }
}
