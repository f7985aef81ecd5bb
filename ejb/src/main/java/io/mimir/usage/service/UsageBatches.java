package io.mimir.usage.service;

import io.mimir.storage.service.Database;
import io.mimir.usage.Usage;
import io.mimir.usage.UsageGroup;
import jakarta.ejb.EJBException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Collectors;

/** Adds batches of usage to the table, on a connection whose transaction belongs to the caller. */
final class UsageBatches {

  private static final String ADD = addition();

  private static final String CLAIM =
      "insert into usage_writers (id, batch, written_at) values (?, ?, ?)"
          + " on conflict (id) do update set batch = excluded.batch, written_at = excluded.written_at"
          + " where usage_writers.batch < excluded.batch";

  private UsageBatches() {}

  private static String addition() {
    List<String> cell = UsageColumns.of(EnumSet.allOf(UsageGroup.class));
    String key = String.join(", ", cell);
    String marks = "?" + ", ?".repeat(cell.size() + UsageColumns.SUMS.size() - 1);
    String sums =
        UsageColumns.SUMS.stream()
            .map(column -> column + " = usage_hours." + column + " + excluded." + column)
            .collect(Collectors.joining(", "));
    return "insert into usage_hours ("
        + key
        + ", "
        + String.join(", ", UsageColumns.SUMS)
        + ") values ("
        + marks
        + ") on conflict ("
        + key
        + ") do update set "
        + sums;
  }

  /**
   * Adds a batch, unless its writer has written it before: when a commit is not answered, nobody
   * knows what became of it, and it is sent again.
   *
   * @param number higher than that of the writer's batch before
   */
  static void add(Connection connection, String writer, long number, List<Usage> batch)
      throws SQLException {
    try (PreparedStatement claim = connection.prepareStatement(CLAIM)) {
      set(claim, writer, number, UsageColumns.stored(Instant.now()));
      if (claim.executeUpdate() == 0) {
        return;
      }
    }
    try (PreparedStatement add = connection.prepareStatement(ADD)) {
      for (Usage usage : batch) {
        set(add, UsageColumns.row(usage).toArray());
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

  /** In a transaction of its own, on a connection of its own. */
  static void addDirectly(String writer, long number, List<Usage> batch) {
    try (Connection connection = Database.connection()) {
      connection.setAutoCommit(false);
      add(connection, writer, number, batch);
      connection.commit();
    } catch (SQLException e) {
      throw new EJBException("A batch of usage was not written", e);
    }
  }
}
