package io.mimir.storage.service;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * Whose database a file is, found out without a write to it: by its mark, its tables, its soundness
 * and the two numbers of its schema.
 *
 * <p>The mark is SQLite's {@code application_id}, four bytes at offset 68 of the file; databases of
 * Mimir from before there was one are known by their tables. See
 * https://www.sqlite.org/fileformat2.html#the_database_header.
 */
final class DatabaseFile {

  /** "MIMR". */
  static final int APPLICATION_ID = 0x4d494d52;

  private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
  private static final int HEADER_BYTES = 100;
  private static final int APPLICATION_ID_AT = 68;

  /** Tables that each version of Mimir has had. */
  private static final Set<String> OURS = Set.of(SchemaMigration.MARK, "data_keys", "api_keys");

  private final Path path;

  private DatabaseFile(Path path) {
    this.path = path;
  }

  /**
   * Looks at a file.
   *
   * @throws DatabaseRefusedException when it is not for this Mimir to write to
   */
  static void inspect(Path path) throws DatabaseRefusedException {
    DatabaseFile file = new DatabaseFile(path);
    try {
      // SQLite itself begins with a file of no bytes.
      if (Files.exists(path) && Files.size(path) > 0) {
        file.inspectHeader();
        file.inspectContent();
      }
    } catch (IOException e) {
      throw file.refused("cannot be read");
    } catch (DatabaseRefusedException e) {
      throw e;
    } catch (SQLException e) {
      throw file.damaged();
    }
  }

  private DatabaseRefusedException refused(String what) {
    return new DatabaseRefusedException(
        "The file %s %s. Nothing was changed".formatted(path, what));
  }

  private DatabaseRefusedException damaged() {
    return refused("is damaged: restore it from a backup");
  }

  private DatabaseRefusedException foreign(String sign) {
    return refused(
        "is not a database of Mimir (%s): set MIMIR_DB_PATH or MIMIR_DATA_DIR to another place"
            .formatted(sign));
  }

  private void inspectHeader() throws IOException, DatabaseRefusedException {
    byte[] header;
    try (InputStream in = Files.newInputStream(path)) {
      header = in.readNBytes(HEADER_BYTES);
    }
    if (header.length < HEADER_BYTES
        || !Arrays.equals(MAGIC, Arrays.copyOf(header, MAGIC.length))) {
      throw foreign("it does not begin as SQLite's do");
    }
    checkMark(ByteBuffer.wrap(header).getInt(APPLICATION_ID_AT));
  }

  private void checkMark(int mark) throws DatabaseRefusedException {
    if (mark != 0 && mark != APPLICATION_ID) {
      throw foreign("its application_id is " + Integer.toHexString(mark));
    }
  }

  private void inspectContent() throws SQLException {
    try (Connection connection = readOnly().getConnection();
        Statement sql = connection.createStatement()) {
      // What the header says may still stand in the write-ahead log.
      int mark = number(sql, "pragma application_id");
      checkMark(mark);
      Set<String> tables = tables(sql);
      if (mark == 0 && !tables.isEmpty() && !tables.containsAll(OURS)) {
        throw foreign("it has the table " + tables.iterator().next());
      }
      checkNumbers(sql, tables);
      checkSound(sql);
      checkKeys(sql, tables);
    }
  }

  /** Without a log beside it, the file is read as it is: nothing is made next to it. */
  private SQLiteDataSource readOnly() {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    SQLiteDataSource source = new SQLiteDataSource(config);
    Path log = path.resolveSibling(path.getFileName() + "-wal");
    boolean alone = !Files.exists(log) || log.toFile().length() == 0;
    source.setUrl(
        "jdbc:sqlite:file:"
            + path.toUri().getRawPath()
            + "?mode=ro"
            + (alone ? "&immutable=1" : ""));
    return source;
  }

  private static int number(Statement sql, String query) throws SQLException {
    try (ResultSet rows = sql.executeQuery(query)) {
      return rows.next() ? rows.getInt(1) : 0;
    }
  }

  private static Set<String> tables(Statement sql) throws SQLException {
    Set<String> tables = new TreeSet<>();
    try (ResultSet rows = sql.executeQuery("select name from sqlite_master where type = 'table'")) {
      while (rows.next()) {
        tables.add(rows.getString(1));
      }
    }
    return tables;
  }

  private void checkNumbers(Statement sql, Set<String> tables) throws SQLException {
    if (!tables.contains(SchemaMigration.MARK)) {
      return;
    }
    SchemaMigration.Numbers numbers = SchemaMigration.numbers(sql);
    if (numbers.readableFrom() > SchemaMigration.SCHEMA) {
      throw refused(
          "was written by a newer Mimir: it has schema %d, which Mimir reads from schema %d on, and this one is at %d. Start the newer one, or restore a backup from before the upgrade"
              .formatted(numbers.schema(), numbers.readableFrom(), SchemaMigration.SCHEMA));
    }
  }

  private void checkSound(Statement sql) throws SQLException {
    try (ResultSet rows = sql.executeQuery("pragma quick_check(1)")) {
      if (!rows.next() || !"ok".equals(rows.getString(1))) {
        throw damaged();
      }
    }
  }

  /** Without them nothing that is sealed can be opened; new ones would hide that. */
  private void checkKeys(Statement sql, Set<String> tables) throws SQLException {
    if (tables.containsAll(OURS)
        && number(sql, "select count(*) from data_keys") == 0
        && number(sql, "select count(*) from api_keys") > 0) {
      throw refused("has lost its data keys, which open all others: restore it from a backup");
    }
  }
}
