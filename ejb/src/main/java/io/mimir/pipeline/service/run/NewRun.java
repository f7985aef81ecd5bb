package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Writes the row of a new run and its first events, in a transaction of the caller's. */
final class NewRun {

  private NewRun() {}

  /**
   * Stores a run, unless the same wish was met before.
   *
   * @return its id, or that of the run that the same wish made before
   */
  static String insert(Connection connection, RunStore.Wish wish) throws SQLException {
    String known = wish.idempotencyKey() == null ? null : known(connection, wish);
    if (known != null) {
      return known;
    }
    store(connection, wish);
    return wish.id();
  }

  private static String known(Connection connection, RunStore.Wish wish) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select id from runs where pipeline_id = ? and account_id = ?"
                + " and idempotency_key = ?")) {
      select.setString(1, wish.pipelineId());
      select.setString(2, wish.accountId());
      select.setString(3, wish.idempotencyKey());
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? row.getString(1) : null;
      }
    }
  }

  private static void store(Connection connection, RunStore.Wish wish) throws SQLException {
    long now = System.currentTimeMillis();
    int events = 1 + wish.takenOver().size();
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into runs (id, pipeline_id, pipeline_name, revision, status, account_id,"
                + " token_id, trigger_kind, trigger_id, idempotency_key, taken_over_from, seq,"
                + " epoch, input, input_tokens, output_tokens, bytes, queued_at)"
                + " values (?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, 0, ?, 0, 0, ?, ?)")) {
      insert.setString(1, wish.id());
      insert.setString(2, wish.pipelineId());
      insert.setString(3, wish.pipelineName());
      insert.setInt(4, wish.revision());
      insert.setString(5, wish.accountId());
      insert.setString(6, wish.tokenId());
      insert.setString(7, wish.triggerKind());
      insert.setString(8, wish.triggerId());
      insert.setString(9, wish.idempotencyKey());
      insert.setString(10, wish.takenOverFrom());
      insert.setLong(11, events);
      insert.setString(12, RunJson.text(wish.input().toJson()));
      insert.setLong(13, wish.input().bytes());
      insert.setLong(14, now);
      insert.executeUpdate();
    }
    try (PreparedStatement event =
        connection.prepareStatement(
            "insert into run_events (run_id, seq, at, kind, path, attempt, data)"
                + " values (?, ?, ?, ?, ?, 0, ?)")) {
      add(event, wish.id(), 1, now, RunEvent.Kind.QUEUED, null, null);
      int seq = 1;
      for (RunStore.TakenOver step : wish.takenOver()) {
        add(event, wish.id(), ++seq, now, RunEvent.Kind.TAKEN_OVER, step.path(), step.data());
      }
      event.executeBatch();
    }
  }

  private static void add(
      PreparedStatement event,
      String id,
      long seq,
      long at,
      RunEvent.Kind kind,
      String path,
      ObjectNode data)
      throws SQLException {
    event.setString(1, id);
    event.setLong(2, seq);
    event.setLong(3, at);
    event.setString(4, kind.wire());
    event.setString(5, path);
    event.setString(6, data == null ? null : RunJson.text(data));
    event.addBatch();
  }
}
