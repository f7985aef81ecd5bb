import io.mimir.audit.AuditedAction;
import io.mimir.audit.ChainHead;
import io.mimir.audit.service.AuditLog;
import io.mimir.audit.service.HeadKeeper;
import io.mimir.start.service.MimirDataSource;
import io.mimir.start.service.OpenData;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.Resource;
import jakarta.ejb.EJB;
import jakarta.ejb.EJBContext;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Persistence;
import jakarta.persistence.PersistenceContext;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.security.Principal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.eclipse.persistence.sessions.UnitOfWork;

/**
 * The server's store in a plain JVM: its data source, which opens the data as the server does, its
 * entities, its services and its audit log, all of them the classes that the server runs. What the
 * server around them does is done here: connections are kept in a pool, a method is a transaction,
 * and what is fired in one gets to the audit log in the phases that it observes. Settings are those
 * of the server, in the environment.
 */
final class Store implements AutoCloseable {

  static final String ACTOR = "admin";

  private final MimirDataSource source = new MimirDataSource();
  private final ConcurrentLinkedDeque<Connection> idle = new ConcurrentLinkedDeque<>();
  private final ScheduledExecutorService scheduler =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "scheduler");
            thread.setDaemon(true);
            return thread;
          });
  private final OpenData open = new OpenData();
  private final EntityManagerFactory factory;
  private final Map<Class<?>, Object> beans = new HashMap<>();
  private final ThreadLocal<Transaction> current = new ThreadLocal<>();

  private static final class Transaction {
    final EntityManager em;
    final List<AuditedAction> begun = new ArrayList<>();
    final List<ChainHead> heads = new ArrayList<>();
    boolean rollbackOnly;

    Transaction(EntityManager em) {
      this.em = em;
    }
  }

  /**
   * Opens the data folder of the settings, once in a JVM.
   *
   * @param below put between SQLite and what guards its connections
   */
  Store(UnaryOperator<DataSource> below) throws Exception {
    Field database = field(MimirDataSource.class, "database");
    database.set(source, below.apply((DataSource) database.get(source)));
    source.getConnection().close();
    Class<?> bootstrap = Class.forName("io.mimir.start.service.DataBootstrap");
    call(open, method(OpenData.class, "open"), call(null, method(bootstrap, "opened")));
    Map<String, Object> settings = new HashMap<>();
    settings.put("jakarta.persistence.transactionType", "RESOURCE_LOCAL");
    settings.put("jakarta.persistence.nonJtaDataSource", stand(DataSource.class, this::pooled));
    settings.put("jakarta.persistence.jtaDataSource", "");
    settings.put("eclipselink.logging.level", "OFF");
    factory = Persistence.createEntityManagerFactory("mimir", settings);
  }

  // --- Connections ----------------------------------------------------------------------------------

  private Object pooled(Method method, Object[] arguments) throws Throwable {
    return method.getName().equals("getConnection") ? lease() : call(source, method, arguments);
  }

  /** A pool throws no connection away: each has to be as good as new after whatever happened. */
  private Connection lease() throws SQLException {
    Connection kept = idle.pollFirst();
    Connection leased = kept != null ? kept : source.getConnection();
    if (!leased.getAutoCommit()) {
      throw new IllegalStateException("A connection came back with a transaction");
    }
    return stand(
        Connection.class,
        (method, arguments) -> {
          if (method.getName().equals("close")) {
            idle.addFirst(leased);
            return null;
          }
          return call(leased, method, arguments);
        });
  }

  // --- Transactions ---------------------------------------------------------------------------------

  /** Runs a method of a service in a transaction of its own, as the server does. */
  <T> T transaction(Supplier<T> work) {
    Transaction suspended = current.get();
    Transaction mine = new Transaction(factory.createEntityManager());
    current.set(mine);
    T result;
    try {
      mine.em.getTransaction().begin();
      // Reads belong to the transaction too.
      mine.em.unwrap(UnitOfWork.class).beginEarlyTransaction();
      result = work.get();
      mine.begun.forEach(bean(AuditLog.class)::require);
      if (mine.rollbackOnly) {
        throw new IllegalStateException("The transaction may only be rolled back");
      }
      mine.em.getTransaction().commit();
    } catch (RuntimeException e) {
      if (mine.em.getTransaction().isActive()) {
        mine.em.getTransaction().rollback();
      }
      close(mine, suspended);
      mine.begun.stream().distinct().forEach(this::tellFailure);
      throw e;
    }
    close(mine, suspended);
    mine.heads.forEach(
        head -> call(bean(HeadKeeper.class), method(HeadKeeper.class, "committed"), head));
    return result;
  }

  void run(Runnable work) {
    transaction(
        () -> {
          work.run();
          return null;
        });
  }

  private void close(Transaction mine, Transaction suspended) {
    current.set(suspended);
    mine.em.close();
  }

  private void tellFailure(AuditedAction action) {
    try {
      run(() -> bean(AuditLog.class).recordFailure(action));
    } catch (RuntimeException e) {
      // A container logs what an observer throws after the end of a transaction, and goes on.
      System.getLogger("store").log(System.Logger.Level.DEBUG, "A failure was not recorded", e);
    }
  }

  private Object fire(Object event) {
    Transaction mine = current.get();
    if (event instanceof AuditedAction action) {
      mine.begun.add(action);
      bean(AuditLog.class).record(action);
    } else if (event instanceof ChainHead head) {
      mine.heads.add(head);
    }
    return null;
  }

  // --- Services -------------------------------------------------------------------------------------

  /** The one of a class, with what it needs of those below. */
  <T> T bean(Class<T> type) {
    synchronized (beans) {
      Object known = beans.get(type);
      return type.cast(known != null ? known : make(type));
    }
  }

  private Object make(Class<?> type) {
    try {
      var constructor = type.getDeclaredConstructor();
      constructor.setAccessible(true);
      Object made = constructor.newInstance();
      beans.put(type, made);
      for (Field field : type.getDeclaredFields()) {
        if (isInjected(field)) {
          field.setAccessible(true);
          field.set(made, part(field.getType()));
        }
      }
      for (Method method : type.getDeclaredMethods()) {
        if (method.isAnnotationPresent(PostConstruct.class)) {
          call(made, method);
        }
      }
      return made;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " cannot be made", e);
    }
  }

  private static boolean isInjected(Field field) {
    return field.isAnnotationPresent(Inject.class)
        || field.isAnnotationPresent(EJB.class)
        || field.isAnnotationPresent(Resource.class)
        || field.isAnnotationPresent(PersistenceContext.class);
  }

  private Object part(Class<?> type) {
    if (type == EntityManager.class) {
      return stand(type, (method, arguments) -> call(current.get().em, method, arguments));
    }
    if (type == Event.class) {
      return stand(type, (method, arguments) -> fire(arguments[0]));
    }
    if (type == DataSource.class) {
      return stand(type, (method, arguments) -> ofTransaction());
    }
    if (EJBContext.class.isAssignableFrom(type)) {
      return stand(type, this::session);
    }
    if (ScheduledExecutorService.class.isAssignableFrom(type)) {
      return stand(type, (method, arguments) -> call(scheduler, method, arguments));
    }
    for (Method opened : OpenData.class.getDeclaredMethods()) {
      if (opened.getReturnType() == type && opened.getParameterCount() == 0) {
        return call(open, opened);
      }
    }
    // What talks to providers, runs plugins or looks into requests has no part in what is stored here.
    boolean stores =
        !type.isInterface()
            && !Modifier.isAbstract(type.getModifiers())
            && STORING.contains(type.getSimpleName());
    return stores ? bean(type) : null;
  }

  private static final List<String> STORING =
      List.of(
          "AuditLog",
          "HeadKeeper",
          "RequestOrigin",
          "Authority",
          "KeyEditor",
          "ApiKeys",
          "AccessTokens",
          "Accounts",
          "Publishers",
          "Plugins",
          "PluginConfigurations",
          "Chat",
          "Transcript",
          "Answers",
          "UsageStore");

  /** The connection of the transaction, which the container closes. */
  private Connection ofTransaction() {
    Connection connection = current.get().em.unwrap(Connection.class);
    return stand(
        Connection.class,
        (method, arguments) ->
            method.getName().equals("close") ? null : call(connection, method, arguments));
  }

  private Object session(Method method, Object[] arguments) {
    return switch (method.getName()) {
      case "getCallerPrincipal" -> (Principal) () -> ACTOR;
      case "setRollbackOnly" -> current.get().rollbackOnly = true;
      case "getRollbackOnly" -> current.get().rollbackOnly;
      default -> throw new UnsupportedOperationException(method.getName());
    };
  }

  @Override
  public void close() {
    factory.close();
    scheduler.shutdownNow();
  }

  // --- Reflection -----------------------------------------------------------------------------------

  /** What stands in the place of an interface. */
  interface Stand {
    Object answer(Method method, Object[] arguments) throws Throwable;
  }

  static <T> T stand(Class<T> type, Stand stand) {
    return type.cast(
        Proxy.newProxyInstance(
            Store.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "equals" -> self == arguments[0];
                  case "hashCode" -> System.identityHashCode(self);
                  default -> stand.answer(method, arguments);
                }));
  }

  /** Calls a method; what it throws goes on as it is. */
  static Object call(Object target, Method method, Object... arguments) {
    try {
      method.setAccessible(true);
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw Store.<RuntimeException>unchecked(e.getCause());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> E unchecked(Throwable thrown) throws E {
    throw (E) thrown;
  }

  private static Method method(Class<?> type, String name) {
    return Arrays.stream(type.getDeclaredMethods())
        .filter(each -> each.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static Field field(Class<?> type, String name) throws NoSuchFieldException {
    Field field = type.getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }
}
