package io.mimir.storage.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What is stored of what was answered, when SQLite ends a transaction by itself. */
class GuardedConnectionTest {

  private static final int LARGE = 200_000;

  @TempDir Path folder;

  private SQLiteDataSource database;
  private final List<SQLException> refusals = new ArrayList<>();
  private Connection guarded;
  private boolean there = true;
  private int failAt;
  private SQLiteErrorCode failWith;
  private int statements;

  @BeforeEach
  void open() throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    database = new SQLiteDataSource(config);
    database.setUrl("jdbc:sqlite:" + folder.resolve("test.db"));
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("create table things (id integer primary key, what blob)");
    }
    guarded = GuardedConnection.open(database, () -> there, refusals::add);
  }

  @AfterEach
  void close() throws SQLException {
    guarded.close();
  }

  private static void add(Connection connection, int id, int bytes) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("insert into things (id, what) values (?, ?)")) {
      insert.setInt(1, id);
      insert.setBytes(2, new byte[bytes]);
      insert.executeUpdate();
    }
  }

  private List<Integer> stored() throws SQLException {
    List<Integer> ids = new ArrayList<>();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select id from things order by id")) {
      while (rows.next()) {
        ids.add(rows.getInt(1));
      }
    }
    return ids;
  }

  /** The error is SQLite's own: it rolls back by itself. */
  private void fillUp() throws SQLException {
    try (Statement statement = guarded.createStatement()) {
      statement.execute("pragma max_page_count = 20");
    }
    guarded.setAutoCommit(false);
    add(guarded, 1, 10);
    assertThatThrownBy(() -> add(guarded, 2, LARGE))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(GuardedConnection.isFatal(e)).isTrue());
  }

  @Test
  void nothingMoreIsDoneInATransactionThatAFullDiskHasEnded() throws SQLException {
    fillUp();

    assertThatThrownBy(() -> add(guarded, 3, 10)).hasMessageContaining("undone");
    assertThatThrownBy(() -> guarded.commit()).hasMessageContaining("undone");
    assertThat(stored()).isEmpty();
  }

  @Test
  void theNextTransactionIsStoredOnceThereIsRoom() throws SQLException {
    fillUp();
    assertThatThrownBy(() -> guarded.commit()).isInstanceOf(SQLException.class);
    guarded.setAutoCommit(true);

    guarded.setAutoCommit(false);
    add(guarded, 4, LARGE);
    guarded.commit();
    guarded.setAutoCommit(true);

    assertThat(stored()).containsExactly(4);
    assertThat(guarded.isClosed()).isFalse();
    assertThat(refusals).as("what the status of the server is made of").hasSize(1);
  }

  @Test
  void aRollbackAfterAFullDiskSucceedsAndTheNextTransactionIsStored() throws SQLException {
    fillUp();

    guarded.rollback();
    add(guarded, 5, LARGE);
    guarded.commit();

    assertThat(stored()).containsExactly(5);
  }

  @Test
  void aRowThatIsThereAlreadyCostsNoTransaction() throws SQLException {
    guarded.setAutoCommit(false);
    add(guarded, 1, 10);
    assertThatThrownBy(() -> add(guarded, 1, 10)).isInstanceOf(SQLiteException.class);
    add(guarded, 2, 10);
    guarded.commit();

    assertThat(stored()).containsExactly(1, 2);
    assertThat(refusals).isEmpty();
  }

  @Test
  void aStatementTellsWhoseItIs() throws SQLException {
    try (Statement statement = guarded.createStatement()) {
      assertThat(statement.getConnection()).isSameAs(guarded);
    }
  }

  @Test
  void rowsAndStatementsDescribeThemselves() throws SQLException {
    try (PreparedStatement statement =
            guarded.prepareStatement("select id, what from things where id = ?");
        ResultSet described = statement.executeQuery()) {
      assertThat(described.getMetaData().getColumnName(2)).isEqualTo("what");
      assertThat(statement.getParameterMetaData().getParameterCount()).isEqualTo(1);
      assertThat(guarded.getMetaData().getDatabaseProductName()).isEqualTo("SQLite");
    }
  }

  /** The driver's own commit begins the next transaction, and fails when that does. */
  @Test
  void aCommitBeginsNothing() throws SQLException {
    guarded.setAutoCommit(false);
    add(guarded, 1, 10);
    guarded.commit();

    try (Connection other = database.getConnection();
        Statement statement = other.createStatement()) {
      statement.execute("pragma busy_timeout = 0");
      add(other, 2, 10);
    }
    guarded.rollback();
    try (Connection other = database.getConnection();
        Statement statement = other.createStatement()) {
      statement.execute("pragma busy_timeout = 0");
      add(other, 3, 10);
    }
    assertThat(stored()).containsExactly(1, 2, 3);
  }

  @Test
  void aStatementOfTheTransactionBeforeIsPartOfTheNextOne() throws SQLException {
    guarded.setAutoCommit(false);
    try (PreparedStatement insert =
        guarded.prepareStatement("insert into things (id, what) values (?, x'00')")) {
      insert.setInt(1, 1);
      insert.executeUpdate();
      guarded.commit();
      insert.setInt(1, 2);
      insert.executeUpdate();
      guarded.rollback();
      insert.setInt(1, 3);
      insert.executeUpdate();
    }
    guarded.setAutoCommit(true);

    assertThat(stored()).containsExactly(1, 3);
  }

  /** Each error at each statement of three transactions, the beginnings and commits too. */
  @ParameterizedTest
  @EnumSource(
      value = SQLiteErrorCode.class,
      names = {
        "SQLITE_FULL",
        "SQLITE_IOERR",
        "SQLITE_IOERR_WRITE",
        "SQLITE_IOERR_FSYNC",
        "SQLITE_CORRUPT",
        "SQLITE_CORRUPT_INDEX",
        "SQLITE_NOMEM",
        "SQLITE_NOTADB",
        "SQLITE_CANTOPEN",
        "SQLITE_READONLY",
        "SQLITE_INTERRUPT"
      })
  void whatWasAnsweredIsWhatIsStoredWhicheverStatementFails(SQLiteErrorCode code)
      throws SQLException {
    for (int n = 1; n <= 16; n++) {
      try (Connection connection = database.getConnection();
          Statement statement = connection.createStatement()) {
        statement.executeUpdate("delete from things");
      }
      failAt = n;
      failWith = code;
      statements = 0;
      TreeSet<Integer> answered = new TreeSet<>();
      try (Connection connection = GuardedConnection.open(failing(), () -> there, refusals::add)) {
        for (int transaction = 0; transaction < 3; transaction++) {
          answered.addAll(transaction(connection, 10 * transaction));
        }
      }
      assertThat(stored()).as("%s at statement %d", code, n).containsExactlyElementsOf(answered);
      assertThat(answered).as("one transaction of three is lost at most").hasSizeBetween(6, 9);
    }
  }

  /** As a container does it; what fails on the way is not answered. */
  private static List<Integer> transaction(Connection connection, int first) {
    List<Integer> ids = List.of(first, first + 1, first + 2);
    try {
      connection.setAutoCommit(false);
      try {
        for (int id : ids) {
          add(connection, id, 10);
        }
      } catch (SQLException e) {
        connection.rollback();
        connection.setAutoCommit(true);
        return List.of();
      }
      connection.commit();
      connection.setAutoCommit(true);
      return ids;
    } catch (SQLException e) {
      try {
        connection.setAutoCommit(true);
      } catch (SQLException again) {
        throw new AssertionError("a pool would throw the connection away", again);
      }
      return List.of();
    }
  }

  /** Rolls back by itself and fails, at the n-th statement or commit of all its connections. */
  private DataSource failing() {
    return (DataSource)
        proxy(
            DataSource.class,
            (method, arguments) -> connection((Connection) method.invoke(database, arguments)));
  }

  private Object connection(Connection raw) {
    return proxy(
        Connection.class,
        (method, arguments) -> {
          if (method.getName().equals("commit") || method.getName().equals("setAutoCommit")) {
            strike(raw);
          }
          Object made = method.invoke(raw, arguments);
          return made instanceof PreparedStatement statement ? statement(raw, statement) : made;
        });
  }

  private Object statement(Connection raw, PreparedStatement statement) {
    return proxy(
        PreparedStatement.class,
        (method, arguments) -> {
          if (method.getName().startsWith("execute")) {
            strike(raw);
          }
          return method.invoke(statement, arguments);
        });
  }

  private void strike(Connection raw) throws SQLException {
    if (++statements == failAt) {
      if (!raw.getAutoCommit()) {
        try (Statement statement = raw.createStatement()) {
          statement.execute("rollback");
        }
      }
      throw new SQLiteException("injected", failWith);
    }
  }

  private interface Call {
    Object of(Method method, Object[] arguments) throws Exception;
  }

  private static Object proxy(Class<?> type, Call call) {
    return Proxy.newProxyInstance(
        type.getClassLoader(),
        new Class<?>[] {type},
        (self, method, arguments) -> {
          try {
            return call.of(method, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }

  @Test
  void nothingIsCommittedToAFileThatNobodyFindsAgain() throws SQLException {
    guarded.setAutoCommit(false);
    add(guarded, 1, 10);
    there = false;

    assertThatThrownBy(() -> guarded.commit()).isInstanceOf(SQLException.class);

    there = true;
    add(guarded, 2, 10);
    guarded.commit();
    assertThat(stored()).containsExactly(2);
  }
}
