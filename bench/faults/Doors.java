import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Strangers at the door: bodies and heads that never end, uploads that stop, wrong passwords at
 * once, connections that are reset; and meanwhile what health answers, and how many good calls of
 * the gateway get through. README.md beside this file says more.
 */
public final class Doors {

  private static final int CALLERS = 4;
  private static final int WARM_SECONDS = 60;
  private static final long PAUSE_MS = 3_000;
  private static final int RESETS = 20_000;
  private static final long LONGEST_MS = 1_000;
  private static final double LEAST_SHARE = 0.9;
  private static final int PATIENCE_MS = 10_000;

  /** Connections of the good callers, and of those who are too many. */
  private static final int POOL = 64;
  private static final int CROWD = 2_000;

  private static final Set<Integer> AS_IT_SHOULD = Set.of(200, 503);
  private static final String SAID = "\"content\":\"" + Provider.text(1) + "\"";

  private static final String BODY =
      "POST /api/v1/setup HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{";
  private static final String HEAD = "POST /api/v1/setup HTTP/1.1\r\nHost: localhost\r\n";

  private final Mimir mimir;
  private int seconds;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private double rate;
  private boolean wrong;

  private Doors(Mimir mimir, int seconds) {
    this.mimir = mimir;
    this.seconds = seconds;
  }

  /** What strangers do; what came of it is told, where it is worth it. */
  private interface Siege {
    String during(Strangers strangers, CountDownLatch end) throws Exception;
  }

  /** What became of the calls that were due, and what health did meanwhile. */
  private record Watch(int due, int good, int failed, Histogram times, long worstMs, int unready) {}

  /** MIMIR PORT SECONDS RATE RESET_SECONDS; the rate is 0 for half of what a few callers reach. */
  public static void main(String[] args) throws Exception {
    Doors doors;
    try (Provider provider = new Provider(20);
        Mimir mimir = new Mimir(Path.of(args[0]), Integer.parseInt(args[1]), provider, 0)) {
      mimir.start();
      doors = new Doors(mimir, Integer.parseInt(args[2]));
      double most = doors.warmUp();
      doors.rate = args[3].equals("0") ? most / 2 : Double.parseDouble(args[3]);
      System.out.printf("warmed up: %,.0f calls a second; held are %,.0f%n", most, doors.rate);
      doors.siege("nobody", (strangers, end) -> "");
      doors.siege("1,000 bodies of one byte", held((strangers, end) -> strangers.still(1_000, BODY)));
      doors.siege("1,000 bodies of a byte a second", held((strangers, end) -> strangers.dripping(1_000, BODY, "1")));
      doors.siege("500 heads without an end", held((strangers, end) -> strangers.still(500, HEAD)));
      doors.siege("500 heads of a byte a second", held((strangers, end) -> strangers.dripping(500, HEAD + "X-A: ", "b")));
      doors.siege("500 heads of a line a second", held((strangers, end) -> strangers.dripping(500, HEAD, "X-A: b\r\n")));
      doors.siege("2 uploads that stopped", held((strangers, end) -> strangers.still(2, doors.upload())));
      doors.siege("150 wrong passwords at once", (strangers, end) -> doors.guesses());
      int each = doors.seconds;
      doors.seconds = Integer.parseInt(args[4]);
      doors.siege("20,000 resets in %d s".formatted(doors.seconds), doors::resets);
      doors.seconds = each;
      doors.crowd();
      doors.siege("nobody, after that", (strangers, end) -> "");
      doors.threads.shutdownNow();
    }
    System.exit(doors.wrong ? 1 : 0);
  }

  private interface Opening {
    void open(Strangers strangers, CountDownLatch end) throws Exception;
  }

  private static Siege held(Opening opening) {
    return (strangers, end) -> {
      opening.open(strangers, end);
      end.await();
      return strangers.ends().toString();
    };
  }

  private void siege(String what, Siege siege) throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    Watch meanwhile;
    String became;
    try (Strangers strangers = new Strangers(mimir.port())) {
      Future<String> told = threads.submit(() -> siege.during(strangers, end));
      meanwhile = watch();
      end.countDown();
      became = told.get();
    }
    double share = (double) meanwhile.good() / meanwhile.due();
    System.out.printf(
        "%s: health after %,d ms at most; %.4f of the calls good, p50 %.1f ms, p99 %.1f ms; %s%n",
        what,
        meanwhile.worstMs(),
        share,
        meanwhile.times().percentile(0.5) / 1e3,
        meanwhile.times().percentile(0.99) / 1e3,
        became);
    check(meanwhile.unready() == 0, "health was not ready " + meanwhile.unready() + " times");
    check(meanwhile.worstMs() <= LONGEST_MS, "health took longer than a second");
    check(meanwhile.failed() == 0, meanwhile.failed() + " calls failed");
    check(share >= LEAST_SHARE, "more than a tenth of the calls had no good answer within a second");
    Thread.sleep(PAUSE_MS);
  }

  /** Calls a second of a few callers that ask again at once. */
  private double warmUp() throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WARM_SECONDS);
    long half = end - TimeUnit.SECONDS.toNanos(WARM_SECONDS) / 2;
    AtomicInteger calls = new AtomicInteger();
    together(
        CALLERS,
        caller -> {
          while (System.nanoTime() < end) {
            check(caller.ask().right(), "a call failed before anybody came");
            calls.addAndGet(System.nanoTime() > half ? 1 : 0);
          }
        });
    return calls.get() / (WARM_SECONDS / 2.0);
  }

  /** What each of several callers does, at the same time; returns when all have done it. */
  private void together(int callers, Consumer<Caller> work) throws Exception {
    List<Future<?>> asked = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      asked.add(
          threads.submit(
              () -> {
                try (Caller caller = new Caller(mimir.port(), mimir.bearer(), Mimir.questionBody(1, false), SAID, PATIENCE_MS)) {
                  work.accept(caller);
                }
              }));
    }
    for (Future<?> each : asked) {
      each.get();
    }
  }

  /** Calls at the rate, however they fare, while health is asked ten times a second. */
  private Watch watch() throws Exception {
    long begin = System.nanoTime();
    int due = (int) (rate * seconds);
    AtomicInteger next = new AtomicInteger();
    AtomicInteger good = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    Histogram times = new Histogram();
    Future<?> calls =
        threads.submit(
            () -> {
              together(
                  POOL,
                  caller -> {
                    for (int i = next.getAndIncrement(); i < due; i = next.getAndIncrement()) {
                      long at = begin + (long) (i / rate * TimeUnit.SECONDS.toNanos(1));
                      await(at);
                      boolean right = caller.ask().right();
                      long took = System.nanoTime() - at;
                      failed.addAndGet(right ? 0 : 1);
                      good.addAndGet(right && took <= TimeUnit.MILLISECONDS.toNanos(LONGEST_MS) ? 1 : 0);
                      synchronized (times) {
                        times.add(took);
                      }
                    }
                  });
              return null;
            });
    long worst = 0;
    int unready = 0;
    while (System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(seconds)) {
      long before = System.nanoTime();
      unready += ready() ? 0 : 1;
      worst = Math.max(worst, System.nanoTime() - before);
      Thread.sleep(100);
    }
    calls.get();
    return new Watch(due, good.get(), failed.get(), times, TimeUnit.NANOSECONDS.toMillis(worst), unready);
  }

  private static void await(long at) {
    for (long wait = at - System.nanoTime(); wait > 0; wait = at - System.nanoTime()) {
      LockSupport.parkNanos(wait);
    }
  }

  /** On a connection of its own, as the balancers' checks are. */
  private boolean ready() {
    try (Socket socket = new Socket("127.0.0.1", mimir.port())) {
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write("GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8).startsWith("HTTP/1.1 200 ");
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * So many callers who ask again at once that each waits long: each is answered, is told to come back, or gives up.
   */
  private void crowd() throws Exception {
    Map<Integer, Integer> answers = new ConcurrentSkipListMap<>();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    together(
        CROWD,
        caller -> {
          while (System.nanoTime() < end) {
            Caller.Answer answer = caller.ask();
            answers.merge(answer.status(), 1, Integer::sum);
            check(answer.status() != 200 || answer.right(), "an answer was not whole");
          }
        });
    System.out.printf("%,d callers who ask again at once: %s%n", CROWD, answers);
    answers.keySet().forEach(status -> check(AS_IT_SHOULD.contains(status), "calls were answered " + status));
    Thread.sleep(PAUSE_MS);
  }

  private String upload() {
    return "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"mod\r\n"
        .formatted(mimir.bearer());
  }

  private String guesses() throws Exception {
    Map<String, Integer> answers = new ConcurrentSkipListMap<>();
    List<Future<?>> guesses = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      String guess = Mimir.basic("wrong " + i);
      guesses.add(threads.submit(() -> answers.merge(String.valueOf(mimir.status("/api/v1/settings/api-keys", guess)), 1, Integer::sum)));
    }
    for (Future<?> guess : guesses) {
      guess.get();
    }
    int refused = answers.getOrDefault("401", 0) + answers.getOrDefault("429", 0) + answers.getOrDefault("503", 0);
    check(refused == 150, "guesses were answered " + answers);
    return answers.toString();
  }

  private String resets(Strangers strangers, CountDownLatch end) throws Exception {
    long begin = System.nanoTime();
    strangers.reset(RESETS, TimeUnit.SECONDS.toNanos(seconds), mimir.bearer());
    return "took %,d ms".formatted(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
  }

  private synchronized void check(boolean holds, String what) {
    if (!holds) {
      wrong = true;
      System.out.println("  WRONG: " + what);
    }
  }
}
