package io.mimir.pipeline;

import static java.util.Objects.requireNonNull;

import io.mimir.id.Ids;
import io.mimir.security.SealContext;
import io.mimir.security.SealedSecret;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.NamedQuery;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;

/** What starts runs of a pipeline by itself, with the rights of whoever made it. */
@Entity
@Table(name = "pipeline_triggers")
@NamedQuery(
    name = PipelineTrigger.OF_PIPELINE,
    query = "select t from PipelineTrigger t where t.pipelineId = :pipeline order by t.createdAt")
@NamedQuery(
    name = PipelineTrigger.TIMED,
    query = "select t from PipelineTrigger t where t.kind = 'cron' and t.active = true")
public class PipelineTrigger {

  public static final String OF_PIPELINE = "PipelineTrigger.ofPipeline";
  public static final String TIMED = "PipelineTrigger.timed";

  public static final String CRON = "cron";
  public static final String WEBHOOK = "webhook";

  @Id private String id = Ids.random("trig_");

  @Version
  @Column(name = "row_version")
  private long rowVersion;

  @Column(name = "pipeline_id", nullable = false, updatable = false)
  private String pipelineId;

  @Column(nullable = false, updatable = false)
  private String kind;

  private String cron;

  @Column(name = "time_zone")
  private String timeZone;

  private String missed;

  @Column(name = "is_signed", nullable = false)
  private boolean signed;

  private String secret;

  @Column(name = "is_active", nullable = false)
  private boolean active = true;

  @Column(name = "account_id", nullable = false, updatable = false)
  private String accountId;

  @Column(name = "last_run_at")
  private Instant lastRunAt;

  @Column(name = "next_run_at")
  private Instant nextRunAt;

  @Column(name = "created_at", nullable = false, updatable = false)
  private Instant createdAt;

  protected PipelineTrigger() {}

  private PipelineTrigger(String kind, String pipelineId, String accountId, Instant now) {
    this.kind = kind;
    this.pipelineId = requireNonNull(pipelineId);
    this.accountId = requireNonNull(accountId);
    this.createdAt = requireNonNull(now);
  }

  /**
   * Starts runs at times.
   *
   * @param cron five fields, as cron has them
   * @param timeZone an id such as {@code Europe/Berlin}
   * @param missed {@code run}, {@code skip} or {@code report}: what becomes of a time at which the
   *     server did not run
   */
  public static PipelineTrigger timed(
      String pipelineId,
      String accountId,
      String cron,
      String timeZone,
      String missed,
      Instant next,
      Instant now) {
    PipelineTrigger trigger = new PipelineTrigger(CRON, pipelineId, accountId, now);
    trigger.cron = requireNonNull(cron);
    trigger.timeZone = requireNonNull(timeZone);
    trigger.missed = requireNonNull(missed);
    trigger.nextRunAt = requireNonNull(next);
    return trigger;
  }

  /**
   * Starts a run for each webhook.
   *
   * @param signed whether it is signed with the secret; else the secret comes along as Bearer
   */
  public static PipelineTrigger hooked(
      String pipelineId,
      String accountId,
      boolean signed,
      Secret secret,
      Vault vault,
      Instant now) {
    PipelineTrigger trigger = new PipelineTrigger(WEBHOOK, pipelineId, accountId, now);
    trigger.signed = signed;
    trigger.secret = vault.seal(secret, trigger.context()).stored();
    return trigger;
  }

  /** What the ciphertext is bound to: a value moved to another row no longer opens. */
  private SealContext context() {
    return new SealContext("pipeline_triggers", "secret", id, pipelineId, "");
  }

  /** Opens the secret of a webhook. */
  public Secret open(Vault vault) {
    return vault.open(SealedSecret.ofStored(secret), context());
  }

  /** Switches it on or off. */
  public void activate(boolean wanted, Instant next) {
    active = wanted;
    nextRunAt = wanted ? next : null;
  }

  /**
   * It was due.
   *
   * @param ran when it started a run; null when it did not
   * @param next when it is due again; null for a webhook
   */
  public void fired(Instant ran, Instant next) {
    lastRunAt = ran == null ? lastRunAt : ran;
    nextRunAt = next;
  }

  public String getId() {
    return id;
  }

  public String getPipelineId() {
    return pipelineId;
  }

  /** {@link #CRON} or {@link #WEBHOOK}. */
  public String getKind() {
    return kind;
  }

  /** Null for a webhook, like the time zone and what is missed. */
  public String getCron() {
    return cron;
  }

  public String getTimeZone() {
    return timeZone;
  }

  public String getMissed() {
    return missed;
  }

  public boolean isSigned() {
    return signed;
  }

  public boolean isActive() {
    return active;
  }

  /** Whose rights its runs have. */
  public String getAccountId() {
    return accountId;
  }

  /** Null before the first. */
  public Instant getLastRunAt() {
    return lastRunAt;
  }

  /** Null for a webhook, and while it is not active. */
  public Instant getNextRunAt() {
    return nextRunAt;
  }

  public Instant getCreatedAt() {
    return createdAt;
  }
}
