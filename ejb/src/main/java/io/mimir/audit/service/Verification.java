package io.mimir.audit.service;

import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * What a verification of the audit log found.
 *
 * @param intact whether nothing speaks against the log
 * @param verifiedAt when it was looked at
 * @param events how many events are as they were written
 * @param eventsBefore how many of them are from before there was a chain, sealed as they were found
 * @param chainSince when the chain began; null when that event is not there
 * @param firstAt of the oldest event that is as it was written; null when there is none
 * @param lastAt of the newest one
 * @param heads the ends of the chains, to be written down outside
 * @param findings what speaks against it, at most 200
 * @param findingsLeftOut how many more there are
 * @param restores the restores that the chain tells of
 */
public record Verification(
    boolean intact,
    Instant verifiedAt,
    long events,
    long eventsBefore,
    Instant chainSince,
    Instant firstAt,
    Instant lastAt,
    List<String> heads,
    List<Finding> findings,
    long findingsLeftOut,
    List<Restore> restores) {

  /** What can be wrong with a log. */
  public enum Kind {
    /** An event does not say what was written. */
    CHANGED,
    /** An event was added past Mimir. */
    INSERTED,
    /** Events that were written are not there. */
    MISSING,
    /** The same for the last ones of a chain. */
    END_MISSING,
    /** Events are from another past of the same log, such as an older copy. */
    EXCHANGED,
    /** The note of a chain's end in the database is not what Mimir wrote. */
    HEAD_CHANGED,
    /** The file with the chain's end is gone. */
    HEAD_FILE_MISSING,
    /** The file with the chain's end is not what Mimir wrote. */
    HEAD_FILE_CHANGED,
    /** The triggers that keep rows from being changed are not there. */
    GUARDS_MISSING;

    public String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Something that speaks against the log.
   *
   * @param kind a word of {@link Kind}
   * @param node whose chain it is about; null for none
   * @param position the first place in the chain that it is about; null for none
   * @param lastPosition the last one
   * @param eventId the event that it is about, or that told of it; null for none
   * @param at when that says that it happened
   * @param message for people
   */
  public record Finding(
      String kind,
      String node,
      Long position,
      Long lastPosition,
      String eventId,
      Instant at,
      String message) {}

  /**
   * A backup that took the database's place.
   *
   * @param eventId the event that tells of it
   * @param at when
   * @param actor who
   * @param backupAt when the backup was made, as the restore was told
   * @param head the end of the chain in the backup
   * @param replaced the end of the chain that was there before; null where that was not known
   * @param eventsGone how many events the backup does not have, as far as that is known
   */
  public record Restore(
      String eventId,
      Instant at,
      String actor,
      String backupAt,
      String head,
      String replaced,
      long eventsGone) {}
}
