package io.mimir.storage.service;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The database as a file: who has it, whether it is sound, and what its errors mean to an operator.
 */
public final class Database {

  /** Far above what 50 writers at once need, at some milliseconds each. */
  private static final int BUSY_TIMEOUT_MS = 20_000;

  /** The file as it was opened; null before that. */
  private static volatile FileIdentity opened;

  /** The part of an extended error code that tells its kind. */
  static final int PRIMARY_CODE = 0xff;

  /** Columns of names in what SQLite says of a constraint. */
  private static final Pattern TAKEN_NAME = Pattern.compile("\\.((?:user)?name)(?:_key)?\\b");

  private Database() {}

  /** Notes which file was opened: from now on nothing is committed to another one. */
  public static void remember() throws SQLException {
    try {
      opened = FileIdentity.of(path());
    } catch (IOException e) {
      throw new SQLException("the file " + path() + " cannot be looked at", e);
    }
  }

  /** Tells whether the path still leads to the file that was opened. */
  static boolean isThere() {
    FileIdentity file = opened;
    return file == null || file.isThere();
  }

  public static Path path() {
    return StorageConfig.load().dbPath();
  }

  public static boolean exists() {
    return Files.exists(path());
  }

  /**
   * Connections to the SQLite file, set up the one way that keeps control data safe: write-ahead
   * log, every commit synced to disk, foreign keys enforced, freed pages overwritten. A transaction
   * takes the write lock at its beginning, so that two of them never fail halfway on each other;
   * the others wait.
   */
  public static DataSource dataSource() {
    return dataSource(path());
  }

  /** Connections to another file, set up the same way. */
  public static DataSource dataSource(Path file) {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    config.setBusyTimeout(BUSY_TIMEOUT_MS);
    config.enforceForeignKeys(true);
    config.setPragma(SQLiteConfig.Pragma.SECURE_DELETE, "true");
    config.setDateClass(SQLiteConfig.DateClass.TEXT.getValue());
    config.setDateStringFormat("yyyy-MM-dd HH:mm:ss.SSS");
    SQLiteDataSource sqlite = new SQLiteDataSource(config);
    sqlite.setUrl("jdbc:sqlite:" + file);
    return sqlite;
  }

  /**
   * Opens a connection that does nothing but stay open. What SQLite has beside the file, so that
   * readers find what is in the write-ahead log, goes with the last connection, and on a full disk
   * the next one could not make it again: not even reading would be possible then.
   */
  public static Connection anchor() throws SQLException {
    Connection anchor = dataSource().getConnection();
    try (Statement statement = anchor.createStatement();
        ResultSet rows = statement.executeQuery("select count(*) from sqlite_master")) {
      rows.next();
    }
    return anchor;
  }

  /**
   * Opens a connection that a pool may keep: after an error that costs it its transaction it goes
   * on with another connection to the file.
   */
  public static Connection keepable(DataSource database) throws SQLException {
    return GuardedConnection.open(
        database, Database::isThere, failure -> StorageHealth.refused(inWords(failure)));
  }

  /** Opens a connection beside the server's pool, which is gone when the server ends. */
  public static Connection connection() throws SQLException {
    return keepable(dataSource());
  }

  /**
   * Makes the file, of no bytes and for its owner only, unless it is there: SQLite would make it as
   * the process makes files, and gives what it has beside it the same mode.
   */
  public static void create() throws IOException {
    create(path());
  }

  /** Makes another file in the same way. */
  public static void create(Path file) throws IOException {
    DataFolder.openPrivately(file).close();
  }

  /**
   * Looks at the file, if there is one, before anything is written to it.
   *
   * @throws DatabaseRefusedException when it belongs to another program or a newer Mimir, or is
   *     damaged
   */
  public static void inspect() throws DatabaseRefusedException {
    inspect(path());
  }

  /** Looks at another file in the same way. */
  public static void inspect(Path file) throws DatabaseRefusedException {
    DatabaseFile.inspect(file);
  }

  /** What is wrong with the disk or the file, for people. */
  static String inWords(SQLException e) {
    if (!(e instanceof SQLiteException sqlite)) {
      return e.getMessage();
    }
    return switch (SQLiteErrorCode.getErrorCode(sqlite.getResultCode().code & PRIMARY_CODE)) {
      case SQLITE_FULL -> "its disk is full";
      case SQLITE_IOERR -> "its disk fails";
      case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM -> "its file cannot be written";
      case SQLITE_CORRUPT, SQLITE_NOTADB -> "its file is damaged";
      case SQLITE_NOMEM -> "there is too little memory";
      default -> reason(e);
    };
  }

  /**
   * Tells whether somebody else has just taken the name that was to be stored: between the look at
   * the names and the write.
   *
   * @return the member that it is about, {@code name} or {@code username}
   */
  public static Optional<String> takenName(SQLException e) {
    if (e instanceof SQLiteException sqlite
        && sqlite.getResultCode() == SQLiteErrorCode.SQLITE_CONSTRAINT_UNIQUE) {
      Matcher name = TAKEN_NAME.matcher(e.getMessage());
      return name.find() ? Optional.of(name.group(1)) : Optional.empty();
    }
    return Optional.empty();
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
    DataFolder.create(path.getParent());
    FileChannel channel =
        DataFolder.openPrivately(path.resolveSibling(path.getFileName() + ".lock"));
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
