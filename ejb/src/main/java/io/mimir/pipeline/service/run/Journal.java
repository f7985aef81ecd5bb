package io.mimir.pipeline.service.run;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.sql.DataSource;

/**
 * The journal of runs. What was appended is on the disk when {@link #append} returns, and is never
 * changed. Writers of many runs share a transaction: whoever comes while one is being committed
 * goes into the next one.
 *
 * <p>Each run has one process that works on it, which is known by its epoch: what an earlier one
 * still wants to append is refused.
 */
public final class Journal implements AutoCloseable {

  /** How many appends share a transaction at most: it must not hold others up for long. */
  private static final int MOST_AT_ONCE = 512;

  private final DataSource database;
  private final Consumer<String> onAppended;
  private final LinkedBlockingQueue<Pending> queue = new LinkedBlockingQueue<>();
  private final Thread writer;
  private volatile boolean closed;

  /** Wakes the writer at the end. */
  private static final Pending NOTHING = new Pending(null, new CompletableFuture<>());

  /** What is to be written, and whoever waits for it. */
  private record Pending(RunWrite write, CompletableFuture<Long> done) {}

  /**
   * @param threads makes the thread that writes
   * @param onAppended told the id of each run that has grown, on the thread that writes
   */
  public Journal(DataSource database, ThreadFactory threads, Consumer<String> onAppended) {
    this.database = database;
    this.onAppended = onAppended;
    this.writer = threads.newThread(this::write);
    writer.setName("mimir-journal");
    writer.start();
  }

  /**
   * Appends to the journal of a run, whole or not at all.
   *
   * @return the place of the last event
   * @throws RunLostException when the run is not this process's any more, has ended or is gone
   * @throws JournalException when the database refuses; nothing was appended then, or it is not
   *     known whether it was
   */
  public long append(RunWrite write) throws RunLostException {
    long seq = appended(write);
    if (seq == RunWrite.LOST) {
      throw new RunLostException();
    }
    return seq;
  }

  /** Like {@link #append}, but {@link RunWrite#LOST} instead of an exception. */
  long appended(RunWrite write) {
    CompletableFuture<Long> done = new CompletableFuture<>();
    queue.add(new Pending(write, done));
    if (closed) {
      failTheRest();
    }
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return done.get();
        } catch (InterruptedException e) {
          // What was handed over will be written; the caller has to know how that ended.
          interrupted = true;
        } catch (ExecutionException e) {
          throw new JournalException(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void write() {
    List<Pending> batch = new ArrayList<>();
    while (!closed || !queue.isEmpty()) {
      try {
        batch.add(queue.take());
        queue.drainTo(batch, MOST_AT_ONCE - 1);
        batch.removeIf(one -> one == NOTHING);
        if (!batch.isEmpty()) {
          commit(batch);
        }
      } catch (InterruptedException e) {
        closed = true;
      } finally {
        batch.clear();
      }
    }
    failTheRest();
  }

  private void commit(List<Pending> batch) {
    try {
      complete(batch, writeAll(batch));
    } catch (SQLException e) {
      if (batch.size() == 1) {
        fail(batch.get(0), e);
        return;
      }
      // One of them may be to blame, and the others must not suffer for it.
      batch.forEach(one -> commit(List.of(one)));
    } catch (RuntimeException e) {
      batch.forEach(one -> fail(one, e));
    }
  }

  private long[] writeAll(List<Pending> batch) throws SQLException {
    return Transaction.of(
        database,
        connection -> {
          try (RunWriter rows = new RunWriter(connection)) {
            long[] ends = new long[batch.size()];
            for (int i = 0; i < ends.length; i++) {
              ends[i] = rows.write(batch.get(i).write());
            }
            rows.flush();
            return ends;
          }
        });
  }

  private void complete(List<Pending> batch, long[] ends) {
    for (int i = 0; i < ends.length; i++) {
      batch.get(i).done().complete(ends[i]);
    }
    for (Pending one : batch) {
      onAppended.accept(one.write().runId());
    }
  }

  private static void fail(Pending one, Exception why) {
    one.done().completeExceptionally(why);
  }

  private void failTheRest() {
    List<Pending> left = new ArrayList<>();
    queue.drainTo(left);
    left.removeIf(one -> one == NOTHING);
    left.forEach(one -> fail(one, new IllegalStateException("The journal is closed")));
  }

  /** Writes what was handed over, and takes no more. */
  @Override
  public void close() {
    closed = true;
    queue.add(NOTHING);
    try {
      writer.join(TimeUnit.SECONDS.toMillis(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
