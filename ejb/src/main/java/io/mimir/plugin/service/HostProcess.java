package io.mimir.plugin.service;

import static java.lang.System.Logger.Level.WARNING;

import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.kit.frame.CallRequest;
import io.mimir.plugin.kit.frame.Frame;
import io.mimir.plugin.kit.frame.FrameException;
import io.mimir.plugin.kit.frame.FrameType;
import io.mimir.plugin.kit.frame.LoadRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * A child process that holds one plugin, and the frames to and from it. Every byte that it sends is
 * hostile: at the first that breaks the protocol it is killed.
 *
 * <p>The thread that waits for an answer reads the pipe itself, and hands what is for others over
 * to them; a thread between the two would cost more than the call. While nobody waits, {@link
 * #listen()} looks after what the plugin says unasked.
 */
final class HostProcess implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(HostProcess.class.getName());

  /** HELLO answers nothing; it is waited for under this id. */
  private static final long HELLO = -1;

  private static final Duration GRACE = Duration.ofSeconds(1);

  /** Bytes of a plugin's file in a frame. */
  private static final int PIECE = 256 * 1024;

  /** So that a waiter that was overlooked looks for itself. */
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private static final long LISTEN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Process process;
  private final InputStream in;
  private final OutputStream out;
  private final PluginLog log;
  private final AtomicLong ids = new AtomicLong();
  private final ReentrantLock reading = new ReentrantLock();
  private final ReentrantLock writing = new ReentrantLock();
  private final Map<Long, Waiter> waiters = new ConcurrentHashMap<>();
  private final BusyTime busy = new BusyTime();
  private volatile QuotaWatch watch;
  private volatile HostEnd end;

  /**
   * @param process started, with nothing read from it
   * @param log takes what the plugin says
   */
  HostProcess(Process process, PluginLog log) {
    this.process = process;
    this.in = process.getInputStream();
    this.out = process.getOutputStream();
    this.log = log;
    process.onExit().thenRunAsync(this::readTheRest);
    daemon("mimir-plugin-listen", this::listen);
    daemon("mimir-plugin-said", () -> log.follow(process.getErrorStream()));
  }

  private static void daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * What the jail reports of itself: UTF-8 JSON.
   *
   * @throws HostGoneException when it does not come in time
   */
  byte[] hello(Duration patience) throws HostGoneException {
    Waiter waiter = new Waiter(patience, () -> false);
    waiters.put(HELLO, waiter);
    return await(HELLO, waiter).payload();
  }

  /**
   * Hands the plugin over and has it opened.
   *
   * @param file of the plugin, read to its end; the host itself reads no files
   * @return READY or ERROR
   * @throws IOException when the file cannot be read
   * @throws HostGoneException when the process ended over it
   */
  Frame load(InputStream file, LoadRequest request, Duration patience) throws IOException {
    try {
      return exchange(patience, id -> send(id, file, request));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void send(long id, InputStream file, LoadRequest request) {
    try {
      for (byte[] piece = file.readNBytes(PIECE);
          piece.length > 0 && isAlive();
          piece = file.readNBytes(PIECE)) {
        send(new Frame(FrameType.FILE, id, piece));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    send(new Frame(FrameType.LOAD, id, request.toPayload()));
  }

  /** RESULT or ERROR. */
  Frame call(String action, byte[] input, Duration patience, BooleanSupplier cancelled)
      throws HostGoneException {
    byte[] payload = new CallRequest(action, input).toPayload();
    return exchange(
        new Waiter(patience, cancelled), id -> send(new Frame(FrameType.CALL, id, payload)));
  }

  /** Whether it still answers. */
  void ping(Duration patience) throws HostGoneException {
    exchange(FrameType.PING, new byte[0], patience);
  }

  private Frame exchange(FrameType type, byte[] payload, Duration patience)
      throws HostGoneException {
    return exchange(patience, id -> send(new Frame(type, id, payload)));
  }

  private Frame exchange(Duration patience, LongConsumer request) throws HostGoneException {
    return exchange(new Waiter(patience, () -> false), request);
  }

  private Frame exchange(Waiter waiter, LongConsumer request) throws HostGoneException {
    long id = ids.incrementAndGet();
    waiters.put(id, waiter);
    busy.begin();
    try {
      request.accept(id);
      return await(id, waiter);
    } finally {
      waiters.remove(id);
      busy.end();
    }
  }

  private void send(Frame frame) {
    writing.lock();
    try {
      frame.write(out);
    } catch (IOException e) {
      // Whatever the pipe says: the process is of no use any more, and the waiters hear so.
      kill("It takes no more requests");
    } finally {
      writing.unlock();
    }
  }

  private Frame await(long id, Waiter waiter) throws HostGoneException {
    try {
      while (!waiter.isDone()) {
        if (end != null) {
          waiter.fail(HostGoneException.crashed(end.sentence()));
        } else if (reading.tryLock()) {
          try {
            readUntil(waiter);
          } finally {
            reading.unlock();
          }
        } else {
          LockSupport.parkNanos(this, LOOK_AGAIN_NANOS);
        }
      }
    } finally {
      waiters.remove(id);
      wakeNext();
    }
    if (waiter.answer != null) {
      return waiter.answer;
    }
    throw waiter.failure;
  }

  private void readUntil(Waiter waiter) {
    while (!waiter.isDone() && end == null) {
      readOne();
    }
  }

  private void readOne() {
    try {
      Frame frame = Frame.read(in);
      if (frame == null) {
        kill(howItEnded());
      } else {
        dispatch(frame);
      }
    } catch (FrameException e) {
      kill("It broke the protocol: " + e.getMessage());
    } catch (IOException e) {
      kill(howItEnded());
    }
  }

  /** What it said last counts, even when it has ended since. */
  private void readTheRest() {
    reading.lock();
    try {
      while (end == null) {
        readOne();
      }
    } finally {
      reading.unlock();
    }
  }

  private String howItEnded() {
    try {
      if (process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        return HostEnd.inWords(process.exitValue());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return "It has closed its side";
  }

  private void dispatch(Frame frame) throws FrameException {
    switch (frame.type()) {
      case LOG -> log.frame(frame.payload());
      case HELLO -> answer(HELLO, frame);
      case READY, RESULT, ERROR, PONG -> answer(frame.id(), frame);
      case LOAD, CALL, CANCEL, PING, DRAIN, EXIT, FILE ->
          throw new FrameException("A host does not send " + frame.type());
    }
  }

  private void answer(long id, Frame frame) throws FrameException {
    Waiter waiter = waiters.get(id);
    // An answer that comes after its caller has given up is no fault; one that nobody asked is.
    if (waiter != null) {
      waiter.take(frame);
    } else if (id <= 0 || id > ids.get()) {
      throw new FrameException("Nobody asked for this " + frame.type());
    }
  }

  private void wakeNext() {
    for (Waiter other : waiters.values()) {
      if (!other.isDone()) {
        LockSupport.unpark(other.thread);
        return;
      }
    }
  }

  /** Reads what comes while nobody waits, so that a plugin that logs does not fill its pipe. */
  private void listen() {
    while (end == null) {
      LockSupport.parkNanos(this, LISTEN_NANOS);
      if (waiters.isEmpty() && reading.tryLock()) {
        try {
          while (end == null && waiters.isEmpty() && in.available() > 0) {
            readOne();
          }
        } catch (IOException e) {
          kill(howItEnded());
        } finally {
          reading.unlock();
        }
        wakeNext();
      }
    }
  }

  /**
   * Cancels the calls whose time is up, and ends the process when that does not help within a
   * second. To be called now and then.
   */
  void enforceDeadlines() {
    long now = System.nanoTime();
    for (Map.Entry<Long, Waiter> each : waiters.entrySet()) {
      Waiter waiter = each.getValue();
      long late = waiter.late(now);
      if (late >= 0 && !waiter.cancelled && !waiter.isDone()) {
        waiter.cancelled = true;
        Frame cancel = Frame.of(FrameType.CANCEL, each.getKey());
        // A thread of its own: a host that reads no more would hold up the deadlines of all others.
        daemon("mimir-plugin-cancel", () -> send(cancel));
      }
      if (late >= GRACE.toNanos() && !waiter.isDone()) {
        waiter.fail(HostGoneException.late());
        kill("A call took longer than it may");
      }
    }
  }

  boolean isAlive() {
    return end == null;
  }

  /** Why it ended, or null while it lives. */
  HostEnd end() {
    return end;
  }

  /** From now on it may use no more than this. */
  void bound(QuotaWatch bounds) {
    watch = bounds;
  }

  /** Ends the process when it uses more than it may. To be called now and then. */
  void enforceQuota() {
    QuotaWatch bounds = watch;
    if (bounds == null || end != null) {
      return;
    }
    Optional<String> excess;
    try {
      excess = bounds.look(busy.nanos(), System.nanoTime());
    } catch (RuntimeException e) {
      LOG.log(WARNING, "What a plugin uses cannot be measured", e);
      excess = Optional.of("What it uses cannot be measured");
    }
    excess.ifPresent(
        what -> kill(RefusalReason.QUOTA_EXCEEDED, what + ": it was ended (QUOTA_EXCEEDED)"));
  }

  long pid() {
    return process.pid();
  }

  /** Runs this once when it has ended, whyever; at once when it has already. */
  void onEnd(Runnable action) {
    // What it said last comes first, and with it why it ended.
    process
        .onExit()
        .thenRunAsync(
            () -> {
              readTheRest();
              action.run();
            });
  }

  private void kill(String why) {
    kill(RefusalReason.CRASHED, why);
  }

  private void kill(RefusalReason reason, String why) {
    ended(new HostEnd(reason, why));
    process.destroyForcibly();
  }

  private synchronized void ended(HostEnd how) {
    if (end == null) {
      end = how;
    }
    HostGoneException gone = HostGoneException.crashed(end.sentence());
    waiters.values().stream().filter(waiter -> !waiter.isDone()).forEach(w -> w.fail(gone));
  }

  /** Ends it, running calls and all. */
  @Override
  public void close() {
    kill(null, "It was stopped");
  }
}
