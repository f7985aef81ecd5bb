import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Lies between SQLite and what guards its connections: it counts what SQLite fails with, makes one
 * call fail that would not, or leaves SQLite few pages. Used by one thread at a time.
 */
final class Below {

  private static final Set<String> STEPS =
      Set.of(
          "prepareStatement",
          "execute",
          "executeQuery",
          "executeUpdate",
          "executeBatch",
          "setAutoCommit",
          "commit");

  /** As SQLite has it for itself. */
  private static final long ALL_PAGES = 4_294_967_294L;

  private final Map<String, Integer> seen = new TreeMap<>();
  private int steps;
  private int failAt;
  private SQLiteErrorCode code;
  private boolean rollsBack;
  private long pages = -1;

  /**
   * Has a step fail.
   *
   * @param n the n-th from now on; 0 for none, to count them
   * @param rollsBack whether SQLite ends its transaction then, as it may for some codes
   */
  void failAt(int n, SQLiteErrorCode wanted, boolean rollsBack) {
    steps = 0;
    failAt = n;
    code = wanted;
    this.rollsBack = rollsBack;
    seen.clear();
  }

  /** How many steps there were since. */
  int steps() {
    return steps;
  }

  /** Leaves so many pages beyond those that the file has, to each transaction from now on. */
  void leave(long more) {
    pages = more;
    seen.clear();
  }

  /** Fails nothing any more. */
  Map<String, Integer> end() {
    failAt = 0;
    pages = -1;
    Map<String, Integer> met = new TreeMap<>(seen);
    seen.clear();
    return met;
  }

  DataSource over(DataSource database) {
    return Store.stand(
        DataSource.class,
        (method, arguments) -> {
          Object made = Store.call(database, method, arguments);
          return made instanceof Connection raw
              ? Store.stand(Connection.class, (m, a) -> step(raw, raw, m, a))
              : made;
        });
  }

  private Object step(Connection raw, Object target, Method method, Object[] arguments)
      throws SQLException {
    if (STEPS.contains(method.getName())) {
      if (method.getName().equals("setAutoCommit") && !(boolean) arguments[0]) {
        limit(raw);
      }
      strike(raw);
    }
    try {
      Object made = Store.call(target, method, arguments);
      Class<?> type = method.getReturnType();
      return made != null
              && (type == Statement.class
                  || type == PreparedStatement.class
                  || type == ResultSet.class)
          ? Store.stand(type, (m, a) -> step(raw, made, m, a))
          : made;
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      if (e instanceof SQLiteException sqlite) {
        seen.merge(sqlite.getResultCode().name(), 1, Integer::sum);
      }
      throw e;
    }
  }

  private void limit(Connection raw) throws SQLException {
    try (Statement statement = raw.createStatement()) {
      long most = ALL_PAGES;
      if (pages >= 0) {
        try (ResultSet row = statement.executeQuery("pragma page_count")) {
          row.next();
          most = row.getLong(1) + pages;
        }
      }
      statement.execute("pragma max_page_count = " + most);
    }
  }

  private void strike(Connection raw) throws SQLException {
    steps++;
    if (steps != failAt) {
      return;
    }
    if (rollsBack && !raw.getAutoCommit()) {
      try (Statement statement = raw.createStatement()) {
        statement.execute("rollback");
      }
    }
    seen.merge(code.name(), 1, Integer::sum);
    throw new SQLiteException("injected", code);
  }
}
