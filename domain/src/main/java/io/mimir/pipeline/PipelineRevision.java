package io.mimir.pipeline;

import static java.util.Objects.requireNonNull;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.NamedQuery;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.time.Instant;
import java.util.Objects;

/** What a pipeline did at one time. Never changed. */
@Entity
@IdClass(PipelineRevision.Key.class)
@Table(name = "pipeline_revisions")
@NamedQuery(
    name = PipelineRevision.OF_PIPELINE,
    query =
        "select r from PipelineRevision r where r.pipelineId = :pipeline order by r.revision desc")
public class PipelineRevision {

  public static final String OF_PIPELINE = "PipelineRevision.ofPipeline";

  /** A pipeline, and the number of a revision of it. */
  public static class Key implements Serializable {

    private static final long serialVersionUID = 1L;

    private String pipelineId;
    private int revision;

    protected Key() {}

    public Key(String pipelineId, int revision) {
      this.pipelineId = requireNonNull(pipelineId);
      this.revision = revision;
    }

    @Override
    public boolean equals(Object o) {
      return o instanceof Key other
          && pipelineId.equals(other.pipelineId)
          && revision == other.revision;
    }

    @Override
    public int hashCode() {
      return Objects.hash(pipelineId, revision);
    }
  }

  @Id
  @Column(name = "pipeline_id", updatable = false)
  private String pipelineId;

  @Id
  @Column(updatable = false)
  private int revision;

  @Column(nullable = false, updatable = false)
  private String definition;

  @Column(name = "created_at", nullable = false, updatable = false)
  private Instant createdAt;

  @Column(name = "created_by", nullable = false, updatable = false)
  private String createdBy;

  protected PipelineRevision() {}

  /**
   * @param definition JSON, as it was sent
   * @param by name of the account
   */
  public PipelineRevision(
      String pipelineId, int revision, String definition, String by, Instant now) {
    this.pipelineId = requireNonNull(pipelineId);
    this.revision = revision;
    this.definition = requireNonNull(definition);
    this.createdBy = requireNonNull(by);
    this.createdAt = requireNonNull(now);
  }

  public int getRevision() {
    return revision;
  }

  /** JSON, as it was sent. */
  public String getDefinition() {
    return definition;
  }

  public Instant getCreatedAt() {
    return createdAt;
  }

  /** The name of the account that saved it. */
  public String getCreatedBy() {
    return createdBy;
  }
}
