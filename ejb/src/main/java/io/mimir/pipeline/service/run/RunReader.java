package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.RunStatus;
import io.mimir.storage.service.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/** Reads runs and their journals. */
public final class RunReader {

  static final String FACTS =
      "id, pipeline_id, pipeline_name, revision, status, account_id, token_id, trigger_kind,"
          + " trigger_id, taken_over_from, queued_at, started_at, finished_at";

  private static final String EVENTS =
      "select seq, at, kind, path, attempt, data from run_events where run_id = ? and seq > ?";

  private final DataSource database;

  public RunReader(DataSource database) {
    this.database = database;
  }

  /**
   * A run with its journal.
   *
   * @param bytes of all its values
   */
  public record Whole(RunFacts facts, Value input, long epoch, long bytes, List<RunEvent> events) {}

  /** Reads a run with its journal; empty when there is none. */
  public Optional<Whole> whole(String runId) {
    return read(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "select " + FACTS + ", input, epoch, bytes from runs where id = ?")) {
            select.setString(1, runId);
            try (ResultSet row = select.executeQuery()) {
              if (!row.next()) {
                return Optional.empty();
              }
              RunFacts facts = facts(row);
              Value input = Value.of(RunJson.stored(row.getString("input")));
              long epoch = row.getLong("epoch");
              long bytes = row.getLong("bytes");
              List<RunEvent> events = events(connection, runId, 0, Integer.MAX_VALUE);
              return Optional.of(new Whole(facts, input, epoch, bytes, events));
            }
          }
        });
  }

  /** Reads what is known of a run beside its journal. */
  Optional<RunFacts> facts(String runId) {
    return read(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement("select " + FACTS + " from runs where id = ?")) {
            select.setString(1, runId);
            try (ResultSet row = select.executeQuery()) {
              return row.next() ? Optional.of(facts(row)) : Optional.empty();
            }
          }
        });
  }

  /** Reads what is in a journal after a place, in order. */
  public List<RunEvent> events(String runId, long after, int most) {
    return read(connection -> events(connection, runId, after, most));
  }

  private static List<RunEvent> events(Connection connection, String runId, long after, int most)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(EVENTS + " order by seq limit ?")) {
      select.setString(1, runId);
      select.setLong(2, after);
      select.setInt(3, most);
      return events(select);
    }
  }

  /** Reads what others than the working process appended after a place. */
  List<RunEvent> external(String runId, long after) {
    return read(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  EVENTS + " and kind in ('approved', 'resolved', 'cancelling') order by seq")) {
            select.setString(1, runId);
            select.setLong(2, after);
            return events(select);
          }
        });
  }

  private static List<RunEvent> events(PreparedStatement select) throws SQLException {
    List<RunEvent> events = new ArrayList<>();
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        String data = row.getString(6);
        events.add(
            new RunEvent(
                row.getLong(1),
                row.getLong(2),
                RunEvent.Kind.ofWire(row.getString(3)),
                row.getString(4),
                row.getInt(5),
                data == null ? RunJson.object() : (ObjectNode) RunJson.stored(data)));
      }
    }
    return events;
  }

  /** The place of the last event of a write that may have been written; null when it was not. */
  Long endOf(RunWrite write) {
    if (write.isEmpty()) {
      return null;
    }
    RunWrite.Draft first = write.drafts().get(0);
    return read(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "select seq from run_events where run_id = ? and at = ? and kind = ?"
                      + " and attempt = ? and coalesce(path, '') = ? order by seq desc limit 1")) {
            select.setString(1, write.runId());
            select.setLong(2, first.at());
            select.setString(3, first.kind().wire());
            select.setInt(4, first.attempt());
            select.setString(5, first.path() == null ? "" : first.path());
            try (ResultSet row = select.executeQuery()) {
              return row.next() ? row.getLong(1) + write.drafts().size() - 1 : null;
            }
          }
        });
  }

  static RunFacts facts(ResultSet row) throws SQLException {
    return new RunFacts(
        row.getString("id"),
        row.getString("pipeline_id"),
        row.getString("pipeline_name"),
        row.getInt("revision"),
        RunStatus.ofWire(row.getString("status")).orElseThrow(),
        row.getString("account_id"),
        row.getString("token_id"),
        row.getString("trigger_kind"),
        row.getString("trigger_id"),
        row.getString("taken_over_from"),
        row.getLong("queued_at"),
        row.getLong("started_at"),
        row.getLong("finished_at"));
  }

  /** What is asked of a connection. */
  interface Question<T> {
    T ask(Connection connection) throws SQLException;
  }

  <T> T read(Question<T> question) {
    try (Connection connection = database.getConnection()) {
      return question.ask(connection);
    } catch (SQLException e) {
      throw new JournalException(
          new SQLException("Runs cannot be read: " + Database.reason(e), e.getSQLState()));
    }
  }
}
