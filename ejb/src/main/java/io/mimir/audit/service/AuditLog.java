package io.mimir.audit.service;

import static jakarta.ejb.TransactionAttributeType.REQUIRES_NEW;
import static jakarta.ejb.TransactionAttributeType.SUPPORTS;
import static jakarta.enterprise.event.TransactionPhase.AFTER_FAILURE;

import io.mimir.audit.AuditEvent;
import io.mimir.audit.AuditedAction;
import io.mimir.audit.Outcome;
import jakarta.annotation.Resource;
import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ejb.SessionContext;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.enterprise.context.ContextNotActiveException;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import jakarta.persistence.TypedQuery;
import jakarta.persistence.criteria.CriteriaBuilder;
import jakarta.persistence.criteria.CriteriaQuery;
import jakarta.persistence.criteria.Predicate;
import jakarta.persistence.criteria.Root;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The record of what was done: written with the action when it commits, on its own when it is
 * rolled back. Nothing is ever changed here.
 */
@Stateless
@PermitAll
public class AuditLog {

  public static final String SYSTEM = "system";

  /**
   * The role of auditors, by its own name: security writes into this log, so it is not seen here.
   */
  static final String READER = "auditor";

  @PersistenceContext EntityManager em;
  @Inject RequestOrigin origin;
  @Resource SessionContext session;

  /**
   * What to look for; null members are not looked at.
   *
   * @param target part of it is enough
   */
  public record Filter(String actor, String action, String target, Instant from, Instant to) {
    public static final Filter ALL = new Filter(null, null, null, null, null);
  }

  /**
   * Part of the action's own transaction: when this cannot be written, the action does not happen
   * (T91).
   */
  @TransactionAttribute(TransactionAttributeType.MANDATORY)
  public void record(@Observes AuditedAction audited) {
    em.persist(event(actorOf(audited), audited.action(), audited.target(), Outcome.SUCCESS));
  }

  @TransactionAttribute(REQUIRES_NEW)
  public void recordFailure(@Observes(during = AFTER_FAILURE) AuditedAction audited) {
    em.persist(event(actorOf(audited), audited.action(), audited.target(), Outcome.FAILURE));
  }

  /** For what has no transaction of its own: sign-ins, and requests that are turned away. */
  @TransactionAttribute(REQUIRES_NEW)
  public void write(String actor, String action, String target, Outcome outcome) {
    em.persist(event(actor, action, target, outcome));
  }

  /**
   * Newest first.
   *
   * @param before the id of the last event of the page before, or null for the first page
   */
  @RolesAllowed(READER)
  @TransactionAttribute(SUPPORTS)
  public List<AuditEvent> find(Filter filter, String before, int limit) {
    CriteriaBuilder cb = em.getCriteriaBuilder();
    CriteriaQuery<AuditEvent> query = cb.createQuery(AuditEvent.class);
    Root<AuditEvent> event = query.from(AuditEvent.class);
    List<Predicate> all = new ArrayList<>();
    if (filter.actor() != null) {
      all.add(cb.equal(event.get("actor"), filter.actor()));
    }
    if (filter.action() != null) {
      all.add(cb.equal(event.get("action"), filter.action()));
    }
    if (filter.target() != null) {
      all.add(cb.like(event.get("target"), "%" + escaped(filter.target()) + "%", '\\'));
    }
    if (filter.from() != null) {
      all.add(cb.greaterThanOrEqualTo(event.get("at"), filter.from()));
    }
    if (filter.to() != null) {
      all.add(cb.lessThan(event.get("at"), filter.to()));
    }
    if (before != null) {
      all.add(cb.lessThan(event.get("id"), before));
    }
    query.where(all.toArray(Predicate[]::new)).orderBy(cb.desc(event.get("id")));
    TypedQuery<AuditEvent> page = em.createQuery(query);
    return page.setMaxResults(limit).getResultList();
  }

  private static String escaped(String text) {
    return text.replaceAll("[\\\\%_]", "\\\\$0");
  }

  /** A task of the server runs under the name of the caller whose request began it. */
  private String actorOf(AuditedAction audited) {
    if (audited.automatic()) {
      return SYSTEM;
    }
    String name =
        session.getCallerPrincipal() == null ? "" : session.getCallerPrincipal().getName();
    return name.isEmpty() || name.equalsIgnoreCase("anonymous") ? SYSTEM : name;
  }

  private AuditEvent event(String actor, String action, String target, Outcome outcome) {
    String address = null;
    String requestId = null;
    try {
      address = origin.address();
      requestId = origin.requestId();
    } catch (ContextNotActiveException e) {
      // Outside of a request there is no address: the server does this by itself.
    }
    return new AuditEvent(Instant.now(), actor, address, action, target, outcome, requestId);
  }
}
