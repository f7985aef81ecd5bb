package io.mimir.audit.service;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.mimir.audit.AuditEvent;
import io.mimir.audit.ChainHead;
import io.mimir.audit.ChainKeys;
import io.mimir.audit.ChainLink;
import io.mimir.audit.service.HeadFile.Kept;
import io.mimir.audit.service.Verification.Kind;
import io.mimir.id.Ids;
import io.mimir.storage.service.DataFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The chain of this node: each event is sealed together with its place and the seal of the event
 * before (T90). Where it ends is read in the transaction that adds to it, and the database lets one
 * of those write at a time; so what is rolled back leaves no gap, and nothing in memory is out of
 * date. An end that is not what it should be is written down as an event, after the place where the
 * chain should have ended: the gap stays.
 *
 * <p>Works over JDBC alone, so that commands can use it without a server. Safe for any number of
 * threads.
 */
public final class AuditChain {

  private static final System.Logger LOG = System.getLogger(AuditChain.class.getName());

  private static final String NODE = "node_";
  private static final int PAGE_ROWS = 1_000;

  private final ChainKeys keys;
  private final String node;
  private final ChainHead opened;

  private AuditChain(ChainKeys keys, ChainHead opened) {
    this.keys = keys;
    this.node = opened.node();
    this.opened = opened;
  }

  /**
   * Opens the chain of the node that the data folder belongs to. The first time it begins, and
   * takes in what was in the log before; later it is looked at whether it ends where it should.
   *
   * @param connection without a transaction; it has none afterwards
   * @param folder locked by the caller
   * @throws IOException when the file with the chain's end cannot be read or written
   */
  public static AuditChain open(Connection connection, ChainKeys keys, DataFolder folder)
      throws SQLException, IOException {
    Kept kept = HeadFile.read(folder.file(HeadFile.NAME), keys);
    boolean autoCommit = connection.getAutoCommit();
    connection.setAutoCommit(false);
    try {
      ChainRows rows = new ChainRows(connection);
      Optional<String> node = nodeOf(kept, rows, keys);
      ChainHead end;
      if (node.isEmpty() || isAboutToBegin(kept, node.get(), rows)) {
        ChainHead none = ChainHead.begin(node.orElseGet(() -> Ids.random(NODE)));
        // Before the database, so that a start that is broken off is not taken for a loss.
        HeadFile.write(folder, none, keys);
        end = begin(connection, keys, none);
      } else {
        end = goOn(connection, keys, node.get(), kept);
      }
      connection.commit();
      HeadFile.write(folder, end, keys);
      return new AuditChain(keys, end);
    } catch (SQLException | IOException e) {
      connection.rollback();
      throw e;
    } finally {
      connection.setAutoCommit(autoCommit);
    }
  }

  private static Optional<String> nodeOf(Kept kept, ChainRows rows, ChainKeys keys)
      throws SQLException {
    Optional<String> last = rows.lastNode();
    if (last.isPresent() && isRestored(kept, rows, last.get(), keys)) {
      return last;
    }
    Optional<String> known = kept.head().map(ChainHead::node).or(() -> last);
    if (known.isEmpty()) {
      known = rows.heads().stream().map(each -> each.head().node()).findFirst();
    }
    // A file that Mimir did not write is no beginning.
    return known.isEmpty() && kept.isForged() ? Optional.of(Ids.random(NODE)) : known;
  }

  private static boolean isRestored(Kept kept, ChainRows rows, String node, ChainKeys keys)
      throws SQLException {
    return rows.lastEvent(node)
        .filter(last -> ChainEvents.isRestoreOver(last, kept.claimed(), keys))
        .isPresent();
  }

  private static boolean isAboutToBegin(Kept kept, String node, ChainRows rows)
      throws SQLException {
    return kept.head().filter(head -> head.position() == 0).isPresent()
        && rows.last(node).position() == 0
        && rows.heads().isEmpty();
  }

  private static ChainHead begin(Connection connection, ChainKeys keys, ChainHead none)
      throws SQLException {
    ChainHead end = none;
    ChainRows rows = new ChainRows(connection);
    List<AuditEvent> before = rows.unlinked("", PAGE_ROWS);
    while (!before.isEmpty()) {
      for (AuditEvent event : before) {
        ChainLink link = ChainLink.after(end, event, keys);
        rows.link(event.getId(), link);
        end = link.head();
      }
      before = rows.unlinked(before.get(before.size() - 1).getId(), PAGE_ROWS);
    }
    AuditGuards.raise(connection);
    LOG.log(INFO, "The audit chain begins, after {0} events that were there", end.position());
    return add(rows, keys, end, ChainEvents.begin(end.position()));
  }

  private static ChainHead goOn(Connection connection, ChainKeys keys, String node, Kept kept)
      throws SQLException {
    ChainRows rows = new ChainRows(connection);
    boolean restored = isRestored(kept, rows, node, keys);
    ChainHead known = restored ? null : kept.head().orElse(null);
    ChainHead last = rows.last(node);
    List<Kind> reasons = new ArrayList<>();
    if (restored) {
      LOG.log(INFO, "The audit log goes on after a restore, at {0}", last);
    } else if (!kept.isThere()) {
      reasons.add(Kind.HEAD_FILE_MISSING);
    } else if (known == null) {
      reasons.add(Kind.HEAD_FILE_CHANGED);
    } else if (known.position() > 0
        && known.position() <= last.position()
        && !known.seal().equals(rows.sealAt(known).orElse(""))) {
      reasons.add(Kind.EXCHANGED);
    }
    if (!AuditGuards.areThere(connection)) {
      reasons.add(Kind.GUARDS_MISSING);
    }
    ChainHead end = end(rows, keys, node, known);
    for (Kind reason : reasons) {
      end = breakAt(rows, keys, reason, end, known == null ? end : known, last);
    }
    AuditGuards.raise(connection);
    return end;
  }

  /** The end as it was when the chain was opened. */
  public ChainHead opened() {
    return opened;
  }

  /**
   * Adds an event within the caller's transaction.
   *
   * @param known an end that is committed for certain: a chain that ends before it was cut off
   * @return the end with it, once the transaction is committed
   */
  public ChainHead append(Connection connection, AuditEvent event, ChainHead known)
      throws SQLException {
    ChainRows rows = new ChainRows(connection);
    return add(rows, keys, end(rows, keys, node, known), event);
  }

  /** Where the next event goes; if the chain does not end there, that is written down first. */
  private static ChainHead end(ChainRows rows, ChainKeys keys, String node, ChainHead known)
      throws SQLException {
    ChainHead last = rows.last(node);
    Optional<StoredHead> stored =
        rows.heads().stream().filter(each -> each.head().node().equals(node)).findFirst();
    ChainHead furthest = last;
    boolean agree = last.position() == 0 && stored.isEmpty();
    if (stored.isPresent() && stored.get().isOf(StoredHead.DATABASE, keys)) {
      agree = stored.get().head().equals(last);
      furthest = further(furthest, stored.get().head());
    }
    if (known != null && known.node().equals(node)) {
      furthest = further(furthest, known);
    }
    if (agree && furthest.position() == last.position()) {
      return last;
    }
    Kind reason = furthest.position() > last.position() ? Kind.END_MISSING : Kind.HEAD_CHANGED;
    return breakAt(rows, keys, reason, furthest, furthest, last);
  }

  private static ChainHead further(ChainHead one, ChainHead other) {
    return other.position() > one.position() ? other : one;
  }

  private static ChainHead breakAt(
      ChainRows rows,
      ChainKeys keys,
      Kind reason,
      ChainHead end,
      ChainHead expected,
      ChainHead found)
      throws SQLException {
    LOG.log(
        WARNING,
        "The audit log was changed outside of Mimir ({0}): it should end at {1} and ends at {2}."
            + " Verify it under Settings, Audit",
        reason.wire(),
        expected,
        found);
    return add(rows, keys, end, ChainEvents.broken(reason, expected, found));
  }

  private static ChainHead add(ChainRows rows, ChainKeys keys, ChainHead end, AuditEvent event)
      throws SQLException {
    ChainLink link = ChainLink.after(end, event, keys);
    rows.insert(event, link);
    rows.store(link.head(), keys);
    return link.head();
  }

  /**
   * Writes down that a backup takes the database's place: to be called once, for the backup's
   * database before or after it gets there, and before anything opens the chain. What the backup
   * does not have any more stays named in the chain.
   *
   * @param connection to the backup's database, of the present schema, without a transaction; it
   *     has none afterwards
   * @param headFile the file with the chain's end of what is replaced; the next start writes it
   *     anew
   * @param actor who restores: a word such as {@code operator}
   * @param backupAt when the backup was made
   * @return the new end of the chain
   * @throws IOException when the file is there and cannot be read
   */
  public static ChainHead restored(
      Connection connection, ChainKeys keys, Path headFile, String actor, Instant backupAt)
      throws SQLException, IOException {
    Kept kept = HeadFile.read(headFile, keys);
    boolean autoCommit = connection.getAutoCommit();
    connection.setAutoCommit(false);
    try {
      ChainRows rows = new ChainRows(connection);
      Optional<String> node = rows.lastNode();
      if (node.isEmpty()) {
        // A backup of before the chain: it begins with what the backup has.
        node = Optional.of(kept.claimed().map(ChainHead::node).orElseGet(() -> Ids.random(NODE)));
        begin(connection, keys, ChainHead.begin(node.get()));
      }
      ChainHead backup = rows.last(node.get());
      ChainHead end = backup;
      if (kept.head().isPresent() && kept.head().get().node().equals(backup.node())) {
        end = further(backup, kept.head().get());
      }
      ChainHead head =
          add(
              rows,
              keys,
              end,
              ChainEvents.restored(actor, backupAt, backup, kept.claimed().orElse(null)));
      connection.commit();
      return head;
    } catch (SQLException e) {
      connection.rollback();
      throw e;
    } finally {
      connection.setAutoCommit(autoCommit);
    }
  }

  /**
   * Verifies the chains of all nodes, as they are at one moment: writers go on meanwhile.
   *
   * @param connection without a transaction; it has none afterwards
   * @param headFile the file with the chain's end beside this database; null to leave that out, for
   *     a copy that has none
   * @param written heads that were written down outside, and that the chains have to hold
   * @throws IOException when the file is there and cannot be read
   */
  public static Verification verify(
      Connection connection, ChainKeys keys, Path headFile, List<ChainHead> written)
      throws SQLException, IOException {
    // Before the database, which is never behind it.
    Kept kept = headFile == null ? null : HeadFile.read(headFile, keys);
    return new ChainVerifier(keys, kept, written).verify(connection);
  }

  /**
   * A part of the chains, in the order of nodes and positions.
   *
   * @param after the end of the part before, or of a copy that is to be continued; null for the
   *     first part
   */
  public static ExportPage export(Connection connection, ChainHead after) throws SQLException {
    return ExportPage.of(new ChainRows(connection).page(after, PAGE_ROWS), PAGE_ROWS);
  }

  /**
   * Verifies a copy that was exported: that each line is what was written, and that none is missing
   * between the first and the last of a chain. It may begin anywhere.
   *
   * @throws IllegalArgumentException when something is no line of an exported log
   */
  public static Verification verifyCopy(Stream<String> lines, ChainKeys keys) {
    ChainVerifier verifier = new ChainVerifier(keys, null, List.of());
    lines.filter(line -> !line.isBlank()).map(ExportPage::read).forEach(verifier::acceptOfCopy);
    return verifier.result();
  }
}
