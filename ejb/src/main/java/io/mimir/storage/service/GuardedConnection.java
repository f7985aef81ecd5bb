package io.mimir.storage.service;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * A connection to SQLite that a pool may keep, whatever happens below it (T31).
 *
 * <p>A full disk, an error of the disk, too little memory or a damaged file make SQLite end the
 * transaction by itself, while its driver believes that it goes on: from then on each statement
 * would be stored at once, and each commit would fail. So after such an error, and after a commit
 * that failed, the connection below is closed, which undoes what is left of the transaction;
 * nothing of that transaction is done any more; and the next one gets another connection to the
 * file.
 *
 * <p>SQLite's driver begins the next transaction as part of a commit, and when that fails, the
 * commit seems to have failed, although it is done. So a transaction begins with its first
 * statement here, and the connection below is in none between two of them.
 *
 * <p>Not thread-safe, like what it stands for.
 */
final class GuardedConnection implements InvocationHandler {

  /** What SQLite may answer with the end of the transaction, or cannot go on from. */
  private static final Set<SQLiteErrorCode> FATAL =
      EnumSet.of(
          SQLiteErrorCode.SQLITE_FULL,
          SQLiteErrorCode.SQLITE_IOERR,
          SQLiteErrorCode.SQLITE_CORRUPT,
          SQLiteErrorCode.SQLITE_NOMEM,
          SQLiteErrorCode.SQLITE_NOTADB,
          SQLiteErrorCode.SQLITE_CANTOPEN,
          SQLiteErrorCode.SQLITE_READONLY,
          SQLiteErrorCode.SQLITE_PROTOCOL,
          SQLiteErrorCode.SQLITE_INTERRUPT,
          SQLiteErrorCode.SQLITE_INTERNAL);

  /** What works on the database as the connection does. */
  private static final Set<Class<?>> MADE =
      Set.of(
          Statement.class,
          PreparedStatement.class,
          CallableStatement.class,
          ResultSet.class,
          DatabaseMetaData.class);

  private final DataSource database;
  private final BooleanSupplier isThere;
  private final Consumer<SQLException> refused;
  private Connection below;
  private boolean autoCommit = true;
  private boolean closed;

  /** Whether the connection below is in a transaction. */
  private boolean begun;

  /** Whether a transaction goes on that is lost; there is no connection below meanwhile. */
  private boolean lost;

  private Connection self;

  private GuardedConnection(
      DataSource database,
      Connection below,
      BooleanSupplier isThere,
      Consumer<SQLException> refused) {
    this.database = database;
    this.below = below;
    this.isThere = isThere;
    this.refused = refused;
  }

  /**
   * Opens a connection.
   *
   * @param database makes the connections below
   * @param isThere whether the file is still where it was opened: nothing is committed otherwise
   * @param refused told of errors that a connection cannot go on after
   */
  static Connection open(
      DataSource database, BooleanSupplier isThere, Consumer<SQLException> refused)
      throws SQLException {
    GuardedConnection guard =
        new GuardedConnection(database, database.getConnection(), isThere, refused);
    guard.self = guard.proxy(Connection.class, guard);
    return guard.self;
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    return switch (method.getName()) {
      case "equals" -> proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(proxy);
      case "toString" -> "GuardedConnection[" + below + "]";
      case "isClosed" -> closed;
      case "getAutoCommit" -> autoCommit;
      case "close" -> {
        closed = true;
        forget();
        yield null;
      }
      case "setAutoCommit" -> {
        setAutoCommit((boolean) arguments[0]);
        yield null;
      }
      case "commit" -> {
        commit();
        yield null;
      }
      case "rollback" -> {
        if (arguments == null) {
          rollback();
          yield null;
        }
        yield call(usable(), method, arguments);
      }
      default -> wrapped(method, call(usable(), method, arguments));
    };
  }

  private void setAutoCommit(boolean wanted) throws SQLException {
    // Whoever sets it begins something, or tidies up.
    lost = false;
    autoCommit = wanted;
    if (wanted) {
      commit();
    }
  }

  private void commit() throws SQLException {
    if (lost) {
      lost = false;
      throw ended();
    }
    if (!begun) {
      return;
    }
    if (!isThere.getAsBoolean()) {
      // Closing it undoes what would be written to a file that nobody finds again.
      forget();
      throw new SQLTransactionRollbackException("The file of the database is gone", "40000");
    }
    try {
      end();
    } catch (SQLException e) {
      forget();
      tell(e);
      throw e;
    }
  }

  /** Commits, and begins nothing. */
  private void end() throws SQLException {
    below.setAutoCommit(true);
    begun = false;
  }

  private void tell(SQLException failure) {
    if (isFatal(failure)) {
      refused.accept(failure);
    }
  }

  private void rollback() {
    lost = false;
    if (!begun) {
      return;
    }
    try {
      below.rollback();
      end();
    } catch (SQLException e) {
      // What the closing of it undoes.
      forget();
    }
  }

  private Connection usable() throws SQLException {
    if (closed) {
      throw new SQLException("The connection is closed");
    }
    if (lost) {
      throw ended();
    }
    if (below == null) {
      below = database.getConnection();
    }
    if (!autoCommit && !begun) {
      begin();
    }
    return below;
  }

  private void begin() throws SQLException {
    try {
      below.setAutoCommit(false);
      begun = true;
    } catch (SQLException e) {
      forget();
      tell(e);
      throw e;
    }
  }

  private static SQLException ended() {
    return new SQLTransactionRollbackException(
        "The storage failed and the transaction was undone", "40000");
  }

  private void forget() {
    Connection old = below;
    below = null;
    begun = false;
    if (old != null) {
      try {
        old.close();
      } catch (SQLException e) {
        // It is of no use any more, and what it held is given back with its file.
        return;
      }
    }
  }

  private Object call(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof SQLException failure && isFatal(failure)) {
        lost = !autoCommit;
        forget();
        refused.accept(failure);
      }
      throw e.getCause();
    }
  }

  /** Whether SQLite may have ended the transaction. */
  static boolean isFatal(SQLException failure) {
    if (failure instanceof SQLiteException sqlite) {
      int code = sqlite.getResultCode().code & Database.PRIMARY_CODE;
      return FATAL.stream().anyMatch(each -> each.code == code);
    }
    return false;
  }

  /**
   * What is made of the connection fails like it. By the type that the method has: SQLite's rows
   * are their own description, and its statements that of their parameters.
   */
  private Object wrapped(Method method, Object made) {
    Class<?> type = method.getReturnType();
    return made != null && MADE.contains(type) ? proxy(type, new Made(made)) : made;
  }

  private <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            GuardedConnection.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  /** A statement, its rows, or what is known of the database. */
  private final class Made implements InvocationHandler {

    private final Object made;

    private Made(Object made) {
      this.made = made;
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
      switch (method.getName()) {
        case "equals" -> {
          return proxy == arguments[0];
        }
        case "hashCode" -> {
          return System.identityHashCode(proxy);
        }
        case "toString" -> {
          return made.toString();
        }
        case "getConnection" -> {
          return self;
        }
        case "close" -> {
          // Closing what went with its connection is no failure.
          return lost ? null : call(made, method, arguments);
        }
        default -> {
          if (lost) {
            throw ended();
          }
          if (method.getName().startsWith("execute")) {
            // It may be of the transaction before.
            usable();
          }
          return wrapped(method, call(made, method, arguments));
        }
      }
    }
  }
}
