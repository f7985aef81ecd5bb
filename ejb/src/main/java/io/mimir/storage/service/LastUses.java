package io.mimir.storage.service;

import static java.lang.System.Logger.Level.WARNING;

import io.mimir.time.InstantConverter;
import jakarta.ejb.EJBException;
import jakarta.persistence.PersistenceException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * When things were last used: known at once in memory, and written behind, at most once a minute
 * and thing (T85). What cannot be written is tried again. Safe for any number of threads.
 */
public final class LastUses {

  private static final System.Logger LOG = System.getLogger(LastUses.class.getName());
  private static final Duration WRITE_EVERY = Duration.ofMinutes(1);

  private final String what;
  private final Duration look;
  private final Supplier<? extends ScheduledExecutorService> scheduler;
  private final Consumer<Map<String, Instant>> writer;
  private final Map<String, Instant> uses = new ConcurrentHashMap<>();
  private final Map<String, Instant> written = new ConcurrentHashMap<>();
  private volatile ScheduledFuture<?> writing;

  /**
   * @param what is used, in the plural, for the log
   * @param look how often it is looked whether something is due
   * @param scheduler asked for at the first use
   * @param writer takes what is due, by id; fails with EJBException or PersistenceException
   */
  public LastUses(
      String what,
      Duration look,
      Supplier<? extends ScheduledExecutorService> scheduler,
      Consumer<Map<String, Instant>> writer) {
    this.what = what;
    this.look = look;
    this.scheduler = scheduler;
    this.writer = writer;
  }

  /** Remembers a use; the first one starts the writing. */
  public void used(String id, Instant at) {
    uses.put(id, at);
    if (writing == null) {
      startWriting();
    }
  }

  private synchronized void startWriting() {
    if (writing == null) {
      writing =
          scheduler
              .get()
              .scheduleWithFixedDelay(
                  () -> write(Instant.now().minus(WRITE_EVERY), writer),
                  look.toSeconds(),
                  look.toSeconds(),
                  TimeUnit.SECONDS);
    }
  }

  /** The last use as memory knows it; empty when there was none since the start. */
  public Optional<Instant> of(String id) {
    return Optional.ofNullable(uses.get(id));
  }

  /**
   * Ends the writing with everything that is not written yet.
   *
   * @param lastWriter in place of the usual one, which cannot be called any more when the server
   *     ends: {@link #directly}
   */
  public void stop(Consumer<Map<String, Instant>> lastWriter) {
    if (writing != null) {
      writing.cancel(false);
    }
    write(Instant.MAX, lastWriter);
  }

  /**
   * A writer with a connection of its own: for the end of the server, when session beans and the
   * pool are gone. It never turns a last use back.
   *
   * @param table has an id and a last_used_at; a name of ours, never one that came from outside
   */
  public static Consumer<Map<String, Instant>> directly(String table) {
    return due -> {
      InstantConverter times = new InstantConverter();
      try (Connection connection = Database.connection();
          PreparedStatement update =
              connection.prepareStatement(
                  "update %s set last_used_at = ? where id = ? and (last_used_at is null or last_used_at < ?)"
                      .formatted(table))) {
        for (Map.Entry<String, Instant> use : due.entrySet()) {
          Object at = times.convertToDatabaseColumn(use.getValue());
          update.setObject(1, at);
          update.setString(2, use.getKey());
          update.setObject(3, at);
          update.executeUpdate();
        }
      } catch (SQLException e) {
        throw new EJBException("Last uses could not be written: " + Database.reason(e));
      }
    };
  }

  private void write(Instant writtenBefore, Consumer<Map<String, Instant>> into) {
    Map<String, Instant> due = new HashMap<>();
    uses.forEach(
        (id, at) -> {
          Instant last = written.getOrDefault(id, Instant.MIN);
          if (at.isAfter(last) && last.isBefore(writtenBefore)) {
            due.put(id, at);
          }
        });
    if (due.isEmpty()) {
      return;
    }
    try {
      into.accept(due);
      written.putAll(due);
    } catch (EJBException | PersistenceException e) {
      LOG.log(WARNING, "Last uses of {0} could not be written; it will be tried again", what);
    }
  }
}
