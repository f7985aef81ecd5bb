package io.mimir.audit.service;

import io.mimir.audit.AuditEvent;
import io.mimir.audit.ChainHead;
import io.mimir.audit.ChainKeys;
import io.mimir.audit.ChainLink;
import io.mimir.audit.service.HeadFile.Kept;
import io.mimir.audit.service.Verification.Kind;
import io.mimir.audit.service.Verification.Restore;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Goes through the events of all chains once, in their order, and says what is wrong with which. An
 * event proves by its own seal that it is as it was written and where it belongs, and by the seal
 * before it which past it belongs to; the heads prove where a chain ends. For one use.
 */
final class ChainVerifier {

  private final ChainKeys keys;
  private final Kept file;
  private final List<ChainHead> written;
  private final ChainFindings findings = new ChainFindings();
  private final List<Restore> restores = new ArrayList<>();

  /** The last place of each chain that has an event, and its seal. */
  private final Map<String, ChainHead> ends = new LinkedHashMap<>();

  /** The seals at places that some head speaks of. */
  private final Map<String, String> seen = new HashMap<>();

  private final Set<String> wanted = new HashSet<>();

  /** The last event of each chain that is as it was written. */
  private final Map<String, StoredEvent> lastOfEach = new HashMap<>();

  /** The last event, where it is not as it was written and the right one may still come. */
  private StoredEvent doubtful;

  private ChainHead beforeDoubtful;
  private boolean wasSoundBefore;
  private boolean isLastSound = true;
  private long events;
  private long eventsBefore;
  private Instant chainSince;
  private Instant firstAt;
  private Instant lastAt;

  /**
   * @param file null when it is not looked at
   * @param written heads that were written down outside
   */
  ChainVerifier(ChainKeys keys, Kept file, List<ChainHead> written) {
    this.keys = keys;
    this.file = file;
    this.written = List.copyOf(written);
    written.forEach(head -> wanted.add(place(head)));
    if (file != null) {
      file.head().ifPresent(head -> wanted.add(place(head)));
    }
  }

  private static String place(ChainHead head) {
    return head.node() + '/' + head.position();
  }

  /** Reads all of it as it is at one moment. */
  Verification verify(Connection connection) throws SQLException {
    try (Statement transaction = connection.createStatement()) {
      // Not by the driver's own means: it would take the lock that writers wait for.
      transaction.execute("begin");
      try {
        ChainRows rows = new ChainRows(connection);
        rows.forEach(this::accept);
        decide();
        checkHeads(rows.heads());
        if (!AuditGuards.areThere(connection)) {
          findings.add(
              Kind.GUARDS_MISSING,
              "The safeguards of the table, triggers that refuse changes, are not there as Mimir made"
                  + " them. The next start makes them anew");
        }
      } finally {
        transaction.execute("rollback");
      }
    }
    return result();
  }

  /** Takes the next line of a copy, which may begin anywhere. */
  void acceptOfCopy(StoredEvent stored) {
    ChainLink link = stored.link();
    ends.putIfAbsent(link.node(), new ChainHead(link.node(), link.position() - 1, link.previous()));
    accept(stored);
  }

  /**
   * Takes the next event, in the order of nodes and positions; those without a place come first.
   */
  void accept(StoredEvent stored) {
    AuditEvent event = stored.event();
    ChainLink link = stored.link();
    if (link == null) {
      findings.inserted(event, null);
      return;
    }
    boolean isAuthentic = link.isOf(event, keys);
    if (doubtful != null && isAuthentic && link.head().isAt(doubtful.link().head())) {
      // Two at one place, and this is the one that was written.
      findings.inserted(doubtful.event(), doubtful.link());
      ends.put(link.node(), beforeDoubtful);
      isLastSound = wasSoundBefore;
      doubtful = null;
    }
    decide();
    ChainHead end = ends.getOrDefault(link.node(), ChainHead.begin(link.node()));
    long next = end.position() + 1;
    if (link.position() < next || (!isAuthentic && link.position() > next)) {
      findings.inserted(event, link);
      return;
    }
    if (end.position() == 0) {
      isLastSound = true;
    }
    ends.put(link.node(), link.head());
    if (wanted.contains(place(link.head()))) {
      seen.put(place(link.head()), link.seal());
    }
    if (isAuthentic) {
      take(event, link, end);
      lastOfEach.put(link.node(), stored);
    } else {
      doubtful = stored;
      beforeDoubtful = end;
      wasSoundBefore = isLastSound;
    }
    isLastSound = isAuthentic;
  }

  /** Nothing else came for the place of the last event that is not as it was written. */
  private void decide() {
    if (doubtful != null) {
      findings.changed(doubtful.event(), doubtful.link());
      doubtful = null;
    }
  }

  private void take(AuditEvent event, ChainLink link, ChainHead end) {
    if (link.position() > end.position() + 1) {
      if (!isExplained(event, end)) {
        findings.missing(
            Kind.MISSING, end, link.position() - 1, lastTime(link.node()), event.getAt());
      }
    } else if (isLastSound && !link.previous().equals(end.seal())) {
      findings.add(
          Kind.EXCHANGED,
          link,
          event,
          "Event %d does not follow the one before it: one of them is from another past of this log"
              .formatted(link.position()));
    }
    events++;
    firstAt = firstAt == null || event.getAt().isBefore(firstAt) ? event.getAt() : firstAt;
    lastAt = lastAt == null || event.getAt().isAfter(lastAt) ? event.getAt() : lastAt;
    String changes = event.getChanges();
    switch (event.getAction()) {
      case ChainEvents.BEGIN -> {
        chainSince = event.getAt();
        eventsBefore += Long.parseLong(ChangesJson.told(changes, ChainEvents.EVENTS_BEFORE, "new"));
      }
      case ChainEvents.RESTORE -> restored(event);
      case ChainEvents.BREAK -> findings.broken(event, link);
      default -> {
        // An event like any other.
      }
    }
  }

  private Instant lastTime(String node) {
    StoredEvent last = lastOfEach.get(node);
    return last == null ? null : last.event().getAt();
  }

  /** A restore says itself what is not there any more. */
  private static boolean isExplained(AuditEvent event, ChainHead end) {
    return event.getAction().equals(ChainEvents.RESTORE)
        && ChangesJson.told(event.getChanges(), ChainEvents.HEAD, "new").equals(end.toString());
  }

  private void restored(AuditEvent event) {
    String head = ChangesJson.told(event.getChanges(), ChainEvents.HEAD, "new");
    String replaced = ChangesJson.told(event.getChanges(), ChainEvents.HEAD, "old");
    Optional<ChainHead> now = ChainHead.parse(head);
    long gone =
        ChainHead.parse(replaced)
            .filter(old -> now.isPresent() && old.node().equals(now.get().node()))
            .map(old -> Math.max(0, old.position() - now.get().position()))
            .orElse(0L);
    restores.add(
        new Restore(
            event.getId(),
            event.getAt(),
            event.getActor(),
            ChangesJson.told(event.getChanges(), ChainEvents.BACKUP_AT, "new"),
            head,
            replaced.isEmpty() ? null : replaced,
            gone));
  }

  private void checkHeads(List<StoredHead> stored) {
    Map<String, ChainHead> furthest = new LinkedHashMap<>(ends);
    Set<String> noted = new HashSet<>();
    for (StoredHead each : stored) {
      ChainHead head = each.head();
      noted.add(head.node());
      ChainHead end = ends.getOrDefault(head.node(), ChainHead.begin(head.node()));
      if (!each.isOf(StoredHead.DATABASE, keys) || head.position() < end.position()) {
        findings.headChanged(end);
      } else if (head.position() > end.position()) {
        furthest.put(head.node(), head);
      } else if (!head.seal().equals(end.seal()) && !findings.areAbout(end)) {
        findings.headChanged(end);
      }
      if (each.isOf(StoredHead.DATABASE, keys)) {
        findings.nothingWasWrittenAfter(head);
      }
    }
    for (ChainHead end : ends.values()) {
      if (noted.contains(end.node())) {
        continue;
      }
      if (lastOfEach.containsKey(end.node())) {
        findings.headChanged(end);
      } else {
        findings.nothingWasWrittenAfter(ChainHead.begin(end.node()));
      }
    }
    if (file != null && !isRestoredOver()) {
      checkFile();
      file.head().ifPresent(head -> checkExpected(head, furthest));
    }
    for (ChainHead head : written) {
      checkExpected(head, furthest);
    }
    furthest.forEach(
        (node, head) -> {
          ChainHead end = ends.getOrDefault(node, ChainHead.begin(node));
          if (head.position() > end.position()) {
            findings.missing(Kind.END_MISSING, end, head.position(), lastTime(node), null);
          }
        });
  }

  /** Between a restore and the next start the file is the one of before, and says nothing. */
  private boolean isRestoredOver() {
    return lastOfEach.values().stream()
        .anyMatch(last -> ChainEvents.isRestoreOver(last, file.claimed(), keys));
  }

  private void checkFile() {
    if (!file.isThere()) {
      findings.add(
          Kind.HEAD_FILE_MISSING,
          "The file audit-head in the data folder is gone: whether the last events are all there"
              + " cannot be told from it");
    } else if (file.isForged()) {
      findings.add(
          Kind.HEAD_FILE_CHANGED,
          "The file audit-head in the data folder is not as Mimir wrote it");
    }
  }

  private void checkExpected(ChainHead head, Map<String, ChainHead> furthest) {
    ChainHead end = ends.getOrDefault(head.node(), ChainHead.begin(head.node()));
    if (head.position() > end.position()) {
      furthest.merge(
          head.node(), head, (one, other) -> other.position() > one.position() ? other : one);
      return;
    }
    String seal = seen.get(place(head));
    // Where there is no event, or a changed one, that has been said.
    if (head.position() > 0
        && seal != null
        && !seal.equals(head.seal())
        && !findings.areAbout(head)) {
      findings.add(
          Kind.EXCHANGED,
          new ChainLink(head.node(), head.position(), "", head.seal()),
          null,
          "Event %d is not the one that was there when this end of the chain was noted"
              .formatted(head.position()));
    }
  }

  Verification result() {
    decide();
    return new Verification(
        findings.isEmpty(),
        Instant.now(),
        events,
        eventsBefore,
        chainSince,
        firstAt,
        lastAt,
        ends.values().stream().map(ChainHead::toString).toList(),
        findings.list(),
        findings.leftOut(),
        List.copyOf(restores));
  }
}
