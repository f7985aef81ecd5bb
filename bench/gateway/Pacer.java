import java.io.IOException;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Wakes a selector at a time, to within a few microseconds: by itself it sleeps for whole
 * milliseconds.
 */
final class Pacer {

  private final Selector selector;

  /** The largest value for never. */
  private final AtomicLong wakeAt = new AtomicLong(Long.MAX_VALUE);

  private final Thread thread = new Thread(this::run, "pacer");

  private Pacer(Selector selector) {
    this.selector = selector;
  }

  static Pacer start(Selector selector) {
    Pacer pacer = new Pacer(selector);
    pacer.thread.setDaemon(true);
    pacer.thread.start();
    return pacer;
  }

  /**
   * Takes the next time; the one before it is forgotten.
   *
   * @param nanos of {@link System#nanoTime}
   */
  void wakeAt(long nanos) {
    if (wakeAt.getAndSet(nanos) != nanos) {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    try {
      // Linux: sleep as exactly as the timer can, in place of 50 us more.
      Path self = Path.of("/proc/thread-self").toRealPath().getFileName();
      Files.writeString(Path.of("/proc").resolve(self).resolve("timerslack_ns"), "1");
    } catch (IOException e) {
      System.err.println("bench: timers stay coarse: " + e.getMessage());
    }
    while (true) {
      long at = wakeAt.get();
      if (at == Long.MAX_VALUE) {
        LockSupport.park();
        continue;
      }
      long wait = at - System.nanoTime();
      if (wait > 0) {
        LockSupport.parkNanos(wait);
      } else if (wakeAt.compareAndSet(at, Long.MAX_VALUE)) {
        selector.wakeup();
      }
    }
  }
}
