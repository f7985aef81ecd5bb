package io.mimir.start.service;

import io.mimir.lifecycle.service.StartException;
import io.mimir.storage.service.Database;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.logging.Logger;
import javax.sql.DataSource;

/**
 * What the server's pool draws its connections from. The server asks for the first one while it
 * still deploys, long before any bean of ours starts; so it is here that the start happens, and a
 * start that fails gives out no connection at all.
 */
public class MimirDataSource implements DataSource {

  private final DataSource database = Database.dataSource();

  @Override
  public Connection getConnection() throws SQLException {
    try {
      DataBootstrap.opened();
    } catch (StartException e) {
      throw new SQLException(e.getMessage());
    }
    return Database.keepable(database);
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    return getConnection();
  }

  @Override
  public PrintWriter getLogWriter() throws SQLException {
    return database.getLogWriter();
  }

  @Override
  public void setLogWriter(PrintWriter out) throws SQLException {
    database.setLogWriter(out);
  }

  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    database.setLoginTimeout(seconds);
  }

  @Override
  public int getLoginTimeout() throws SQLException {
    return database.getLoginTimeout();
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    return database.getParentLogger();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return database.unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return database.isWrapperFor(type);
  }
}
