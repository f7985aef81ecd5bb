package io.mimir.credential;

import static java.util.Objects.requireNonNull;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Instant;

/** Who made, changed and deleted a key, and when. */
@Embeddable
public class KeyHistory {

  @Column(name = "created_at", nullable = false, updatable = false)
  private Instant createdAt;

  @Column(name = "created_by", nullable = false, updatable = false)
  private String createdBy;

  @Column(name = "updated_at", nullable = false)
  private Instant updatedAt;

  @Column(name = "updated_by", nullable = false)
  private String updatedBy;

  @Column(name = "deleted_at")
  private Instant deletedAt;

  protected KeyHistory() {}

  KeyHistory(String by, Instant now) {
    this.createdAt = requireNonNull(now);
    this.createdBy = requireNonNull(by);
    changed(by, now);
  }

  final void changed(String by, Instant now) {
    this.updatedBy = requireNonNull(by);
    this.updatedAt = requireNonNull(now);
  }

  void deleted(String by, Instant now) {
    this.deletedAt = requireNonNull(now);
    this.updatedBy = requireNonNull(by);
  }

  void restored(String by, Instant now) {
    this.deletedAt = null;
    changed(by, now);
  }

  public Instant createdAt() {
    return createdAt;
  }

  public String createdBy() {
    return createdBy;
  }

  /** When an administrator changed it last; uses and tests are no change. */
  public Instant updatedAt() {
    return updatedAt;
  }

  public String updatedBy() {
    return updatedBy;
  }

  /** Null while it is not deleted. */
  public Instant deletedAt() {
    return deletedAt;
  }
}
