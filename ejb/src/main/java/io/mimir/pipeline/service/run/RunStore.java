package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.id.Ids;
import io.mimir.pipeline.RunStatus;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/** The runs: new ones, those that there are, and those that are old enough to be forgotten. */
public final class RunStore {

  private static final String ROW =
      RunReader.FACTS + ", input, output, error, input_tokens, output_tokens, seq, rested_seq";

  private final DataSource database;
  private final RunReader reader;

  public RunStore(DataSource database) {
    this.database = database;
    this.reader = new RunReader(database);
  }

  /** Returns an id for a run that is to be stored: its values are kept under it before. */
  public static String newId() {
    return Ids.random("run_");
  }

  /**
   * A run that is asked for.
   *
   * @param idempotencyKey by which a repetition of the same wish is known; null for none
   * @param takenOver steps whose results another run gave, each with {@code from} and {@code
   *     result}
   */
  public record Wish(
      String id,
      String pipelineId,
      String pipelineName,
      int revision,
      String accountId,
      String tokenId,
      String triggerKind,
      String triggerId,
      String idempotencyKey,
      String takenOverFrom,
      Value input,
      List<TakenOver> takenOver) {}

  /** A step whose result comes from another run. */
  public record TakenOver(String path, ObjectNode data) {}

  /**
   * A run as lists show it.
   *
   * @param output null while there is none
   * @param error {@code code} and {@code message}; null when it has not failed
   * @param restedSeq where the journal was when the run last rested; null when it never did
   */
  public record Row(
      RunFacts facts,
      Value input,
      Value output,
      ObjectNode error,
      long inputTokens,
      long outputTokens,
      long seq,
      Long restedSeq) {}

  /**
   * Stores a run, which is queued then.
   *
   * @return its id, or that of the run that the same wish made before
   * @throws JournalException when the database refuses
   */
  public String insert(Wish wish) {
    try {
      return Transaction.of(database, connection -> NewRun.insert(connection, wish));
    } catch (SQLException e) {
      throw new JournalException(e);
    }
  }

  /** Reads one run; empty when there is none. */
  public Optional<Row> find(String id) {
    return reader.read(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement("select " + ROW + " from runs where id = ?")) {
            select.setString(1, id);
            return rows(select).stream().findFirst();
          }
        });
  }

  /**
   * What is to be listed; null members stand for all.
   *
   * @param after the run that the page before ended with
   */
  public record Filter(String pipelineId, String accountId, RunStatus status, After after) {}

  /** A run by which a page ended. */
  public record After(long queuedAt, String id) {}

  /** Lists runs, the newest first. */
  public List<Row> list(Filter filter, int limit) {
    List<Object> values = new ArrayList<>();
    StringBuilder sql = new StringBuilder("select " + ROW + " from runs where 1 = 1");
    add(sql, values, " and pipeline_id = ?", filter.pipelineId());
    add(sql, values, " and account_id = ?", filter.accountId());
    add(sql, values, " and status = ?", filter.status() == null ? null : filter.status().wire());
    if (filter.after() != null) {
      sql.append(" and (queued_at < ? or (queued_at = ? and id < ?))");
      values.add(filter.after().queuedAt());
      values.add(filter.after().queuedAt());
      values.add(filter.after().id());
    }
    sql.append(" order by queued_at desc, id desc limit ?");
    values.add(limit);
    return reader.read(
        connection -> {
          try (PreparedStatement select = connection.prepareStatement(sql.toString())) {
            for (int i = 0; i < values.size(); i++) {
              select.setObject(i + 1, values.get(i));
            }
            return rows(select);
          }
        });
  }

  private static void add(StringBuilder sql, List<Object> values, String condition, Object value) {
    if (value != null) {
      sql.append(condition);
      values.add(value);
    }
  }

  private static List<Row> rows(PreparedStatement select) throws SQLException {
    List<Row> rows = new ArrayList<>();
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        String output = row.getString("output");
        String error = row.getString("error");
        long rested = row.getLong("rested_seq");
        Long restedSeq = row.wasNull() ? null : Long.valueOf(rested);
        rows.add(
            new Row(
                RunReader.facts(row),
                Value.of(RunJson.stored(row.getString("input"))),
                output == null ? null : Value.of(RunJson.stored(output)),
                error == null ? null : (ObjectNode) RunJson.stored(error),
                row.getLong("input_tokens"),
                row.getLong("output_tokens"),
                row.getLong("seq"),
                restedSeq));
      }
    }
    return rows;
  }

  /**
   * Returns the runs that have not ended and that something can be done for: those that rest until
   * a person answers, and whom nobody has answered, are left out.
   */
  public List<String> unfinished() {
    return texts(
        "select id from runs where finished_at is null and (status in ('queued', 'running')"
            + " or rested_seq is null or seq > rested_seq) order by queued_at");
  }

  /** Returns the runs of a pipeline that have not ended. */
  public List<String> active(String pipelineId) {
    return texts(
        "select id from runs where finished_at is null and pipeline_id = ? order by queued_at",
        pipelineId);
  }

  /** Returns runs that ended before a time, the oldest first. */
  public List<String> finishedBefore(long millis, int most) {
    return texts(
        "select id from runs where finished_at < ? order by finished_at limit ?", millis, most);
  }

  private List<String> texts(String sql, Object... values) {
    return reader.read(
        connection -> {
          try (PreparedStatement select = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
              select.setObject(i + 1, values[i]);
            }
            List<String> texts = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
              while (row.next()) {
                texts.add(row.getString(1));
              }
            }
            return texts;
          }
        });
  }

  /** Counts the runs that have not begun. */
  public int queued() {
    return Integer.parseInt(
        texts("select count(*) from runs where finished_at is null and status = 'queued'").get(0));
  }

  /** Forgets a run and its journal. */
  public void delete(String id) {
    try {
      Transaction.of(
          database,
          connection ->
              delete(connection, "delete from run_events where run_id = ?", id)
                  + delete(connection, "delete from runs where id = ?", id));
    } catch (SQLException e) {
      throw new JournalException(e);
    }
  }

  private static int delete(Connection connection, String sql, String id) throws SQLException {
    try (PreparedStatement delete = connection.prepareStatement(sql)) {
      delete.setString(1, id);
      return delete.executeUpdate();
    }
  }
}
