package io.mimir.usage.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.storage.service.SchemaMigration;
import io.mimir.usage.LatencyHistogram;
import io.mimir.usage.Usage;
import io.mimir.usage.UsageCell;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The statements on a real database, with the schema that ships. */
class UsageBatchesTest {

  private static final UsageCell CELL =
      new UsageCell(
          Instant.parse("2026-01-31T08:00:00Z"), "key_1", null, "m", "pipe_1", "curl", "usr_ann");
  private static final Usage SOME =
      new Usage(
          CELL,
          2,
          1,
          30,
          40,
          1,
          6,
          500,
          LatencyHistogram.of(0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));

  @TempDir Path folder;

  private Connection connection;

  @BeforeEach
  void open() throws Exception {
    connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("test.db"));
    SchemaMigration.run(connection);
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  private List<Long> sums() throws SQLException {
    try (ResultSet row =
        connection
            .createStatement()
            .executeQuery(
                "select count(*), sum(requests), sum(errors), sum(input_tokens),"
                    + " sum(output_tokens), sum(latency_ms), sum(estimated), sum(left_out),"
                    + " sum(calls_250ms), sum(calls_longer), sum(calls_500ms) from usage_hours")) {
      return List.of(
          row.getLong(1),
          row.getLong(2),
          row.getLong(3),
          row.getLong(4),
          row.getLong(5),
          row.getLong(6),
          row.getLong(7),
          row.getLong(8),
          row.getLong(9),
          row.getLong(10),
          row.getLong(11));
    }
  }

  @Test
  void batchesAddUpInOneRow() throws SQLException {
    UsageBatches.add(connection, "writer", 1, List.of(SOME));
    UsageBatches.add(connection, "writer", 2, List.of(SOME));
    UsageBatches.add(connection, "another writer", 1, List.of(SOME));

    assertThat(sums()).containsExactly(1L, 6L, 3L, 90L, 120L, 1500L, 3L, 18L, 3L, 3L, 0L);
  }

  @Test
  void aBatchThatIsSentAgainCountsOnce() throws SQLException {
    UsageBatches.add(connection, "writer", 1, List.of(SOME));
    UsageBatches.add(connection, "writer", 1, List.of(SOME));

    assertThat(sums()).containsExactly(1L, 2L, 1L, 30L, 40L, 500L, 1L, 6L, 1L, 1L, 0L);
  }

  @Test
  void aBatchThatFailsHalfwayIsWrittenWhenItIsSentAgain() throws SQLException {
    Usage broken = SOME.in(new UsageCell(CELL.hour(), "key_2", null, null, null, null, null));
    connection
        .createStatement()
        .execute(
            "create trigger refuse before insert on usage_hours when new.key_id = 'key_2'"
                + " begin select raise(abort, 'refused'); end");
    connection.setAutoCommit(false);
    assertThatThrownBy(() -> UsageBatches.add(connection, "writer", 1, List.of(SOME, broken)))
        .isInstanceOf(SQLException.class);
    connection.rollback();
    connection.createStatement().execute("drop trigger refuse");
    connection.commit();

    UsageBatches.add(connection, "writer", 1, List.of(SOME, broken));
    connection.commit();

    assertThat(sums()).containsExactly(2L, 4L, 2L, 60L, 80L, 1000L, 2L, 12L, 2L, 2L, 0L);
  }
}
