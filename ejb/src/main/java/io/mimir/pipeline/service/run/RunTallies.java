package io.mimir.pipeline.service.run;

import io.mimir.pipeline.RunStatus;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/**
 * How many runs ended on each day (of UTC), by pipeline and account: a list of pipelines is shown
 * without looking at the runs, however many there are. Cancelled runs are left out.
 */
public final class RunTallies {

  private static final long DAY_MS = TimeUnit.DAYS.toMillis(1);

  private final DataSource database;
  private final RunReader reader;

  public RunTallies(DataSource database) {
    this.database = database;
    this.reader = new RunReader(database);
  }

  /** How many runs of a pipeline have ended, and how many of them well. */
  public record Tally(int ended, int succeeded) {}

  /** Counts a run that ends now, in the transaction that ends it. */
  static void count(Connection connection, String runId, RunStatus status, long now)
      throws SQLException {
    if (status == RunStatus.CANCELLED) {
      return;
    }
    try (PreparedStatement count =
        connection.prepareStatement(
            "insert into run_tallies (pipeline_id, account_id, day, ended, succeeded)"
                + " select pipeline_id, coalesce(account_id, ''), ?, 1, ? from runs where id = ?"
                + " on conflict (pipeline_id, account_id, day) do update set"
                + " ended = run_tallies.ended + 1,"
                + " succeeded = run_tallies.succeeded + excluded.succeeded")) {
      count.setLong(1, now / DAY_MS);
      count.setLong(2, status == RunStatus.SUCCEEDED ? 1 : 0);
      count.setString(3, runId);
      count.executeUpdate();
    }
  }

  /**
   * Returns the runs that ended since the beginning of a day, by pipeline.
   *
   * @param accountId whose; null for all
   */
  public Map<String, Tally> since(LocalDate day, String accountId) {
    String mine = accountId == null ? "" : " and account_id = ?";
    return reader.read(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "select pipeline_id, sum(ended), sum(succeeded) from run_tallies where day >= ?"
                      + mine
                      + " group by pipeline_id")) {
            select.setLong(1, day.toEpochDay());
            if (accountId != null) {
              select.setString(2, accountId);
            }
            Map<String, Tally> tallies = new HashMap<>();
            try (ResultSet row = select.executeQuery()) {
              while (row.next()) {
                tallies.put(row.getString(1), new Tally(row.getInt(2), row.getInt(3)));
              }
            }
            return tallies;
          }
        });
  }

  /** Forgets the days before one. */
  public void forgetBefore(LocalDate day) {
    try {
      Transaction.of(
          database,
          connection -> {
            try (PreparedStatement delete =
                connection.prepareStatement("delete from run_tallies where day < ?")) {
              delete.setLong(1, day.toEpochDay());
              return delete.executeUpdate();
            }
          });
    } catch (SQLException e) {
      throw new JournalException(e);
    }
  }
}
