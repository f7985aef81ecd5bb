package io.mimir.pipeline.service.run;

import io.mimir.pipeline.RunStatus;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;

/** Writes to the tables of runs, on a connection whose transaction belongs to the caller. */
final class RunWriter implements AutoCloseable {

  /** A run that has ended takes nothing any more, and a process that was replaced gives nothing. */
  private static final String WHERE =
      " where id = ? and finished_at is null and epoch = coalesce(?, epoch) returning seq";

  /** Most writes change no column of an index, and so no page of one. */
  private static final String GROW =
      "update runs set seq = seq + ?, input_tokens = input_tokens + ?,"
          + " output_tokens = output_tokens + ?, bytes = bytes + ?"
          + WHERE;

  private static final String CHANGE =
      "update runs set seq = seq + ?, input_tokens = input_tokens + ?,"
          + " output_tokens = output_tokens + ?, bytes = bytes + ?, epoch = epoch + ?,"
          + " status = coalesce(?, status), started_at = coalesce(started_at, ?), finished_at = ?,"
          + " rested_seq = case when ? = 1 then seq + ? else rested_seq end,"
          + " output = coalesce(?, output), error = coalesce(?, error)"
          + WHERE;

  private static final String EVENT =
      "insert into run_events (run_id, seq, at, kind, path, attempt, data)"
          + " values (?, ?, ?, ?, ?, ?, ?)";

  private final Connection connection;
  private final PreparedStatement event;
  private final PreparedStatement grow;
  private final PreparedStatement change;

  RunWriter(Connection connection) throws SQLException {
    this.connection = connection;
    event = connection.prepareStatement(EVENT);
    grow = connection.prepareStatement(GROW);
    change = connection.prepareStatement(CHANGE);
  }

  /**
   * @return the place of the last event, or {@link RunWrite#LOST}
   */
  long write(RunWrite write) throws SQLException {
    long end = advance(write);
    if (end == RunWrite.LOST) {
      return end;
    }
    long seq = end - write.drafts().size();
    for (RunWrite.Draft draft : write.drafts()) {
      event.setString(1, write.runId());
      event.setLong(2, ++seq);
      event.setLong(3, draft.at());
      event.setString(4, draft.kind().wire());
      event.setString(5, draft.path());
      event.setInt(6, draft.attempt());
      event.setString(7, draft.data().isEmpty() ? null : RunJson.text(draft.data()));
      event.addBatch();
    }
    return end;
  }

  private long advance(RunWrite write) throws SQLException {
    return write.changesRow() ? change(write) : grow(write);
  }

  private long grow(RunWrite write) throws SQLException {
    int place = grown(grow, write);
    return advanced(grow, place, write);
  }

  private long change(RunWrite write) throws SQLException {
    RunStatus status = write.status();
    boolean ends = status != null && status.isFinal();
    long now = System.currentTimeMillis();
    int place = grown(change, write);
    change.setInt(++place, write.starts() ? 1 : 0);
    change.setString(++place, status == null ? null : status.wire());
    number(change, ++place, write.starts() ? now : null);
    number(change, ++place, ends ? now : null);
    change.setInt(++place, write.rests() ? 1 : 0);
    change.setInt(++place, write.drafts().size());
    change.setString(++place, write.output() == null ? null : RunJson.text(write.output()));
    change.setString(++place, write.error() == null ? null : RunJson.text(write.error()));
    long end = advanced(change, place, write);
    if (end != RunWrite.LOST && ends) {
      RunTallies.count(connection, write.runId(), status, now);
    }
    return end;
  }

  /**
   * @return the place of the last parameter that was set
   */
  private static int grown(PreparedStatement update, RunWrite write) throws SQLException {
    update.setInt(1, write.drafts().size());
    update.setLong(2, write.inputTokens());
    update.setLong(3, write.outputTokens());
    update.setLong(4, write.bytes());
    return 4;
  }

  private static long advanced(PreparedStatement update, int place, RunWrite write)
      throws SQLException {
    update.setString(place + 1, write.runId());
    number(update, place + 2, write.epoch());
    try (ResultSet row = update.executeQuery()) {
      return row.next() ? row.getLong(1) : RunWrite.LOST;
    }
  }

  private static void number(PreparedStatement statement, int place, Long value)
      throws SQLException {
    if (value == null) {
      statement.setNull(place, Types.BIGINT);
    } else {
      statement.setLong(place, value);
    }
  }

  void flush() throws SQLException {
    event.executeBatch();
  }

  @Override
  public void close() throws SQLException {
    try (event;
        grow;
        change) {
      // All are closed, whatever one of them says.
    }
  }
}
