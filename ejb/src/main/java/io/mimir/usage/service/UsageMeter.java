package io.mimir.usage.service;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.mimir.lifecycle.service.Started;
import io.mimir.lifecycle.service.Stopping;
import io.mimir.usage.CallUsage;
import io.mimir.usage.Usage;
import io.mimir.usage.UsageCell;
import jakarta.annotation.Resource;
import jakarta.ejb.EJBException;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * Counts what calls use: in memory while they run, and written behind each second. Counting takes
 * no lock and asks no database. A batch that could not be written is kept as it is and sent again
 * under its number, so that nothing is lost and nothing counts twice.
 */
@ApplicationScoped
public class UsageMeter {

  private static final System.Logger LOG = System.getLogger(UsageMeter.class.getName());

  /** How long usage is kept. */
  static final Duration KEPT = Duration.ofDays(400);

  /** A server that is killed forgets what it has not written, and so do budgets. */
  private static final long WRITE_EVERY_SECONDS = 1;

  private static final long PURGE_EVERY_MINUTES = TimeUnit.DAYS.toMinutes(1);

  /** Rows of one transaction: SQLite lets nobody else write meanwhile. */
  private static final int BATCH = 1_000;

  /** Names of models that are told apart in the sums since the start. */
  private static final int MAX_SERIES = 10_000;

  @Inject UsageStore store;
  @Resource ManagedScheduledExecutorService scheduler;

  Clock clock = Clock.systemUTC();

  private final String writer = UUID.randomUUID().toString();

  /** Hours of which something may still have to be written; also guards {@link #past}. */
  private final Deque<UsageHour> hours = new ArrayDeque<>();

  /** What was counted in hours that are no longer in memory. */
  private final Map<UsageCell, Usage> past = new HashMap<>();

  private volatile UsageHour current;

  /**
   * Held while something is written, and while what is stored and what is not are read together.
   */
  private final ReentrantLock settling = new ReentrantLock();

  private Batch unsettled;
  private long lastBatch;
  private ScheduledFuture<?> writing;
  private ScheduledFuture<?> purging;

  /** Sums that are to be written, as they were when the batch was made. */
  private record Batch(long number, List<Due> rows) {

    List<Usage> usage() {
      return rows.stream().map(Due::added).toList();
    }

    void settle() {
      rows.forEach(row -> row.sums().settle(row.seen()));
    }
  }

  /** Where a batch goes, or an EJBException that says that it did not get there. */
  private interface Writing {
    void add(String writer, long number, List<Usage> batch);
  }

  private record Due(UsageSums sums, Usage seen, Usage added) {}

  void load(@Observes Started started) {
    remember();
    writing =
        scheduler.scheduleWithFixedDelay(
            this::write, WRITE_EVERY_SECONDS, WRITE_EVERY_SECONDS, TimeUnit.SECONDS);
    purging =
        scheduler.scheduleWithFixedDelay(this::purge, 2, PURGE_EVERY_MINUTES, TimeUnit.MINUTES);
  }

  /** The month that is running begins with what is stored of it. */
  void remember() {
    UsageHour hour = hour();
    Instant first = hour.month().atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    store.tokensSince(first).forEach(hour.tokens()::add);
  }

  /** Counts one call. Takes no lock and waits for nothing. */
  public void count(CallUsage call) {
    UsageHour hour = hour();
    hour.sums(call).add(call);
    if (call.keyId() != null && call.tokens() > 0) {
      hour.tokens().add(call.keyId(), call.tokens());
    }
  }

  /**
   * Input and output tokens of a key in the month that is running in UTC: what was stored when this
   * process started, and what it has counted since.
   */
  public long tokensThisMonth(String keyId) {
    return keyId == null ? 0 : hour().tokens().of(keyId);
  }

  private UsageHour hour() {
    long number = Math.floorDiv(clock.millis(), UsageHour.MILLIS);
    UsageHour hour = current;
    return hour != null && hour.number() == number ? hour : turnTo(number);
  }

  private UsageHour turnTo(long number) {
    synchronized (hours) {
      YearMonth month = UsageHour.monthOf(number);
      MonthTokens tokens = null;
      for (UsageHour known : hours) {
        if (known.number() == number) {
          current = known;
          return known;
        }
        tokens = known.month().equals(month) ? known.tokens() : tokens;
      }
      UsageHour hour = new UsageHour(number, month, tokens == null ? new MonthTokens() : tokens);
      hours.add(hour);
      current = hour;
      return hour;
    }
  }

  /**
   * What this process has counted since its start, by key and model; only those members of the
   * cells are set.
   */
  public Collection<Usage> sinceStart() {
    synchronized (hours) {
      Map<UsageCell, Usage> sums = new HashMap<>(past);
      for (UsageHour hour : hours) {
        hour.each((cell, counted) -> addUp(sums, counted.seen(cell)));
      }
      return List.copyOf(sums.values());
    }
  }

  private static void addUp(Map<UsageCell, Usage> sums, Usage usage) {
    UsageCell cell = UsageCell.of(usage.cell().keyId(), usage.cell().model());
    if (sums.size() >= MAX_SERIES && !sums.containsKey(cell)) {
      cell = UsageCell.of(cell.keyId(), UsageHour.OTHER);
    }
    sums.merge(cell, usage.in(cell), Usage::plus);
  }

  /**
   * Reads what is stored together with what is not: nothing is written in between.
   *
   * @param reading is given what has yet to be written
   */
  public <T> T besideUnwritten(Function<List<Usage>, T> reading) {
    settling.lock();
    try {
      return reading.apply(due().stream().map(Due::added).toList());
    } finally {
      settling.unlock();
    }
  }

  private List<Due> due() {
    List<UsageHour> all;
    synchronized (hours) {
      all = List.copyOf(hours);
    }
    List<Due> due = new ArrayList<>();
    for (UsageHour hour : all) {
      hour.each(
          (cell, sums) -> {
            Usage seen = sums.seen(cell);
            Usage added = sums.since(seen);
            if (!added.isNone()) {
              due.add(new Due(sums, seen, added));
            }
          });
    }
    return due;
  }

  /** Writes what has been counted since the last time. What fails is tried again at the next. */
  void write() {
    write(store::add);
  }

  private void write(Writing out) {
    settling.lock();
    try {
      settle(out);
      List<Due> due = due();
      for (int from = 0; from < due.size(); from += BATCH) {
        List<Due> rows = due.subList(from, Math.min(due.size(), from + BATCH));
        unsettled = new Batch(++lastBatch, List.copyOf(rows));
        settle(out);
      }
      forget();
    } catch (EJBException e) {
      LOG.log(WARNING, "Usage could not be written; it will be tried again");
    } finally {
      settling.unlock();
    }
  }

  private void settle(Writing out) {
    if (unsettled != null) {
      out.add(writer, unsettled.number(), unsettled.usage());
      unsettled.settle();
      unsettled = null;
    }
  }

  /**
   * Lets go of hours that are over and written. The last one stays: a thread that was held up may
   * still count into it.
   */
  private void forget() {
    long oldest = Math.floorDiv(clock.millis(), UsageHour.MILLIS) - 1;
    synchronized (hours) {
      hours.removeIf(
          hour -> {
            boolean over = hour.number() < oldest && hour.isSettled();
            if (over) {
              hour.each((cell, sums) -> addUp(past, sums.seen(cell)));
            }
            return over;
          });
    }
  }

  private void purge() {
    try {
      int gone = store.purge(clock.instant().minus(KEPT));
      if (gone > 0) {
        LOG.log(INFO, "{0} rows of usage older than {1} days were deleted", gone, KEPT.toDays());
      }
    } catch (EJBException e) {
      LOG.log(WARNING, "Old usage could not be deleted; it will be tried again", e);
    }
  }

  /** Without the pool of the server, which has gone before the last bean has. */
  void stop(@Observes Stopping stopping) {
    if (purging != null) {
      purging.cancel(false);
    }
    if (writing != null) {
      writing.cancel(false);
    }
    write(UsageBatches::addDirectly);
  }
}
