package io.mimir.storage.service;

import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Persistence;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.Map;
import java.util.function.Supplier;
import java.util.logging.Logger;
import java.util.stream.Stream;
import javax.sql.DataSource;

/**
 * A database of the present schema in a file of its own, and what the server gives beans for it:
 * entity managers of the persistence unit as it is deployed, and transactions. One at a time.
 */
public final class TestStore implements AutoCloseable {

  private static final EntityManagerFactory FACTORY =
      Persistence.createEntityManagerFactory(
          "mimir",
          Map.of(
              "jakarta.persistence.transactionType",
              "RESOURCE_LOCAL",
              "jakarta.persistence.nonJtaDataSource",
              new PresentFile()));

  private static byte[] template;
  private static DataSource present;

  private final Path root;
  private final DataSource file;
  private final ThreadLocal<EntityManager> underWay = new ThreadLocal<>();

  private TestStore(Path root) throws IOException {
    this.root = root;
    Path database = root.resolve("mimir.db");
    Files.write(database, template());
    file = Database.dataSource(database);
    present = file;
  }

  public static TestStore fresh() {
    try {
      return new TestStore(Files.createTempDirectory("mimir-store"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An empty database, made once: making it takes longer than a test. */
  private static synchronized byte[] template() throws IOException {
    if (template == null) {
      Path made = Files.createTempFile("mimir-store", ".db");
      try (Connection connection = Database.dataSource(made).getConnection()) {
        SchemaMigration.run(connection);
      } catch (Exception e) {
        throw new IOException("The schema cannot be made", e);
      }
      try (Connection connection = Database.dataSource(made).getConnection()) {
        connection.createStatement().execute("pragma wal_checkpoint(truncate)");
      } catch (SQLException e) {
        throw new IOException("The database cannot be written to its file", e);
      }
      template = Files.readAllBytes(made);
      delete(made);
    }
    return template;
  }

  /** The file of the database, for other processes. */
  public Path file() {
    return root.resolve("mimir.db");
  }

  /** Connections to the database, beside all transactions. */
  public DataSource connections() {
    return file;
  }

  /** Like the one of a bean: each transaction has its own, and so has each call without one. */
  public EntityManager em() {
    return (EntityManager)
        Proxy.newProxyInstance(
            EntityManager.class.getClassLoader(),
            new Class<?>[] {EntityManager.class},
            (proxy, method, arguments) -> {
              EntityManager joined = underWay.get();
              try {
                return method.invoke(
                    joined == null ? FACTORY.createEntityManager() : joined, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** Does something in one transaction, which is undone when it throws. */
  public <T> T in(Supplier<T> work) {
    EntityManager own = FACTORY.createEntityManager();
    underWay.set(own);
    own.getTransaction().begin();
    try {
      T result = work.get();
      own.getTransaction().commit();
      return result;
    } finally {
      underWay.remove();
      if (own.getTransaction().isActive()) {
        own.getTransaction().rollback();
      }
      own.close();
    }
  }

  /** Like {@link #in}, for what has no result. */
  public void during(Runnable work) {
    in(
        () -> {
          work.run();
          return null;
        });
  }

  /** Stores something as it is. */
  public <T> T stored(T entity) {
    during(() -> em().persist(entity));
    return entity;
  }

  @Override
  public void close() {
    try (Stream<Path> all = Files.walk(root)) {
      all.sorted(Comparator.reverseOrder()).forEach(TestStore::delete);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Leads to the file of the store that was made last. */
  private static final class PresentFile implements DataSource {
    @Override
    public Connection getConnection() throws SQLException {
      return present.getConnection();
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
      return getConnection();
    }

    @Override
    public PrintWriter getLogWriter() {
      return null;
    }

    @Override
    public void setLogWriter(PrintWriter out) {}

    @Override
    public void setLoginTimeout(int seconds) {}

    @Override
    public int getLoginTimeout() {
      return 0;
    }

    @Override
    public Logger getParentLogger() {
      return Logger.getGlobal();
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
      throw new SQLException("nothing is wrapped");
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
      return false;
    }
  }
}
