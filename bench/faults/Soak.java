import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A mixture of calls at one rate for a long time: whether each is answered as it should be, how
 * long that takes, whether memory stays what it is, and whether the usage of all is written.
 * README.md beside this file says more.
 */
public final class Soak {

  /** Eleven streams, four whole answers, two calls of the API, one page. */
  private static final String MIXTURE = "SSWSASSWSPSSWSASWS";

  /** The times are told for so many parts of a run, and memory is compared between the last two. */
  private static final int PARTS = 4;

  /** The rate rises from nothing: nobody sends all calls to a server that has just started. */
  private static final double RAMP_SECONDS = 60;

  private static final double MOST_GROWTH = 1.05;
  private static final int MOST_IN_FLIGHT = 4_000;

  private final Mimir mimir;
  private final long nanos;
  private final int rate;
  private final int limitMb;
  private final SoakTimes times;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger inFlight = new AtomicInteger();
  private boolean wrong;

  private Soak(Mimir mimir, int minutes, int rate, int limitMb) {
    this.mimir = mimir;
    this.nanos = TimeUnit.MINUTES.toNanos(minutes);
    this.rate = rate;
    this.limitMb = limitMb;
    times = new SoakTimes(PARTS, nanos / PARTS);
  }

  /** MIMIR PORT RUNS MINUTES RATE PACE_MS LIMIT_MB FOLDER. */
  public static void main(String[] args) throws Exception {
    int runs = Integer.parseInt(args[2]);
    int failed = 0;
    for (int run = 1; run <= runs; run++) {
      Path samples = Path.of(args[7], "soak-" + run + ".tsv").normalize();
      try (Provider provider = new Provider(Integer.parseInt(args[5]));
          Mimir mimir = new Mimir(Path.of(args[0]), Integer.parseInt(args[1]), provider, 5)) {
        Soak soak = new Soak(mimir, Integer.parseInt(args[3]), Integer.parseInt(args[4]), Integer.parseInt(args[6]));
        System.out.printf("run %d of %d: %s minutes at %s requests/s; samples in %s%n", run, runs, args[3], args[4], samples);
        soak.run(samples);
        failed += soak.wrong ? 1 : 0;
      }
    }
    System.exit(failed == 0 ? 0 : 1);
  }

  private void run(Path file) throws Exception {
    mimir.start();
    long linesBefore = lines();
    SoakCalls calls = new SoakCalls(mimir, times);
    try (Samples samples = new Samples(mimir, file)) {
      long begin = System.nanoTime();
      samples.begin(begin);
      times.begin(begin);
      ask(calls, begin);
      threads.shutdown();
      check(threads.awaitTermination(120, TimeUnit.SECONDS), "calls did not end");
      samples.end();
      times.print();
      samples.print(PARTS, nanos);
      check(samples);
    }
    checkUsage(calls);
    Map<String, Integer> errors = times.errors();
    check(errors.isEmpty(), "errors: " + errors);
    List<String> said = Files.readAllLines(mimir.terminal()).stream().skip(linesBefore).toList();
    check(said.isEmpty(), said.size() + " lines on the terminal, such as " + said.stream().limit(3).toList());
    int code = mimir.stop();
    check(code == 0, "the exit code is " + code);
    System.out.println(wrong ? "does not hold" : "holds");
  }

  /** Each call begins when it is due, however the ones before it fare. */
  private void ask(SoakCalls calls, long begin) {
    for (long n = 0; ; n++) {
      long due = begin + (long) (dueSecond(n) * TimeUnit.SECONDS.toNanos(1));
      if (due - begin >= nanos) {
        return;
      }
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      char kind = MIXTURE.charAt((int) (n % MIXTURE.length()));
      if (inFlight.get() >= MOST_IN_FLIGHT) {
        times.error(MOST_IN_FLIGHT + " calls are in flight: not asked");
        continue;
      }
      inFlight.incrementAndGet();
      long number = n / MIXTURE.length();
      threads.execute(
          () -> {
            try {
              calls.call(kind, number, due);
            } finally {
              inFlight.decrementAndGet();
            }
          });
    }
  }

  private double dueSecond(long n) {
    double rising = rate * RAMP_SECONDS / 2;
    return n < rising ? Math.sqrt(2 * RAMP_SECONDS * n / rate) : RAMP_SECONDS + (n - rising) / rate;
  }

  private void check(Samples samples) {
    for (Samples.Figure figure : List.of(Samples.Figure.RESIDENT_MB, Samples.Figure.THREADS, Samples.Figure.FILES)) {
      double before = samples.mean(figure, PARTS - 2, PARTS, nanos);
      double after = samples.mean(figure, PARTS - 1, PARTS, nanos);
      check(
          after <= before * MOST_GROWTH,
          "%s grew from %.1f to %.1f in the last part".formatted(figure.title(), before, after));
    }
    double most = samples.most(Samples.Figure.RESIDENT_MB);
    check(most <= limitMb, "%.0f MB resident, and %d are told".formatted(most, limitMb));
  }

  private void checkUsage(SoakCalls calls) throws Exception {
    String usage = mimir.usage();
    List<String> differences = new ArrayList<>();
    Map.of(
            "requests", calls.answered(),
            "errors", 0L,
            "input_tokens", calls.answered() * Provider.PROMPT_TOKENS,
            "output_tokens", calls.pieces(),
            "estimated", 0L)
        .forEach(
            (member, expected) -> {
              long told = Mimir.sum(usage, member);
              if (told != expected) {
                differences.add(member + " " + told + " in place of " + expected);
              }
            });
    check(differences.isEmpty(), "usage: " + differences);
  }

  private long lines() throws Exception {
    return Files.readAllLines(mimir.terminal()).size();
  }

  private void check(boolean holds, String what) {
    if (!holds) {
      wrong = true;
      System.out.println("  WRONG: " + what);
    }
  }
}
