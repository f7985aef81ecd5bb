package io.mimir.audit.service;

import io.mimir.audit.AuditEvent;
import io.mimir.audit.ChainHead;
import io.mimir.audit.ChainKeys;
import io.mimir.audit.ChainLink;
import io.mimir.time.InstantConverter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * The tables of the audit log over JDBC: for the server's transactions, and for verbs that have no
 * server. What it reads is taken as text, so that nothing that was changed outside looks like what
 * was written.
 */
final class ChainRows {

  private static final String COLUMNS =
      "id, at, actor, address, action, target, target_id, target_name, outcome, changes,"
          + " request_id, node, position, previous_seal, seal";

  /** As all times are stored; by hand, since JDBC would take the time zone of the machine. */
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

  /** No chain gets as long, and one more still fits. */
  private static final Pattern POSITION = Pattern.compile("[1-9][0-9]{0,17}");

  private final InstantConverter times = new InstantConverter();
  private final Connection connection;

  ChainRows(Connection connection) {
    this.connection = connection;
  }

  void insert(AuditEvent event, ChainLink link) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into audit_events ("
                + COLUMNS
                + ") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
      int i = 0;
      insert.setString(++i, event.getId());
      insert.setString(++i, TIME.format(event.getAt()));
      insert.setString(++i, event.getActor());
      insert.setString(++i, event.getAddress());
      insert.setString(++i, event.getAction());
      insert.setString(++i, event.getTarget());
      insert.setString(++i, event.getTargetId());
      insert.setString(++i, event.getTargetName());
      insert.setString(++i, event.getOutcome());
      insert.setString(++i, event.getChanges());
      insert.setString(++i, event.getRequestId());
      insert.setString(++i, link.node());
      insert.setLong(++i, link.position());
      insert.setString(++i, link.previous());
      insert.setString(++i, link.seal());
      insert.executeUpdate();
    }
  }

  /** Gives a row of before there was a chain its place in it. */
  void link(String id, ChainLink link) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "update audit_events set node = ?, position = ?, previous_seal = ?, seal = ?"
                + " where id = ?")) {
      update.setString(1, link.node());
      update.setLong(2, link.position());
      update.setString(3, link.previous());
      update.setString(4, link.seal());
      update.setString(5, id);
      update.executeUpdate();
    }
  }

  /**
   * Rows without a place in a chain, oldest first.
   *
   * @param after the id of the last one of the part before; empty for the first part
   */
  List<AuditEvent> unlinked(String after, int limit) throws SQLException {
    List<AuditEvent> events = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select "
                + COLUMNS
                + " from audit_events where node is null and id > ? order by id limit ?")) {
      select.setString(1, after);
      select.setInt(2, limit);
      read(select, row -> events.add(row.event()));
    }
    return events;
  }

  /** The node that wrote last; empty when no row has a place in a chain. */
  Optional<String> lastNode() throws SQLException {
    List<String> nodes = new ArrayList<>();
    try (Statement select = connection.createStatement();
        ResultSet rows =
            select.executeQuery(
                "select node from audit_events where node is not null order by id desc limit 1")) {
      while (rows.next()) {
        nodes.add(rows.getString(1));
      }
    }
    return nodes.stream().findFirst();
  }

  /** The head that the rows of a node give; that of an empty chain when there are none. */
  ChainHead last(String node) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select position, seal from audit_events where node = ?"
                + " order by position desc limit 1")) {
      select.setString(1, node);
      try (ResultSet rows = select.executeQuery()) {
        Optional<Long> position = rows.next() ? position(rows.getString(1)) : Optional.empty();
        return position.isEmpty()
            ? ChainHead.begin(node)
            : new ChainHead(node, position.get(), text(rows.getString(2)));
      }
    }
  }

  /** The last event of a node; empty when there is none. */
  Optional<StoredEvent> lastEvent(String node) throws SQLException {
    List<StoredEvent> last = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select "
                + COLUMNS
                + " from audit_events where node = ? order by position desc limit 1")) {
      select.setString(1, node);
      read(select, last::add);
    }
    return last.stream().filter(row -> row.link() != null).findFirst();
  }

  /** The seal of the event at a place; empty when there is none. */
  Optional<String> sealAt(ChainHead head) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select seal from audit_events where node = ? and position = ?")) {
      select.setString(1, head.node());
      select.setLong(2, head.position());
      try (ResultSet rows = select.executeQuery()) {
        return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
      }
    }
  }

  /** The heads of all nodes. */
  List<StoredHead> heads() throws SQLException {
    List<StoredHead> heads = new ArrayList<>();
    try (Statement select = connection.createStatement();
        ResultSet rows =
            select.executeQuery(
                "select node, position, seal, head_seal from audit_heads order by node")) {
      while (rows.next()) {
        ChainHead head =
            new ChainHead(
                text(rows.getString(1)),
                position(rows.getString(2)).orElse(0L),
                text(rows.getString(3)));
        heads.add(new StoredHead(head, rows.getString(4)));
      }
    }
    return heads;
  }

  void store(ChainHead head, ChainKeys keys) throws SQLException {
    String[] statements = {
      "update audit_heads set position = ?, seal = ?, head_seal = ? where node = ?",
      "insert into audit_heads (position, seal, head_seal, node) values (?, ?, ?, ?)"
    };
    for (String sql : statements) {
      try (PreparedStatement write = connection.prepareStatement(sql)) {
        write.setLong(1, head.position());
        write.setString(2, head.seal());
        write.setString(3, head.sealedFor(StoredHead.DATABASE, keys));
        write.setString(4, head.node());
        if (write.executeUpdate() > 0) {
          return;
        }
      }
    }
  }

  /** All rows, those of one chain together and in its order. */
  void forEach(Consumer<StoredEvent> each) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select " + COLUMNS + " from audit_events order by node, position, id")) {
      read(select, each);
    }
  }

  /**
   * A part of the chains.
   *
   * @param after what is left out: the node's events up to here, and all nodes before it; null for
   *     nothing
   */
  List<StoredEvent> page(ChainHead after, int limit) throws SQLException {
    List<StoredEvent> page = new ArrayList<>();
    String sql =
        "select "
            + COLUMNS
            + " from audit_events where node > ? or (node = ? and position > ?)"
            + " order by node, position limit ?";
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      select.setString(1, after == null ? "" : after.node());
      select.setString(2, after == null ? "" : after.node());
      select.setLong(3, after == null ? 0 : after.position());
      select.setInt(4, limit);
      read(select, page::add);
    }
    return page;
  }

  private void read(PreparedStatement select, Consumer<StoredEvent> each) throws SQLException {
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        each.accept(event(rows));
      }
    }
  }

  private StoredEvent event(ResultSet row) throws SQLException {
    AuditEvent event =
        AuditEvent.ofStored(
            row.getString("id"),
            time(row.getString("at")),
            new AuditEvent.Actor(
                row.getString("actor"), row.getString("address"), row.getString("request_id")),
            row.getString("action"),
            new AuditEvent.Target(
                row.getString("target"), row.getString("target_id"), row.getString("target_name")),
            row.getString("outcome"),
            row.getString("changes"));
    String node = row.getString("node");
    Optional<Long> position = position(row.getString("position"));
    ChainLink link =
        node == null || position.isEmpty()
            ? null
            : new ChainLink(
                node,
                position.get(),
                text(row.getString("previous_seal")),
                text(row.getString("seal")));
    return new StoredEvent(event, link);
  }

  private Instant time(String stored) {
    try {
      return times.convertToEntityAttribute(stored);
    } catch (DateTimeException e) {
      // No time that Mimir wrote: the seal does not fit it either.
      return null;
    }
  }

  private static Optional<Long> position(String stored) {
    return stored != null && POSITION.matcher(stored).matches()
        ? Optional.of(Long.valueOf(stored))
        : Optional.empty();
  }

  private static String text(String stored) {
    return stored == null ? "" : stored;
  }
}
