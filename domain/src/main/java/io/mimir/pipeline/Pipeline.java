package io.mimir.pipeline;

import static java.util.Objects.requireNonNull;

import io.mimir.id.Ids;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.NamedQuery;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.List;

/**
 * Plugins and models composed into one thing that runs. What it does is in its revisions, of which
 * each is kept as it was saved.
 */
@Entity
@Table(name = "pipelines")
@NamedQuery(
    name = Pipeline.SEEN_BY,
    query =
        "select p from Pipeline p where p.accountId = :account or p.shared = true order by p.name")
@NamedQuery(name = Pipeline.ALL, query = "select p from Pipeline p order by p.name")
@NamedQuery(name = Pipeline.NAMED, query = "select p from Pipeline p where p.name = :name")
public class Pipeline {

  public static final String SEEN_BY = "Pipeline.seenBy";
  public static final String ALL = "Pipeline.all";
  public static final String NAMED = "Pipeline.named";

  @Id private String id = Ids.random("pipe_");

  @Version
  @Column(name = "row_version")
  private long rowVersion;

  @Column(nullable = false)
  private String name;

  private String description;

  @Column(nullable = false)
  private int revision;

  @Column(name = "is_shared", nullable = false)
  private boolean shared;

  @Column(name = "account_id", nullable = false, updatable = false)
  private String accountId;

  @Column(name = "allowed_addresses")
  private String allowedAddresses;

  @Column(name = "created_at", nullable = false, updatable = false)
  private Instant createdAt;

  @Column(name = "updated_at", nullable = false)
  private Instant updatedAt;

  protected Pipeline() {}

  /**
   * @param accountId whose it is
   */
  public Pipeline(String name, String accountId, Instant now) {
    this.name = requireNonNull(name);
    this.accountId = requireNonNull(accountId);
    this.createdAt = requireNonNull(now);
    this.updatedAt = now;
  }

  /**
   * Takes another definition: the next revision.
   *
   * @return its number
   */
  public int revise(String newName, String newDescription, Instant now) {
    name = requireNonNull(newName);
    description = newDescription;
    updatedAt = requireNonNull(now);
    return ++revision;
  }

  /** Lets others run and copy it, or not any more. */
  public void share(boolean wanted, Instant now) {
    shared = wanted;
    updatedAt = requireNonNull(now);
  }

  /**
   * Says what it may fetch.
   *
   * @param addresses such as {@code https://example.com/feeds/}, each for all below it
   */
  public void allow(List<String> addresses, Instant now) {
    allowedAddresses = addresses.isEmpty() ? null : String.join("\n", addresses);
    updatedAt = requireNonNull(now);
  }

  public boolean belongsTo(String account) {
    return accountId.equals(account);
  }

  public String getId() {
    return id;
  }

  /** The row's version, which moves with every change. */
  public long getRowVersion() {
    return rowVersion;
  }

  public String getName() {
    return name;
  }

  /** Null when there is none. */
  public String getDescription() {
    return description;
  }

  /** The number of the newest revision, from 1 on. */
  public int getRevision() {
    return revision;
  }

  public boolean isShared() {
    return shared;
  }

  public String getAccountId() {
    return accountId;
  }

  /** What it may fetch; empty for nothing. */
  public List<String> getAllowedAddresses() {
    return allowedAddresses == null ? List.of() : List.of(allowedAddresses.split("\n"));
  }

  public Instant getCreatedAt() {
    return createdAt;
  }

  public Instant getUpdatedAt() {
    return updatedAt;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Pipeline other && id.equals(other.id);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }
}
