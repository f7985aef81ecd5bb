import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * TERM under running streams, again and again: which of them end as they should, what new calls get
 * meanwhile, and whether the usage of all is written. README.md beside this file says more.
 */
public final class Drain {

  private static final int PACE_MS = 100;
  private static final int NOTICE_MS = 5_000;

  /** The launcher has to hear the signal, and to pass it on. */
  private static final int SIGNAL_MS = 200;

  private final Mimir mimir;
  private final int streams;
  private final int drainSeconds;
  private final boolean over;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private boolean wrong;

  private Drain(Mimir mimir, int streams, int drainSeconds, boolean over) {
    this.mimir = mimir;
    this.streams = streams;
    this.drainSeconds = drainSeconds;
    this.over = over;
  }

  /** MIMIR PORT ROUNDS STREAMS DRAIN_SECONDS within|over. */
  public static void main(String[] args) throws Exception {
    int rounds = Integer.parseInt(args[2]);
    int drainSeconds = Integer.parseInt(args[4]);
    Drain drain;
    try (Provider provider = new Provider(PACE_MS);
        Mimir mimir =
            new Mimir(Path.of(args[0]), Integer.parseInt(args[1]), provider, drainSeconds)) {
      drain = new Drain(mimir, Integer.parseInt(args[3]), drainSeconds, args[5].equals("over"));
      long before = 0;
      for (int round = 1; round <= rounds; round++) {
        before = drain.round(round, before);
      }
      mimir.start();
      drain.checkUsage(before);
      drain.threads.shutdownNow();
    }
    System.exit(drain.wrong ? 1 : 0);
  }

  private long round(int round, long before) throws Exception {
    mimir.start();
    Process launcher = mimir.launcher();
    checkUsage(before);
    Map<String, Integer> ends = new ConcurrentSkipListMap<>();
    CountDownLatch begun = new CountDownLatch(streams);
    CountDownLatch ended = new CountDownLatch(streams);
    int longest = NOTICE_MS + drainSeconds * 1_000 - 1_500;
    for (int i = 0; i < streams; i++) {
      // Within: they end at any time of the drain. Over: all of them would take longer.
      int millis = over ? longest * 3 : 1_000 + (longest - 1_000) * i / streams;
      threads.execute(
          () -> {
            String end = stream(millis / PACE_MS, begun);
            ends.merge(end, 1, Integer::sum);
            ended.countDown();
          });
    }
    if (!begun.await(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("Not all streams began");
    }
    long asked = System.nanoTime();
    launcher.destroy();
    Map<String, Integer> others = new TreeMap<>();
    long good = watch(launcher, asked, others);
    ended.await(10, TimeUnit.SECONDS);
    int code = launcher.waitFor();
    long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - asked);
    System.out.printf(
        "round %d: %d streams ended %s; meanwhile %s; exit %d after %,d ms%n",
        round, streams, ends, others, code, took);
    check(code == 0, "the exit code is " + code);
    String right = over ? "error event" : "[DONE]";
    check(ends.equals(Map.of(right, streams)), "streams ended otherwise than by " + right);
    return before + streams + good;
  }

  /** Asks all the time, and counts what it gets. */
  private long watch(Process launcher, long asked, Map<String, Integer> others) throws Exception {
    long good = 0;
    while (launcher.isAlive()) {
      long since = millisSince(asked);
      String ready = "ready " + mimir.status("/health/ready", null);
      String call;
      try {
        HttpResponse<String> answer = mimir.http().send(mimir.question(1, true), BodyHandlers.ofString());
        call = "call " + answer.statusCode();
        if (answer.statusCode() == 200) {
          good++;
          // Where it was ready still, the signal may not have been heard.
          check(
              ready.equals("ready 200")
                  || answer.headers().firstValue("Connection").orElse("").equals("close"),
              "a call was served without Connection: close");
        } else {
          check(
              answer.statusCode() == 503
                  && answer.body().contains("draining")
                  && answer.headers().firstValue("Retry-After").isPresent(),
              "a new call got " + answer.statusCode() + " " + answer.body());
        }
        check(
            answer.statusCode() == 200 || !isEarly(asked),
            "a call within the first seconds was refused");
      } catch (IOException e) {
        call = "port closed";
        check(!isEarly(asked), "the port was closed within the first seconds");
      }
      check(
          !ready.equals("ready 200") || since < SIGNAL_MS,
          "asked " + since + " ms after TERM it was ready");
      others.merge(ready + ", " + call, 1, Integer::sum);
      Thread.sleep(25);
    }
    return good;
  }

  private static long millisSince(long nanoTime) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanoTime);
  }

  private static boolean isEarly(long asked) {
    return millisSince(asked) < NOTICE_MS - 500;
  }

  private String stream(int pieces, CountDownLatch begun) {
    boolean first = true;
    try {
      HttpResponse<java.io.InputStream> answer = mimir.http().send(mimir.question(pieces, true), BodyHandlers.ofInputStream());
      if (answer.statusCode() != 200) {
        return "status " + answer.statusCode();
      }
      String last = "nothing";
      try (BufferedReader lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (first && line.startsWith("data:")) {
            first = false;
            begun.countDown();
          }
          last = line.isEmpty() ? last : line;
        }
      } catch (IOException e) {
        return "cut";
      }
      return last.equals("data: [DONE]") ? "[DONE]" : last.contains("\"draining\"") ? "error event" : last;
    } catch (IOException e) {
      return "no answer";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    } finally {
      if (first) {
        begun.countDown();
      }
    }
  }

  private void checkUsage(long expected) throws Exception {
    String usage = mimir.usage();
    long counted = Mimir.sum(usage, "requests");
    check(counted == expected, "usage says " + counted + " calls, and " + expected + " were made: " + usage);
  }

  private void check(boolean holds, String what) {
    if (!holds) {
      wrong = true;
      System.out.println("  WRONG: " + what);
    }
  }
}
