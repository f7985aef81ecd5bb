import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the server takes of the machine, every five seconds, as the kernel tells it. */
final class Samples implements AutoCloseable {

  /** What is sampled; bytes in MiB. */
  enum Figure {
    RESIDENT_MB("MB resident"),
    ANONYMOUS_MB("of them no file's"),
    THREADS("threads"),
    FILES("open files"),
    DATA_MB("MB in the data folder"),
    WAL_MB("of them write-ahead log"),
    LOG_MB("of them logs"),
    LOAD("load of the machine");

    private final String title;

    Figure(String title) {
      this.title = title;
    }

    String title() {
      return title;
    }
  }

  private static final int EVERY_SECONDS = 5;

  private record Sample(long nanos, Map<Figure, Double> figures) {}

  private final Path process;
  private final Path data;
  private final PrintWriter file;
  private final List<Sample> samples = new ArrayList<>();
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private long begin;

  Samples(Mimir mimir, Path file) throws IOException {
    process = Path.of("/proc", String.valueOf(mimir.server().pid()));
    data = mimir.data();
    this.file = new PrintWriter(Files.newBufferedWriter(file), true);
    this.file.print("seconds");
    for (Figure figure : Figure.values()) {
      this.file.print("\t" + figure.title());
    }
    this.file.println();
  }

  void begin(long nanoTime) {
    begin = nanoTime;
    clock.scheduleAtFixedRate(this::take, EVERY_SECONDS, EVERY_SECONDS, TimeUnit.SECONDS);
  }

  void end() throws InterruptedException {
    clock.shutdown();
    clock.awaitTermination(EVERY_SECONDS, TimeUnit.SECONDS);
  }

  private void take() {
    try {
      Map<Figure, Double> figures = new EnumMap<>(Figure.class);
      String status = Files.readString(process.resolve("status"));
      figures.put(Figure.RESIDENT_MB, number(status, "VmRSS") / 1024);
      figures.put(Figure.ANONYMOUS_MB, number(status, "RssAnon") / 1024);
      figures.put(Figure.THREADS, number(status, "Threads"));
      try (Stream<Path> open = Files.list(process.resolve("fd"))) {
        figures.put(Figure.FILES, (double) open.count());
      }
      figures.put(Figure.DATA_MB, megabytes(""));
      figures.put(Figure.WAL_MB, megabytes("-wal"));
      figures.put(Figure.LOG_MB, megabytes(".log"));
      figures.put(Figure.LOAD, Double.parseDouble(Files.readString(Path.of("/proc/loadavg")).split(" ")[0]));
      Sample sample = new Sample(System.nanoTime() - begin, figures);
      synchronized (samples) {
        samples.add(sample);
      }
      file.print(TimeUnit.NANOSECONDS.toSeconds(sample.nanos()));
      figures.values().forEach(value -> file.printf("\t%.2f", value));
      file.println();
    } catch (IOException e) {
      System.out.println("  no sample: " + e);
    }
  }

  private static double number(String status, String name) {
    Matcher line = Pattern.compile("(?m)^" + name + ":\\s*([0-9]+)").matcher(status);
    return line.find() ? Double.parseDouble(line.group(1)) : 0;
  }

  /** Of the files whose names have this in them; one that goes meanwhile has none. */
  private double megabytes(String part) throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      return files
              .filter(path -> path.getFileName().toString().contains(part) && Files.isRegularFile(path))
              .mapToLong(path -> path.toFile().length())
              .sum()
          / 1024.0
          / 1024.0;
    }
  }

  /** Of one of so many parts of a run; 0 where nothing was sampled in it. */
  double mean(Figure figure, int part, int parts, long nanos) {
    synchronized (samples) {
      return samples.stream()
          .filter(sample -> sample.nanos() < nanos && sample.nanos() * parts / nanos == part)
          .mapToDouble(sample -> sample.figures().get(figure))
          .average()
          .orElse(0);
    }
  }

  double most(Figure figure) {
    synchronized (samples) {
      return samples.stream().mapToDouble(sample -> sample.figures().get(figure)).max().orElse(0);
    }
  }

  void print(int parts, long nanos) {
    System.out.printf("  %-26s %s%9s%n", "mean of each part", "         ".repeat(parts), "most");
    for (Figure figure : Figure.values()) {
      System.out.printf("    %-24s", figure.title());
      for (int part = 0; part < parts; part++) {
        System.out.printf("%9.1f", mean(figure, part, parts, nanos));
      }
      System.out.printf("%9.1f%n", most(figure));
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
    file.close();
  }
}
