package io.mimir.storage.service;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import liquibase.Scope;
import liquibase.UpdateSummaryEnum;
import liquibase.command.CommandScope;
import liquibase.command.core.UpdateCommandStep;
import liquibase.command.core.helpers.DbUrlConnectionArgumentsCommandStep;
import liquibase.command.core.helpers.ShowSummaryArgument;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.LiquibaseException;
import liquibase.resource.ClassLoaderResourceAccessor;
import liquibase.ui.LoggerUIService;

/**
 * Brings the schema up to date with Liquibase. Loading Liquibase takes longer than everything else
 * in a start, so a digest of the changelog that was applied last is kept beside the data, and
 * Liquibase is left out when it has not changed.
 */
public final class SchemaMigration {

  /**
   * Every file of the changelog, in order. A unit test compares this with what the changelog
   * includes.
   */
  static final List<String> FILES =
      List.of(
          "db/changelog.xml",
          "db/changes/0001-keys-accounts-chat-audit.xml",
          "db/changes/0002-plugins.xml",
          "db/changes/0003-key-routing.xml",
          "db/changes/0004-usage.xml",
          "db/changes/0005-usage-cells.xml",
          "db/changes/0006-keys.xml",
          "db/changes/0008-provider-objects.xml",
          "db/changes/0009-strict-tokens.xml",
          "db/changes/0010-tokens-of-tokens.xml",
          "db/changes/0011-next-version-of-a-plugin.xml",
          "db/changes/0012-audit-chain.xml",
          "db/changes/0013-pipelines.xml",
          "db/changes/0014-runs-in-great-number.xml");

  static final String MARK = "mimir_schema";

  /** The number of the newest file, and so of the schema that this code works on. */
  static final int SCHEMA = 14;

  /**
   * The oldest code that may work on a database of this schema, by its number. To be raised to
   * {@link #SCHEMA} by a change that older code would get wrong, such as a column that it does not
   * fill or a value that it does not know.
   */
  static final int READABLE_FROM = 12;

  /**
   * What a database says of its schema; zeros when it is from before there were numbers.
   *
   * @param readableFrom the oldest code that may work on it
   */
  public record Numbers(int schema, int readableFrom) {}

  private SchemaMigration() {}

  /** Reads the numbers of a database that has the mark of one. */
  public static Numbers numbers(Statement sql) throws SQLException {
    boolean known = false;
    try (ResultSet columns = sql.executeQuery("select * from " + MARK)) {
      for (int i = 1; i <= columns.getMetaData().getColumnCount(); i++) {
        known |= columns.getMetaData().getColumnName(i).equalsIgnoreCase("readable_from");
      }
      return known && columns.next()
          ? new Numbers(columns.getInt("schema"), columns.getInt("readable_from"))
          : new Numbers(0, 0);
    }
  }

  /**
   * Brings the schema up to date. One that is ahead of this code and says that this code may work
   * on it stays as it is.
   *
   * @return whether anything was done
   * @throws SQLException when the database cannot be read or changed
   * @throws LiquibaseException when a change fails; what came before it stays
   */
  public static boolean run(Connection connection) throws SQLException, LiquibaseException {
    String wanted = digest();
    boolean known = hasTable(connection, MARK);
    if (known) {
      try (Statement statement = connection.createStatement()) {
        Numbers numbers = numbers(statement);
        if (numbers.schema() > SCHEMA
            || (numbers.schema() == SCHEMA && wanted.equals(applied(statement)))) {
          return false;
        }
      }
    }
    mark(connection);
    if (!known || !isApplied(connection, wanted)) {
      boolean autoCommit = connection.getAutoCommit();
      update(connection);
      connection.setAutoCommit(autoCommit);
    }
    remember(connection, wanted);
    return true;
  }

  private static void update(Connection connection) throws LiquibaseException {
    // It would tell its makers of each use, and look their host up for that.
    System.setProperty("liquibase.analytics.enabled", "false");
    ClassLoader loader = SchemaMigration.class.getClassLoader();
    try {
      Scope.child(
          Map.of(
              Scope.Attr.resourceAccessor.name(), new ClassLoaderResourceAccessor(loader),
              Scope.Attr.ui.name(), new LoggerUIService()),
          () -> {
            var database =
                DatabaseFactory.getInstance()
                    .findCorrectDatabaseImplementation(new JdbcConnection(connection));
            new CommandScope(UpdateCommandStep.COMMAND_NAME)
                .addArgumentValue(DbUrlConnectionArgumentsCommandStep.DATABASE_ARG, database)
                .addArgumentValue(UpdateCommandStep.CHANGELOG_FILE_ARG, FILES.get(0))
                // It goes to standard output otherwise, past the log.
                .addArgumentValue(ShowSummaryArgument.SHOW_SUMMARY, UpdateSummaryEnum.OFF)
                .execute();
          });
    } catch (LiquibaseException e) {
      throw e;
    } catch (Exception e) {
      throw new LiquibaseException(e);
    }
  }

  /** Says whose file it is, before anything else stands in it. */
  private static void mark(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("pragma application_id = " + DatabaseFile.APPLICATION_ID);
    }
  }

  private static boolean isApplied(Connection connection, String digest) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return digest.equals(applied(statement));
    }
  }

  private static String applied(Statement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery("select digest from " + MARK)) {
      return rows.next() ? rows.getString(1) : "";
    }
  }

  private static void remember(Connection connection, String digest) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // Anew, since versions from before the numbers have a table without them.
      statement.executeUpdate("drop table if exists " + MARK);
      statement.executeUpdate(
          "create table "
              + MARK
              + " (digest varchar(64) not null, schema integer not null, readable_from integer not null)");
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into " + MARK + " (digest, schema, readable_from) values (?, ?, ?)")) {
      insert.setString(1, digest);
      insert.setInt(2, SCHEMA);
      insert.setInt(3, READABLE_FROM);
      insert.executeUpdate();
    }
    if (!connection.getAutoCommit()) {
      connection.commit();
    }
  }

  /** Whether the database has a table of this name, in lower case. */
  public static boolean hasTable(Connection connection, String name) throws SQLException {
    DatabaseMetaData about = connection.getMetaData();
    try (ResultSet tables = about.getTables(null, null, name, new String[] {"TABLE"})) {
      return tables.next();
    }
  }

  private static String digest() {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      for (String file : FILES) {
        try (InputStream in = SchemaMigration.class.getClassLoader().getResourceAsStream(file)) {
          if (in == null) {
            throw new IllegalStateException("The changelog " + file + " is not in the archive");
          }
          sha.update(in.readAllBytes());
        }
      }
      return HexFormat.of().formatHex(sha.digest());
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new IllegalStateException("The changelog cannot be read", e);
    }
  }
}
