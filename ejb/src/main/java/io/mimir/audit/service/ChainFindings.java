package io.mimir.audit.service;

import io.mimir.audit.AuditEvent;
import io.mimir.audit.ChainHead;
import io.mimir.audit.ChainLink;
import io.mimir.audit.LogText;
import io.mimir.audit.service.Verification.Finding;
import io.mimir.audit.service.Verification.Kind;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a verification has found so far, in words. */
final class ChainFindings {

  private static final int MAX_FINDINGS = 200;
  private static final int MAX_TEXT_CHARS = 80;

  private final List<Finding> list = new ArrayList<>();
  private final Set<String> changedPlaces = new HashSet<>();
  private long count;

  boolean isEmpty() {
    return count == 0;
  }

  List<Finding> list() {
    return List.copyOf(list);
  }

  long leftOut() {
    return count - list.size();
  }

  /** Tells whether the event at that place is one that was said to be changed. */
  boolean areAbout(ChainHead place) {
    return changedPlaces.contains(place.node() + '/' + place.position());
  }

  void add(Kind kind, String message) {
    add(kind, null, null, message);
  }

  void add(Kind kind, ChainLink link, AuditEvent event, String message) {
    put(
        new Finding(
            kind.wire(),
            link == null ? null : link.node(),
            link == null ? null : link.position(),
            link == null ? null : link.position(),
            event == null ? null : event.getId(),
            event == null ? null : event.getAt(),
            message));
  }

  private void put(Finding finding) {
    count++;
    if (list.size() < MAX_FINDINGS) {
      list.add(finding);
    }
  }

  void changed(AuditEvent event, ChainLink link) {
    changedPlaces.add(link.node() + '/' + link.position());
    add(
        Kind.CHANGED,
        link,
        event,
        "Event %d (%s) does not say what was written: it was changed or replaced. Now it says %s by %s"
            .formatted(
                link.position(),
                plain(event.getId()),
                plain(event.getAction()),
                plain(event.getActor())));
  }

  /**
   * @param link null when it has no place
   */
  void inserted(AuditEvent event, ChainLink link) {
    add(
        Kind.INSERTED,
        link,
        event,
        "The event %s was not written by Mimir, or was moved away from its place"
            .formatted(plain(event.getId())));
  }

  /** What somebody else put there. */
  private static String plain(String stored) {
    return LogText.of(stored, MAX_TEXT_CHARS);
  }

  /** Events after the end that Mimir noted were added, and not changed. */
  void nothingWasWrittenAfter(ChainHead head) {
    list.replaceAll(
        finding ->
            finding.kind().equals(Kind.CHANGED.wire())
                    && head.node().equals(finding.node())
                    && finding.position() > head.position()
                ? new Finding(
                    Kind.INSERTED.wire(),
                    finding.node(),
                    finding.position(),
                    finding.lastPosition(),
                    finding.eventId(),
                    finding.at(),
                    "The event %s was not written by Mimir".formatted(plain(finding.eventId())))
                : finding);
  }

  /**
   * @param end the place before the first one that is missing
   * @param after when the event there happened; null for none
   * @param before when the event after the last one happened; null for none
   */
  void missing(Kind kind, ChainHead end, long last, Instant after, Instant before) {
    long first = end.position() + 1;
    String which =
        first == last ? "Event " + first + " is" : "Events " + first + " to " + last + " are";
    String why =
        kind == Kind.END_MISSING
            ? " missing at the end of the log"
            : " missing: deleted, or lost when an older copy took the database's place";
    String when = after == null ? "" : ". The last one before is of " + second(after);
    when +=
        before == null ? "" : (when.isEmpty() ? ". The" : ", the") + " next of " + second(before);
    put(new Finding(kind.wire(), end.node(), first, last, null, null, which + why + when));
  }

  private static String second(Instant at) {
    return at.truncatedTo(ChronoUnit.SECONDS).toString().replace('T', ' ').replace("Z", " UTC");
  }

  void headChanged(ChainHead end) {
    put(
        new Finding(
            Kind.HEAD_CHANGED.wire(),
            end.node(),
            end.position(),
            end.position(),
            null,
            null,
            "The note of the chain's end in the database is not the one that Mimir wrote"));
  }

  /** What Mimir found by itself, and wrote down. A missing end shows as a gap before it anyway. */
  void broken(AuditEvent event, ChainLink link) {
    String reason = ChangesJson.told(event.getChanges(), ChainEvents.REASON, "new");
    if (reason.equals(Kind.END_MISSING.wire())) {
      return;
    }
    put(
        new Finding(
            reason,
            link.node(),
            link.position(),
            link.position(),
            event.getId(),
            event.getAt(),
            "When Mimir looked, on %s, %s".formatted(second(event.getAt()), inWords(reason))));
  }

  private static String inWords(String reason) {
    for (Kind kind : Kind.values()) {
      if (kind.wire().equals(reason)) {
        return switch (kind) {
          case HEAD_CHANGED ->
              "the note of the log's end in the database was not the one that it wrote";
          case HEAD_FILE_MISSING ->
              "the file audit-head in the data folder was gone: whether the last events of then"
                  + " are all there cannot be told";
          case HEAD_FILE_CHANGED -> "the file audit-head in the data folder was not as it wrote it";
          case GUARDS_MISSING ->
              "the safeguards of the table were not there as it made them; it made them anew";
          case EXCHANGED -> "the log was from another past than the file audit-head";
          case CHANGED, INSERTED, MISSING, END_MISSING -> "the log had been changed";
        };
      }
    }
    return "the log had been changed";
  }
}
