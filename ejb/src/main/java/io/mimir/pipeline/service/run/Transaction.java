package io.mimir.pipeline.service.run;

import static java.lang.System.Logger.Level.WARNING;

import io.mimir.storage.service.Database;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Changes to the tables of runs that are made together or not at all. */
final class Transaction {

  private static final System.Logger LOG = System.getLogger(Transaction.class.getName());

  private Transaction() {}

  /** What is changed, on a connection that is not to be committed. */
  interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  /**
   * Does work in a transaction of its own, and commits it.
   *
   * @throws SQLException when the database refuses; nothing was changed then, or, when it was the
   *     commit that failed, it is not known whether it was
   */
  static <T> T of(DataSource database, Work<T> work) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try {
        T result = work.on(connection);
        connection.commit();
        return result;
      } catch (SQLException | RuntimeException e) {
        rollBack(connection);
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    }
  }

  /** What made it necessary is told, and not that this failed as well. */
  private static void rollBack(Connection connection) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      LOG.log(WARNING, "A transaction of runs was not undone: {0}", Database.reason(e));
    }
  }
}
