package io.mimir.storage.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose database it is, and that a file that is refused stays as it was, bit by bit. */
class DatabaseFileTest {

  @TempDir Path folder;

  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("mimir.db");
  }

  private Connection open(Path path) throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + path);
  }

  private void sql(Path path, String... statements) throws SQLException {
    try (Connection connection = open(path);
        Statement sql = connection.createStatement()) {
      for (String statement : statements) {
        sql.execute(statement);
      }
    }
  }

  private void make(Path path) throws Exception {
    try (Connection connection = open(path)) {
      SchemaMigration.run(connection);
    }
  }

  /** Every file of the folder, and what is in it. */
  private Map<String, String> all() throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path each : files.toList()) {
        all.put(each.getFileName().toString(), HexFormat.of().formatHex(Files.readAllBytes(each)));
      }
    }
    return all;
  }

  private void assertRefused(String... words) throws IOException {
    Map<String, String> before = all();
    assertThatThrownBy(() -> DatabaseFile.inspect(file))
        .isInstanceOf(DatabaseRefusedException.class)
        .hasMessageContainingAll(words)
        .hasMessageEndingWith("Nothing was changed");
    assertThat(all()).isEqualTo(before);
  }

  @Test
  void noFileAndAnEmptyOneAreForANewDatabase() throws Exception {
    assertThatCode(() -> DatabaseFile.inspect(file)).doesNotThrowAnyException();
    Files.createFile(file);
    assertThatCode(() -> DatabaseFile.inspect(file)).doesNotThrowAnyException();
    sql(file, "pragma user_version = 1");
    assertThatCode(() -> DatabaseFile.inspect(file)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mimir.db", "a b?c#d%20.db", "ümlaut.db"})
  void ourOwnIsTaken(String name) throws Exception {
    Path own = folder.resolve(name);
    make(own);

    assertThatCode(() -> DatabaseFile.inspect(own)).doesNotThrowAnyException();
  }

  @Test
  void ourOwnFromBeforeTheMarkIsTaken() throws Exception {
    make(file);
    sql(
        file,
        "pragma application_id = 0",
        "drop table mimir_schema",
        "create table mimir_schema (digest varchar(64) not null)",
        "insert into mimir_schema values ('old')");

    assertThatCode(() -> DatabaseFile.inspect(file)).doesNotThrowAnyException();
    try (Connection connection = open(file)) {
      assertThat(SchemaMigration.run(connection)).isTrue();
    }
    assertThat(value("pragma application_id"))
        .isEqualTo(String.valueOf(DatabaseFile.APPLICATION_ID));
    assertThat(value("select readable_from from mimir_schema"))
        .isEqualTo(String.valueOf(SchemaMigration.READABLE_FROM));
  }

  private String value(String query) throws SQLException {
    try (Connection connection = open(file);
        Statement sql = connection.createStatement();
        ResultSet rows = sql.executeQuery(query)) {
      return rows.next() ? rows.getString(1) : null;
    }
  }

  @Test
  void whatAKilledServerLeftIsTaken() throws Exception {
    Path live = folder.resolve("live.db");
    sql(live, "pragma journal_mode = wal");
    try (Connection connection = open(live)) {
      SchemaMigration.run(connection);
      for (String end : new String[] {"", "-wal", "-shm"}) {
        Files.copy(
            folder.resolve("live.db" + end),
            folder.resolve("mimir.db" + end),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }

    assertThatCode(() -> DatabaseFile.inspect(file)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"create table notes (text)", "create table api_keys (id)"})
  void aDatabaseOfAnotherProgramIsRefused(String table) throws Exception {
    sql(file, table);

    assertRefused("is not a database of Mimir", "MIMIR_DB_PATH");
  }

  @Test
  void aDatabaseOfAnotherProgramThatWritesALogIsRefused() throws Exception {
    sql(file, "pragma journal_mode = wal", "create table notes (text)");

    assertRefused("is not a database of Mimir", "notes");
  }

  @Test
  void theMarkOfAnotherProgramIsRefusedWhateverItsTables() throws Exception {
    make(file);
    sql(file, "pragma application_id = 252006673");

    assertRefused("application_id is f055111");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "SQLite format 3", "not a database at all, and longer than that"})
  void whatIsNoDatabaseIsRefused(String text) throws Exception {
    Files.writeString(file, text.repeat(text.length() > 20 ? 100 : 1));

    assertRefused("is not a database of Mimir");
  }

  @Test
  void aFileThatWasCutShortIsRefused() throws Exception {
    make(file);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(whole, whole.length / 2));

    assertRefused("is damaged", "backup");
  }

  @Test
  void aFileWithZerosInItsMidstIsRefused() throws Exception {
    make(file);
    byte[] whole = Files.readAllBytes(file);
    java.util.Arrays.fill(whole, 4_096, 12_288, (byte) 0);
    Files.write(file, whole);

    assertRefused("is damaged", "backup");
  }

  @Test
  void aNewerSchemaThatThisCodeGetsWrongIsRefused() throws Exception {
    make(file);
    sql(file, "update mimir_schema set schema = 99, readable_from = 98");

    assertRefused("newer Mimir", "schema 99", "from schema 98 on");
  }

  @Test
  void aNewerSchemaThatThisCodeMayWorkOnStaysAsItIs() throws Exception {
    make(file);
    sql(file, "update mimir_schema set digest = 'newer', schema = 99");
    DatabaseFile.inspect(file);

    try (Connection connection = open(file)) {
      assertThat(SchemaMigration.run(connection)).isFalse();
    }

    assertThat(value("select digest || schema from mimir_schema")).isEqualTo("newer99");
  }

  @Test
  void oneThatLostItsDataKeysIsRefused() throws Exception {
    make(file);
    sql(
        file,
        "insert into api_keys (id, provider, name, key_value) values ('k', 'openai', 'a', 'x')");

    assertRefused("has lost its data keys", "backup");
  }
}
