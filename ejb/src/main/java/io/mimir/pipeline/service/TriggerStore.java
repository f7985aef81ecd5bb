package io.mimir.pipeline.service;

import static jakarta.ejb.TransactionAttributeType.REQUIRES_NEW;
import static jakarta.ejb.TransactionAttributeType.SUPPORTS;

import io.mimir.pipeline.PipelineTrigger;
import jakarta.annotation.security.PermitAll;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The triggers, for what they start. */
@Stateless
@PermitAll
public class TriggerStore {

  @PersistenceContext EntityManager em;

  /** Finds a trigger by its id. */
  @TransactionAttribute(SUPPORTS)
  public Optional<PipelineTrigger> find(String id) {
    return Optional.ofNullable(em.find(PipelineTrigger.class, id));
  }

  /** Lists those that are due at times. */
  @TransactionAttribute(SUPPORTS)
  public List<PipelineTrigger> timed() {
    return em.createNamedQuery(PipelineTrigger.TIMED, PipelineTrigger.class).getResultList();
  }

  /**
   * Writes down that a trigger was due.
   *
   * @param ran null when it started no run
   * @param next null for a webhook
   */
  @TransactionAttribute(REQUIRES_NEW)
  public void fired(String id, Instant ran, Instant next) {
    PipelineTrigger trigger = em.find(PipelineTrigger.class, id);
    if (trigger != null) {
      trigger.fired(ran, next);
    }
  }
}
