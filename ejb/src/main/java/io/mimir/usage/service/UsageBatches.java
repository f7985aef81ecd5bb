package io.mimir.usage.service;

import io.mimir.storage.service.Database;
import io.mimir.time.InstantConverter;
import io.mimir.usage.Usage;
import io.mimir.usage.UsageCell;
import jakarta.ejb.EJBException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

/** Adds batches of usage to the table, on a connection whose transaction belongs to the caller. */
final class UsageBatches {

  private static final String ADD =
      "insert into usage_hours (hour, key_id, token_id, model,"
          + " requests, errors, input_tokens, output_tokens, latency_ms)"
          + " values (?, ?, ?, ?, ?, ?, ?, ?, ?)"
          + " on conflict (hour, key_id, token_id, model) do update set"
          + " requests = usage_hours.requests + excluded.requests,"
          + " errors = usage_hours.errors + excluded.errors,"
          + " input_tokens = usage_hours.input_tokens + excluded.input_tokens,"
          + " output_tokens = usage_hours.output_tokens + excluded.output_tokens,"
          + " latency_ms = usage_hours.latency_ms + excluded.latency_ms";

  private static final String CLAIM =
      "insert into usage_writers (id, batch, written_at) values (?, ?, ?)"
          + " on conflict (id) do update set batch = excluded.batch, written_at = excluded.written_at"
          + " where usage_writers.batch < excluded.batch";

  private static final InstantConverter TIMES = new InstantConverter();

  private UsageBatches() {}

  /**
   * Adds a batch, unless its writer has written it before: when a commit is not answered, nobody
   * knows what became of it, and it is sent again.
   *
   * @param number higher than that of the writer's batch before
   */
  static void add(Connection connection, String writer, long number, List<Usage> batch)
      throws SQLException {
    try (PreparedStatement claim = connection.prepareStatement(CLAIM)) {
      set(claim, writer, number, TIMES.convertToDatabaseColumn(Instant.now()));
      if (claim.executeUpdate() == 0) {
        return;
      }
    }
    try (PreparedStatement add = connection.prepareStatement(ADD)) {
      for (Usage usage : batch) {
        UsageCell cell = usage.cell();
        set(
            add,
            TIMES.convertToDatabaseColumn(cell.hour()),
            stored(cell.keyId()),
            stored(cell.tokenId()),
            stored(cell.model()),
            usage.requests(),
            usage.errors(),
            usage.inputTokens(),
            usage.outputTokens(),
            usage.latencyMs());
        add.addBatch();
      }
      add.executeBatch();
    }
  }

  private static void set(PreparedStatement statement, Object... values) throws SQLException {
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
  }

  /** Members of a primary key are never null. */
  static String stored(String text) {
    return text == null ? "" : text;
  }

  /** In a transaction of its own, on a connection of its own. */
  static void addDirectly(String writer, long number, List<Usage> batch) {
    try (Connection connection = Database.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      add(connection, writer, number, batch);
      connection.commit();
    } catch (SQLException e) {
      throw new EJBException("A batch of usage was not written", e);
    }
  }
}
