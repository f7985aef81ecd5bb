package io.mimir.plugin.service;

import static java.lang.System.Logger.Level.DEBUG;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/**
 * The last lines that a plugin has said, by its host's log callback or by printing. They are kept
 * in memory only: a plugin may say anything, so nothing of it reaches the server's own log. Nor may
 * it keep the server busy by saying much: whoever takes what comes too fast rests between, and the
 * plugin waits for its pipe. Lines become text when somebody wants to see them.
 */
final class PluginLog {

  private static final System.Logger LOG = System.getLogger(PluginLog.class.getName());

  private static final int MAX_LINES = 500;
  private static final int MAX_LINE_CHARS = 2_000;
  private static final int MAX_LINE_BYTES = 2 * MAX_LINE_CHARS;

  /** Bytes a second, of which each line has some more than its text: it costs as well. */
  private static final long PACE = 256 * 1024;

  private static final int LINE_COST = 128;
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /** So much is taken between two rests of the one who also waits for answers. */
  private static final int BETWEEN_RESTS = 16 * 1024;

  private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private static final List<String> LEVELS = List.of("trace", "debug", "info", "warning", "error");
  private static final Pattern INVISIBLE = Pattern.compile("[\\p{Cc}\\p{Cf}]");

  private final Deque<Raw> lines = new ArrayDeque<>();
  private final Pace printed = new Pace(PACE, System.nanoTime());
  private final Pace logged = new Pace(PACE, System.nanoTime());
  private final CountDownLatch ended = new CountDownLatch(1);
  private long sinceRest;

  /**
   * A line.
   *
   * @param level trace, debug, info, warning or error; {@code output} for what was printed
   */
  record Line(Instant at, String level, String text) {}

  /** A line as it came, cut where it is too long. */
  private record Raw(Instant at, String level, byte[] utf8) {

    Line line() {
      String text = new String(utf8, StandardCharsets.UTF_8);
      String plain = INVISIBLE.matcher(text).replaceAll(" ").strip();
      boolean cut = utf8.length == MAX_LINE_BYTES || plain.length() > MAX_LINE_CHARS;
      String kept = plain.substring(0, Math.min(plain.length(), MAX_LINE_CHARS));
      return new Line(at, level, cut ? kept + "…" : kept);
    }
  }

  /**
   * Takes a line; when there were too many lately, the caller rests now and then, which holds up
   * the plugin. To be called by one thread at a time.
   *
   * @param payload of a LOG frame
   */
  void frame(byte[] payload) {
    if (payload.length > 0) {
      String level = LEVELS.get(Math.min(Byte.toUnsignedInt(payload[0]), LEVELS.size() - 1));
      add(level, payload, 1, payload.length);
    }
    int cost = payload.length + LINE_COST;
    if (logged.take(cost, System.nanoTime()) == 0) {
      sinceRest = 0;
      return;
    }
    sinceRest += cost;
    if (sinceRest >= BETWEEN_RESTS) {
      sinceRest = 0;
      LockSupport.parkNanos(this, REST_NANOS);
    }
  }

  /** What the server has to say about the plugin. */
  void note(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    add("info", utf8, 0, utf8.length);
  }

  /** Takes what a process prints, until it ends. To be called once, on a thread of its own. */
  void follow(InputStream printed) {
    try (printed) {
      copy(printed);
    } catch (IOException e) {
      LOG.log(DEBUG, "The output of a plugin ended: {0}", e.getMessage());
    } finally {
      ended.countDown();
    }
  }

  /** What was printed last by a process that has ended: a host that cannot do its work says why. */
  Optional<String> lastWords(Duration patience) {
    try {
      if (!ended.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.log(DEBUG, "The output of a plugin has not ended with its process");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    List<Line> all = lines();
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1).text());
  }

  /**
   * Takes lines until the stream ends; whatever is too long is cut, not gathered. What comes too
   * fast is read slowly, and the plugin waits for it.
   */
  void copy(InputStream in) throws IOException {
    byte[] line = new byte[MAX_LINE_BYTES];
    int length = 0;
    byte[] piece = new byte[8192];
    for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
      long cost = count;
      for (int i = 0; i < count; i++) {
        if (piece[i] == '\n') {
          cost += LINE_COST;
          add("output", line, 0, length);
          length = 0;
        } else if (length < line.length) {
          line[length++] = piece[i];
        }
      }
      long owed = printed.take(cost, System.nanoTime());
      LockSupport.parkNanos(this, Math.min(owed, LONGEST_PAUSE_NANOS));
    }
    if (length > 0) {
      add("output", line, 0, length);
    }
  }

  private synchronized void add(String level, byte[] utf8, int from, int to) {
    if (lines.size() == MAX_LINES) {
      lines.removeFirst();
    }
    byte[] kept = Arrays.copyOfRange(utf8, from, Math.min(to, from + MAX_LINE_BYTES));
    lines.addLast(new Raw(Instant.now(), level, kept));
  }

  /** Oldest first. */
  List<Line> lines() {
    List<Raw> all;
    synchronized (this) {
      all = List.copyOf(lines);
    }
    return all.stream().map(Raw::line).toList();
  }
}
