package io.mimir.storage.service;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.sqlite.SQLiteException;

/**
 * The database as a file: who has it, whether it is sound, and what its errors mean to an operator.
 */
public final class Database {

  private Database() {}

  public static Path path() {
    return StorageConfig.load().dbPath();
  }

  public static boolean exists() {
    return Files.exists(path());
  }

  /** A connection outside of the server's pool, for the start. */
  public static Connection connect() throws SQLException {
    return new MimirDataSource().getConnection();
  }

  /**
   * Refuses a file that is damaged or from a newer Mimir.
   *
   * @throws SQLException with a sentence for the operator
   */
  public static void check(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("pragma quick_check(1)")) {
      if (!rows.next() || !"ok".equals(rows.getString(1))) {
        throw new SQLException("the file " + path() + " is damaged; restore it from a backup");
      }
    }
  }

  /** What went wrong, without the statement and its values. */
  public static String reason(SQLException e) {
    return e instanceof SQLiteException sqlite ? sqlite.getResultCode().toString() : e.getMessage();
  }

  /**
   * Locks the file against a second server, whatever its data folder is.
   *
   * @return empty when another server has it
   */
  public static Optional<Lock> lock() throws IOException {
    Path path = path();
    Files.createDirectories(path.getParent());
    FileChannel channel =
        FileChannel.open(
            path.resolveSibling(path.getFileName() + ".lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return Optional.of(new Lock(channel));
      }
    } catch (OverlappingFileLockException e) {
      // Another application in this very process has it: the same answer as for another process.
    }
    channel.close();
    return Optional.empty();
  }

  /**
   * Held for as long as the server runs; the kernel gives it back when the process ends, however it
   * ends.
   */
  public static final class Lock implements AutoCloseable {

    private final FileChannel channel;

    private Lock(FileChannel channel) {
      this.channel = channel;
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
