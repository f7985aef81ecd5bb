package io.mimir.audit.service;

import io.mimir.audit.AuditEvent;
import io.mimir.audit.AuditEvent.Actor;
import io.mimir.audit.AuditEvent.Target;
import io.mimir.audit.ChainHead;
import io.mimir.audit.ChainKeys;
import io.mimir.audit.Change;
import io.mimir.audit.Outcome;
import io.mimir.audit.service.Verification.Kind;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The events that tell of the chain itself. Only Mimir can write them: a verification trusts them.
 */
final class ChainEvents {

  static final String BEGIN = "audit.begin";
  static final String BREAK = "audit.break";
  static final String RESTORE = "audit.restore";

  static final String EVENTS_BEFORE = "events_before";
  static final String REASON = "reason";
  static final String HEAD = "head";
  static final String BACKUP_AT = "backup_at";

  private static final Actor SYSTEM = new Actor("system", null, null);
  private static final Target NOTHING = Target.of(null);

  private ChainEvents() {}

  /** The chain begins, after events that were there already. */
  static AuditEvent begin(long eventsBefore) {
    return event(
        SYSTEM, BEGIN, Outcome.SUCCESS, List.of(Change.detail(EVENTS_BEFORE, eventsBefore)));
  }

  /**
   * Mimir itself found that somebody was at the chain.
   *
   * @param expected the end as it should be
   * @param found the end as it is
   */
  static AuditEvent broken(Kind reason, ChainHead expected, ChainHead found) {
    return event(
        SYSTEM,
        BREAK,
        Outcome.FAILURE,
        List.of(
            Change.detail(REASON, reason.wire()),
            new Change(HEAD, expected.toString(), found.toString())));
  }

  /**
   * A backup took the database's place.
   *
   * @param replaced null where it is not known
   */
  static AuditEvent restored(String actor, Instant backupAt, ChainHead backup, ChainHead replaced) {
    return event(
        new Actor(actor, null, null),
        RESTORE,
        Outcome.SUCCESS,
        List.of(
            Change.detail(BACKUP_AT, backupAt),
            new Change(HEAD, replaced == null ? null : replaced.toString(), backup.toString())));
  }

  /**
   * Tells whether an event is a restore that took the place of what a file with the chain's end
   * speaks of: until the next start, that file is the one of before.
   *
   * @param claimed what the file says; empty when there is none
   */
  static boolean isRestoreOver(StoredEvent last, Optional<ChainHead> claimed, ChainKeys keys) {
    return last.link() != null
        && last.event().getAction().equals(RESTORE)
        && ChangesJson.told(last.event().getChanges(), HEAD, "old")
            .equals(claimed.map(ChainHead::toString).orElse(""))
        && last.link().isOf(last.event(), keys);
  }

  private static AuditEvent event(
      Actor actor, String action, Outcome outcome, List<Change> changes) {
    return AuditEvent.now(actor, action, NOTHING, outcome, ChangesJson.write(changes));
  }
}
