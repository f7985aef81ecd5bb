package io.mimir.audit.service;

import static jakarta.ejb.TransactionAttributeType.MANDATORY;
import static jakarta.ejb.TransactionAttributeType.REQUIRES_NEW;
import static jakarta.ejb.TransactionAttributeType.SUPPORTS;
import static jakarta.enterprise.event.TransactionPhase.AFTER_FAILURE;
import static jakarta.enterprise.event.TransactionPhase.BEFORE_COMPLETION;
import static java.lang.System.Logger.Level.ERROR;

import io.mimir.audit.AuditEvent;
import io.mimir.audit.AuditEvent.Actor;
import io.mimir.audit.AuditEvent.Target;
import io.mimir.audit.AuditedAction;
import io.mimir.audit.ChainHead;
import io.mimir.audit.Change;
import io.mimir.audit.DeniedAction;
import io.mimir.audit.Outcome;
import jakarta.annotation.Resource;
import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ejb.EJBException;
import jakarta.ejb.SessionContext;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.enterprise.context.ContextNotActiveException;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import jakarta.persistence.TypedQuery;
import jakarta.persistence.criteria.CriteriaBuilder;
import jakarta.persistence.criteria.CriteriaQuery;
import jakarta.persistence.criteria.Predicate;
import jakarta.persistence.criteria.Root;
import java.sql.Connection;
import java.sql.SQLException;
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

  private static final System.Logger LOG = System.getLogger(AuditLog.class.getName());

  /**
   * The role of auditors, by its own name: security writes into this log, so it is not seen here.
   */
  static final String READER = "auditor";

  @PersistenceContext EntityManager em;
  @Inject RequestOrigin origin;
  @Inject AuditChain chain;
  @Inject HeadKeeper heads;
  @Inject Event<ChainHead> written;
  @Inject Event<Outcome> counted;
  @Resource SessionContext session;

  /**
   * What to look for; null members are not looked at.
   *
   * @param action the beginning of it is enough
   * @param target an id, or part of what people read of it
   */
  public record Filter(
      String actor, String action, String target, Outcome outcome, Instant from, Instant to) {
    public static final Filter ALL = new Filter(null, null, null, null, null, null);
  }

  /**
   * Part of the action's own transaction: when this cannot be written, the action does not happen
   * (T91).
   */
  @TransactionAttribute(MANDATORY)
  public void record(@Observes AuditedAction audited) {
    if (audited.isDone()) {
      append(event(audited, Outcome.SUCCESS, audited.changes()), Outcome.SUCCESS);
    }
  }

  /** What is begun and not said to be done is not to be committed without a record. */
  @TransactionAttribute(MANDATORY)
  public void require(@Observes(during = BEFORE_COMPLETION) AuditedAction audited) {
    if (!audited.isDone()) {
      LOG.log(ERROR, "{0} was begun and not said to be done: it is undone", audited.action());
      session.setRollbackOnly();
    }
  }

  @TransactionAttribute(REQUIRES_NEW)
  public void recordFailure(@Observes(during = AFTER_FAILURE) AuditedAction audited) {
    if (audited.fail()) {
      append(event(audited, Outcome.FAILURE, audited.details()), Outcome.FAILURE);
    }
  }

  /** What the caller may not do is written on its own: the transaction that would do it is over. */
  @TransactionAttribute(REQUIRES_NEW)
  public void recordDenied(@Observes(during = AFTER_FAILURE) DeniedAction denied) {
    AuditedAction refused =
        AuditedAction.of(denied.action()).on(denied.targetId(), denied.targetName());
    append(event(refused, Outcome.DENIED, List.of()), Outcome.DENIED);
  }

  /** For what has no transaction of its own: sign-ins, and requests that are turned away. */
  @TransactionAttribute(REQUIRES_NEW)
  public void write(String actor, String action, String target, Outcome outcome) {
    append(AuditEvent.now(actor(actor), action, Target.of(target), outcome, null), outcome);
  }

  /** The same for what the caller does, or the server by itself: with its details. */
  @TransactionAttribute(REQUIRES_NEW)
  public void write(AuditedAction audited, Outcome outcome) {
    append(event(audited, outcome, audited.details()), outcome);
  }

  private void append(AuditEvent event, Outcome outcome) {
    try {
      // The transaction's own: where the chain ends is read with the lock of its writers.
      ChainHead head = chain.append(em.unwrap(Connection.class), event, heads.latest());
      written.fire(head);
      counted.fire(outcome);
    } catch (SQLException e) {
      throw new EJBException("An event of the audit log was not written", e);
    }
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
      all.add(cb.like(event.get("action"), escaped(filter.action()) + "%", '\\'));
    }
    if (filter.target() != null) {
      all.add(
          cb.or(
              cb.equal(event.get("targetId"), filter.target()),
              cb.like(event.get("target"), "%" + escaped(filter.target()) + "%", '\\')));
    }
    if (filter.outcome() != null) {
      all.add(cb.equal(event.get("outcome"), filter.outcome().wire()));
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

  private AuditEvent event(AuditedAction audited, Outcome outcome, List<Change> changes) {
    return AuditEvent.now(
        actor(nameOf(audited)),
        audited.action(),
        Target.of(audited.targetId(), audited.targetName()),
        outcome,
        ChangesJson.write(changes));
  }

  /** A task of the server runs under the name of the caller whose request began it. */
  private String nameOf(AuditedAction audited) {
    return audited.isAutomatic() ? SYSTEM : actor();
  }

  private String actor() {
    String name =
        session.getCallerPrincipal() == null ? "" : session.getCallerPrincipal().getName();
    return name.isEmpty() || name.equalsIgnoreCase("anonymous") ? SYSTEM : name;
  }

  private Actor actor(String name) {
    try {
      return new Actor(name, origin.address(), origin.requestId());
    } catch (ContextNotActiveException e) {
      // Outside of a request there is no address: the server does this by itself.
      return new Actor(name, null, null);
    }
  }
}
