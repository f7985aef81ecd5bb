package io.mimir.pipeline.service;

import static jakarta.ejb.TransactionAttributeType.SUPPORTS;

import io.mimir.audit.AuditedAction;
import io.mimir.audit.Change;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.pipeline.Pipeline;
import io.mimir.pipeline.PipelineTrigger;
import io.mimir.security.Role;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.WebhookSignature;
import io.mimir.security.service.Identity;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ejb.EJB;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** The triggers of pipelines, for those who may change the pipeline. */
@Stateless
@RolesAllowed(Role.PIPELINES)
public class PipelineTriggers {

  private static final int MOST = 50;
  private static final Set<String> MISSED = Set.of("run", "skip", "report");

  @PersistenceContext EntityManager em;
  @EJB Pipelines pipelines;
  @Inject Vault vault;
  @Inject Event<AuditedAction> actions;
  @Inject Event<TriggerChanged> changed;

  /**
   * A trigger that somebody wants.
   *
   * @param kind {@code cron} or {@code webhook}
   * @param missed null for {@code run}
   * @param signed null for yes
   */
  public record Wish(String kind, String cron, String timeZone, String missed, Boolean signed) {}

  /**
   * A trigger that was made.
   *
   * @param secret of a webhook, as text: the only time that it is shown; null for cron
   */
  public record Made(PipelineTrigger trigger, String secret) {}

  /** Lists the triggers of a pipeline, the oldest first. */
  @TransactionAttribute(SUPPORTS)
  public List<PipelineTrigger> all(Identity caller, String pipelineId) {
    return em.createNamedQuery(PipelineTrigger.OF_PIPELINE, PipelineTrigger.class)
        .setParameter("pipeline", pipelines.get(caller, pipelineId).getId())
        .getResultList();
  }

  /**
   * Makes a trigger. Its runs have the rights of whoever makes it, so that this takes a person: a
   * token's own bounds would be lost.
   *
   * @throws ProblemException NOT_FOUND, FORBIDDEN, REFUSED with what is wrong
   */
  public Made add(Identity caller, String pipelineId, Wish wish) {
    Pipeline pipeline = own(caller, pipelineId);
    AuditedAction deed = AuditedAction.of("trigger.create").on(null, pipeline.getName());
    actions.fire(deed);
    if (!caller.isPerson()) {
      throw new ProblemException(
          Problem.FORBIDDEN, "A person makes triggers, with a password or a session, and no token");
    }
    if (all(caller, pipelineId).size() >= MOST) {
      throw new ProblemException(
          Problem.REFUSED, "A pipeline has at most %d triggers".formatted(MOST));
    }
    Made made = made(caller, pipelineId, wish);
    em.persist(made.trigger());
    em.flush();
    actions.fire(
        deed.on(made.trigger().getId(), pipeline.getName())
            .done(List.of(new Change("kind", null, made.trigger().getKind()))));
    changed.fire(new TriggerChanged(made.trigger().getId()));
    return made;
  }

  private Made made(Identity caller, String pipelineId, Wish wish) {
    Instant now = Instant.now();
    if (PipelineTrigger.CRON.equals(wish.kind())) {
      String zone = wish.timeZone() == null ? "UTC" : wish.timeZone();
      String missed = wish.missed() == null ? "run" : wish.missed();
      if (!MISSED.contains(missed)) {
        throw wrong("missed", "missed is one of run, skip and report");
      }
      if (wish.cron() == null) {
        throw wrong("cron", "Give the times as cron, such as 30 6 * * 1-5");
      }
      Instant next = CronTimes.next(wish.cron(), zone, now);
      return new Made(
          PipelineTrigger.timed(
              pipelineId, caller.accountId(), wish.cron(), zone, missed, next, now),
          null);
    }
    if (!PipelineTrigger.WEBHOOK.equals(wish.kind())) {
      throw wrong("kind", "kind is one of cron and webhook");
    }
    String text = WebhookSignature.newSecret();
    try (Secret secret = Secret.of(text)) {
      boolean signed = !Boolean.FALSE.equals(wish.signed());
      return new Made(
          PipelineTrigger.hooked(pipelineId, caller.accountId(), signed, secret, vault, now), text);
    }
  }

  private static ProblemException wrong(String field, String message) {
    return ProblemException.of(Problem.REFUSED, field, "invalid", message);
  }

  /**
   * Switches a trigger on or off.
   *
   * @throws ProblemException NOT_FOUND, FORBIDDEN
   */
  public PipelineTrigger change(Identity caller, String pipelineId, String id, boolean active) {
    Pipeline pipeline = own(caller, pipelineId);
    PipelineTrigger trigger = find(pipelineId, id);
    AuditedAction deed = AuditedAction.of("trigger.update").on(id, pipeline.getName());
    actions.fire(deed);
    Instant next =
        trigger.getCron() == null
            ? null
            : CronTimes.next(trigger.getCron(), trigger.getTimeZone(), Instant.now());
    boolean before = trigger.isActive();
    trigger.activate(active, next);
    em.flush();
    actions.fire(deed.done(List.of(new Change("is_active", before, active))));
    changed.fire(new TriggerChanged(id));
    return trigger;
  }

  /**
   * @throws ProblemException NOT_FOUND, FORBIDDEN
   */
  public void delete(Identity caller, String pipelineId, String id) {
    Pipeline pipeline = own(caller, pipelineId);
    PipelineTrigger trigger = find(pipelineId, id);
    AuditedAction deed = AuditedAction.of("trigger.delete").on(id, pipeline.getName());
    actions.fire(deed);
    em.remove(trigger);
    em.flush();
    actions.fire(deed.done());
    changed.fire(new TriggerChanged(id));
  }

  private Pipeline own(Identity caller, String pipelineId) {
    Pipeline pipeline = pipelines.get(caller, pipelineId);
    if (!Pipelines.mayChange(caller, pipeline)) {
      throw new ProblemException(
          Problem.FORBIDDEN, "Only its owner and administrators give a pipeline triggers");
    }
    return pipeline;
  }

  private PipelineTrigger find(String pipelineId, String id) {
    PipelineTrigger trigger = em.find(PipelineTrigger.class, id);
    if (trigger == null || !trigger.getPipelineId().equals(pipelineId)) {
      throw ProblemException.notFound("trigger");
    }
    return trigger;
  }
}
