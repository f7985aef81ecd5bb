package io.mimir.storage.service;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.mimir.lifecycle.service.HealthCheck;
import io.mimir.lifecycle.service.Started;
import io.mimir.lifecycle.service.Stopping;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Whether the database takes writes. A write that was refused makes it degraded; a write of our own
 * that gets through, tried every second from then on, makes it well again. Calls of the gateway
 * need no write: they go on.
 */
@ApplicationScoped
public class StorageHealth implements HealthCheck {

  private static final System.Logger LOG = System.getLogger(StorageHealth.class.getName());

  private static final String NAME = "storage";

  /**
   * Not more: what SQLite has written of a refused commit lies in its log until the next write
   * takes its place, and a KILL before that would store it.
   */
  private static final long EVERY_SECONDS = 1;

  /** Below this an upload of a plugin or a day of usage may fill the disk. */
  private static final long LITTLE_ROOM = 16L * 1024 * 1024;

  /** Connections tell from outside of CDI: the server's pool makes them before there are beans. */
  private static final AtomicReference<Refusal> REFUSED = new AtomicReference<>();

  /** One refusal, unlike any other of the same reason. */
  private static final class Refusal {
    final String reason;

    Refusal(String reason) {
      this.reason = reason;
    }
  }

  private final AtomicReference<Finding> found = new AtomicReference<>(Finding.ok(NAME, null));

  @Resource ManagedScheduledExecutorService scheduler;

  private ScheduledFuture<?> looking;

  /** Notes that the database refused something for a reason that is not the statement's. */
  static void refused(String reason) {
    REFUSED.set(new Refusal(reason));
  }

  void start(@Observes Started started) {
    looking =
        scheduler.scheduleWithFixedDelay(
            this::look, EVERY_SECONDS, EVERY_SECONDS, TimeUnit.SECONDS);
  }

  void stop(@Observes Stopping stopping) {
    if (looking != null) {
      looking.cancel(false);
    }
  }

  @Override
  public Finding finding() {
    judge();
    return found.get();
  }

  private void judge() {
    Refusal refused = REFUSED.get();
    become(refused != null ? inWords(refused) : littleRoom());
  }

  private static String inWords(Refusal refusal) {
    return "The database takes no writes: %s. Nothing that was refused is stored"
        .formatted(refusal.reason);
  }

  /** Tries to write where that failed, and looks at the disk. */
  void look() {
    Refusal refused = REFUSED.get();
    if (refused != null) {
      try {
        tryToWrite();
        // What is refused from here on is another refusal, and is not forgotten for this success.
        REFUSED.compareAndSet(refused, null);
      } catch (SQLException e) {
        refused(Database.inWords(e));
      }
    }
    judge();
  }

  /** Something that SQLite really writes: the row is the same, the page goes to the disk anew. */
  private static void tryToWrite() throws SQLException {
    try (Connection connection = Database.connection();
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("update " + SchemaMigration.MARK + " set digest = digest");
    }
  }

  private static String littleRoom() {
    Path folder = Database.path().getParent();
    try {
      long left = Files.getFileStore(folder).getUsableSpace();
      return left >= LITTLE_ROOM
          ? null
          : "Only %d MiB are left on the disk of %s: make room".formatted(left >> 20, folder);
    } catch (IOException e) {
      return "The disk of %s cannot be asked how much room it has".formatted(folder);
    }
  }

  private void become(String reason) {
    Finding before = found.get();
    boolean well = reason == null;
    if (well == (before.level() == Level.OK)) {
      if (!well) {
        found.set(new Finding(NAME, Level.DEGRADED, reason, before.since()));
      }
      return;
    }
    Finding now = new Finding(NAME, well ? Level.OK : Level.DEGRADED, reason, Instant.now());
    if (found.compareAndSet(before, now)) {
      LOG.log(well ? INFO : WARNING, well ? "The database takes writes again" : reason);
    }
  }
}
