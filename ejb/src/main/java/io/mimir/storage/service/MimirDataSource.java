package io.mimir.storage.service;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * Connections to the SQLite file, set up the one way that keeps control data safe: write-ahead log,
 * every commit synced to disk, foreign keys enforced, freed pages overwritten. A transaction takes
 * the write lock at its beginning, so that two of them never fail halfway on each other; the others
 * wait.
 */
public class MimirDataSource implements DataSource {

  /** Far above what 50 writers at once need, at some milliseconds each. */
  private static final int BUSY_TIMEOUT_MS = 20_000;

  private final SQLiteDataSource sqlite;

  public MimirDataSource() {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    config.setBusyTimeout(BUSY_TIMEOUT_MS);
    config.enforceForeignKeys(true);
    config.setPragma(SQLiteConfig.Pragma.SECURE_DELETE, "true");
    config.setDateClass(SQLiteConfig.DateClass.TEXT.getValue());
    config.setDateStringFormat("yyyy-MM-dd HH:mm:ss.SSS");
    sqlite = new SQLiteDataSource(config);
    sqlite.setUrl("jdbc:sqlite:" + StorageConfig.load().dbPath());
  }

  @Override
  public Connection getConnection() throws SQLException {
    return sqlite.getConnection();
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    return sqlite.getConnection();
  }

  @Override
  public PrintWriter getLogWriter() throws SQLException {
    return sqlite.getLogWriter();
  }

  @Override
  public void setLogWriter(PrintWriter out) throws SQLException {
    sqlite.setLogWriter(out);
  }

  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    sqlite.setLoginTimeout(seconds);
  }

  @Override
  public int getLoginTimeout() throws SQLException {
    return sqlite.getLoginTimeout();
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    return sqlite.getParentLogger();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return sqlite.unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return sqlite.isWrapperFor(type);
  }
}
