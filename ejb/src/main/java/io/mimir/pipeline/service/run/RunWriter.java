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
  private static final String ADVANCE =
      "update runs set seq = seq + ?, epoch = epoch + ?, status = coalesce(?, status),"
          + " started_at = coalesce(started_at, ?), finished_at = ?,"
          + " rested_seq = case when ? = 1 then seq + ? else rested_seq end,"
          + " output = coalesce(?, output), error = coalesce(?, error),"
          + " input_tokens = input_tokens + ?, output_tokens = output_tokens + ?,"
          + " bytes = bytes + ?"
          + " where id = ? and finished_at is null and epoch = coalesce(?, epoch) returning seq";

  private static final String EVENT =
      "insert into run_events (run_id, seq, at, kind, path, attempt, data)"
          + " values (?, ?, ?, ?, ?, ?, ?)";

  private final PreparedStatement advance;
  private final PreparedStatement event;

  RunWriter(Connection connection) throws SQLException {
    advance = connection.prepareStatement(ADVANCE);
    event = connection.prepareStatement(EVENT);
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
    RunStatus status = write.status();
    int added = write.drafts().size();
    long now = System.currentTimeMillis();
    advance.setInt(1, added);
    advance.setInt(2, write.starts() ? 1 : 0);
    advance.setString(3, status == null ? null : status.wire());
    number(4, write.starts() ? now : null);
    number(5, status != null && status.isFinal() ? now : null);
    advance.setInt(6, write.rests() ? 1 : 0);
    advance.setInt(7, added);
    advance.setString(8, write.output() == null ? null : RunJson.text(write.output()));
    advance.setString(9, write.error() == null ? null : RunJson.text(write.error()));
    advance.setLong(10, write.inputTokens());
    advance.setLong(11, write.outputTokens());
    advance.setLong(12, write.bytes());
    advance.setString(13, write.runId());
    number(14, write.epoch());
    try (ResultSet row = advance.executeQuery()) {
      return row.next() ? row.getLong(1) : RunWrite.LOST;
    }
  }

  private void number(int place, Long value) throws SQLException {
    if (value == null) {
      advance.setNull(place, Types.BIGINT);
    } else {
      advance.setLong(place, value);
    }
  }

  void flush() throws SQLException {
    event.executeBatch();
  }

  @Override
  public void close() throws SQLException {
    try (advance;
        event) {
      // Both are closed, whatever the first one says.
    }
  }
}
