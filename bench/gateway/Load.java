import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks an HTTP server the same thing again and again, looks at every answer, and prints one line of
 * JSON.
 *
 * <p>One thread and non-blocking sockets, so that one core is enough to ask faster than any of the
 * servers can answer. Three kinds of load:
 *
 * <ul>
 *   <li>whole answers, as fast as the connections allow (a closed loop) or, with {@code --rate}, at
 *       a fixed rate: then a time begins when the request was due, not when a connection was free
 *       for it, so that a server that stalls cannot hide the requests that it kept waiting;
 *   <li>{@code --stream}: event streams of {@code --chunks} pieces, checked piece by piece; the
 *       time is that to the first one, and those between pieces are counted beside it;
 *   <li>{@code --abort}: event streams that are left after their first piece, each on a connection
 *       of its own.
 * </ul>
 *
 * <p>{@code --help} lists the options. The exit code is 0 whether answers were good or not: the
 * line says it.
 */
public final class Load {

  final LoadOptions options;
  final Selector selector = Selector.open();

  /** What one read takes, for whichever connection is read. */
  final ByteBuffer in = ByteBuffer.allocateDirect(256 * 1024);

  final byte[] bytes = new byte[256 * 1024];
  final ArrayDeque<LoadConnection> idle = new ArrayDeque<>();

  /**
   * Which of the two phases counts now; answers to requests of the first are never counted in the
   * second.
   */
  Tally tally;

  long phaseEnd;
  private final List<LoadConnection> all = new ArrayList<>();
  private final Pacer pacer;
  private long phaseBegin;
  private long sent;

  private Load(LoadOptions options) throws IOException {
    this.options = options;
    for (int i = 0; i < options.connections; i++) {
      all.add(options.stream ? new EventStreams(this) : new WholeAnswers(this));
    }
    pacer = options.rate > 0 ? Pacer.start(selector) : null;
  }

  public static void main(String[] args) throws IOException {
    new Load(LoadOptions.of(args)).run();
  }

  private void run() throws IOException {
    Tally warmed = new Tally(options);
    if (options.warm > 0) {
      tally = warmed;
      phase(options.warm, Long.MAX_VALUE);
    }
    tally = new Tally(options);
    tally.processor.begin();
    phase(options.seconds, options.count);
    tally.processor.end();
    System.out.println(tally.json(warmed));
  }

  /** One stretch of load; ends when what was asked in it has been answered or has failed. */
  private void phase(double length, long most) throws IOException {
    phaseBegin = System.nanoTime();
    phaseEnd = phaseBegin + (long) (length * 1e9);
    sent = 0;
    idle.clear();
    idle.addAll(all);
    boolean paced = options.rate > 0;
    long nextLook = phaseBegin;
    while (true) {
      long now = System.nanoTime();
      boolean open = sent < most && (paced ? due(sent) < phaseEnd : now < phaseEnd);
      if (open && paced && now > phaseEnd + options.timeout) {
        while (due(sent) < phaseEnd) {
          sent++;
          tally.fail("not_sent");
        }
        open = false;
      }
      long wake = open ? ask(now, most) : Long.MAX_VALUE;
      if (!open && idle.size() == all.size()) {
        // What a closed loop had under way at its end is waited for and not counted, so its time
        // ends with the phase.
        tally.nanos =
            (paced || options.stream || most < Long.MAX_VALUE ? now : Math.min(now, phaseEnd))
                - phaseBegin;
        return;
      }
      if (now >= nextLook) {
        for (LoadConnection connection : all) {
          if (connection.busy && now - connection.lastByte > options.timeout) {
            connection.fail("timeout");
          }
        }
        nextLook = now + 100_000_000L;
      }
      long wait =
          Math.min(Math.min(nextLook, wake), now < phaseEnd ? phaseEnd : Long.MAX_VALUE) - now;
      selector.select(
          key -> ((LoadConnection) key.attachment()).ready(key), Math.max(1, wait / 1_000_000));
    }
  }

  private long due(long index) {
    return phaseBegin + (long) (index * 1e9 / options.rate);
  }

  /** Sends what is due and can be sent, and says when the next look is needed. */
  private long ask(long now, long most) throws IOException {
    while (!idle.isEmpty() && sent < most) {
      long due = now;
      if (options.rate > 0) {
        due = due(sent);
        if (due >= phaseEnd) {
          break;
        }
        if (due > now) {
          pacer.wakeAt(due);
          break;
        }
      } else if (options.ramp > 0
          && sent >= options.connections * (now - phaseBegin) / options.ramp) {
        return now + 1_000_000;
      }
      sent++;
      idle.poll().ask(due, now);
    }
    return Long.MAX_VALUE;
  }
}
