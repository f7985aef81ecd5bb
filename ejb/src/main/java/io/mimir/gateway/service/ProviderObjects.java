package io.mimir.gateway.service;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.mimir.gateway.ObjectKind;
import io.mimir.gateway.ProviderObject;
import io.mimir.lifecycle.service.Started;
import io.mimir.lifecycle.service.Stopping;
import jakarta.annotation.Resource;
import jakarta.ejb.EJBException;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What providers made, and with which key and for which account. Files, batches and stores are
 * written before their maker hears of them; responses are many, and are written behind, within two
 * seconds. Until then they are known in memory.
 */
@ApplicationScoped
public class ProviderObjects {

  private static final System.Logger LOG = System.getLogger(ProviderObjects.class.getName());

  /** How long OpenAI keeps a response, and its row is kept. */
  static final Duration RESPONSES_KEPT = Duration.ofDays(30);

  private static final long WRITE_EVERY_MILLIS = 1_000;
  private static final long PURGE_EVERY_MINUTES = TimeUnit.DAYS.toMinutes(1);

  /** Rows of one transaction: SQLite lets nobody else write meanwhile. */
  private static final int MAX_BATCH_ROWS = 1_000;

  /** Responses that wait for a database that does not answer, some 300 bytes each. */
  private static final int MAX_UNWRITTEN = 100_000;

  @Inject ProviderObjectStore store;
  @Resource ManagedScheduledExecutorService scheduler;

  Clock clock = Clock.systemUTC();

  private final Map<Id, ProviderObject> unwritten = new ConcurrentHashMap<>();
  private ScheduledFuture<?> writing;
  private ScheduledFuture<?> purging;

  private record Id(String idHash, String accountId) {}

  void start(@Observes Started started) {
    writing =
        scheduler.scheduleWithFixedDelay(
            () -> write(store::add), WRITE_EVERY_MILLIS, WRITE_EVERY_MILLIS, TimeUnit.MILLISECONDS);
    purging =
        scheduler.scheduleWithFixedDelay(this::purge, 3, PURGE_EVERY_MINUTES, TimeUnit.MINUTES);
  }

  /** Returns the row of something new. */
  ProviderObject made(String id, String keyId, String accountId, ObjectKind kind) {
    return new ProviderObject(ProviderObject.hashOf(id), keyId, accountId, kind, clock.instant());
  }

  /**
   * Writes rows. Waits for the database.
   *
   * @throws EJBException when they are not written
   */
  void add(Collection<ProviderObject> objects) {
    store.add(objects);
  }

  /** Writes a row soon. Waits for nothing. */
  void addLater(ProviderObject object) {
    if (unwritten.size() >= MAX_UNWRITTEN) {
      LOG.log(
          WARNING, "A response is not remembered: {0} others wait for the database", MAX_UNWRITTEN);
      return;
    }
    unwritten.put(new Id(object.idHash(), object.accountId()), object);
  }

  /**
   * Finds the rows of all accounts that have something by this id. Waits for the database, unless
   * the account has made it just now.
   *
   * @throws EJBException when the database cannot be asked
   */
  List<ProviderObject> find(String id, String accountId) {
    String hash = ProviderObject.hashOf(id);
    ProviderObject known = unwritten.get(new Id(hash, accountId));
    return known == null ? store.find(hash) : List.of(known);
  }

  /**
   * Reads what an account has of a kind, by key. Waits for the database.
   *
   * @return hashes of ids
   * @throws EJBException when the database cannot be asked
   */
  Map<String, Set<String>> owned(String accountId, ObjectKind kind) {
    return store.owned(accountId, kind);
  }

  /**
   * Forgets something that was deleted. Waits for the database.
   *
   * @throws EJBException when the database cannot be asked
   */
  void remove(String id, String accountId) {
    String hash = ProviderObject.hashOf(id);
    unwritten.remove(new Id(hash, accountId));
    store.remove(hash, accountId);
  }

  /** Writes what waits. What fails stays in memory and is tried again at the next time. */
  private void write(Consumer<Collection<ProviderObject>> out) {
    while (!unwritten.isEmpty()) {
      List<ProviderObject> batch = new ArrayList<>();
      for (ProviderObject object : unwritten.values()) {
        if (batch.size() == MAX_BATCH_ROWS) {
          break;
        }
        batch.add(object);
      }
      try {
        out.accept(batch);
      } catch (EJBException e) {
        LOG.log(WARNING, "Ids of responses could not be written; it will be tried again");
        return;
      }
      batch.forEach(
          object -> unwritten.remove(new Id(object.idHash(), object.accountId()), object));
    }
  }

  /** Writes what waits, now. */
  void write() {
    write(store::add);
  }

  private void purge() {
    try {
      int gone = store.purge(ObjectKind.RESPONSE, clock.instant().minus(RESPONSES_KEPT));
      if (gone > 0) {
        LOG.log(
            INFO,
            "{0} ids of responses older than {1} days were forgotten",
            gone,
            RESPONSES_KEPT.toDays());
      }
    } catch (EJBException e) {
      LOG.log(WARNING, "Old ids of responses could not be forgotten; it will be tried again", e);
    }
  }

  /** Without session beans and the server's pool, which may be gone already. */
  void stop(@Observes Stopping stopping) {
    if (purging != null) {
      purging.cancel(false);
    }
    if (writing != null) {
      writing.cancel(false);
    }
    write(ProviderObjectRows::addDirectly);
  }
}
