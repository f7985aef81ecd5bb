import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.sqlite.SQLiteErrorCode;

/**
 * Has the database fail while something is written, in a plain JVM around the store: what was
 * answered has to be what is stored, and the next write has to succeed. README.md beside this file
 * says more.
 */
public final class StoreFaults {

  private static final int PAGE = 4096;

  /** After these SQLite may have ended its transaction, and may not have. */
  private static final Set<SQLiteErrorCode> ENDING =
      Set.of(
          SQLiteErrorCode.SQLITE_FULL,
          SQLiteErrorCode.SQLITE_IOERR,
          SQLiteErrorCode.SQLITE_NOMEM,
          SQLiteErrorCode.SQLITE_INTERRUPT);

  /** The primary codes of errors, sqlite3.h. */
  private static final int FIRST_CODE = 1;

  private static final int LAST_CODE = 26;

  private final Path data;
  private final Below below = new Below();
  private final Store store;
  private final Deeds deeds;
  private final Checks checks;
  private final Results results;
  private int names;

  private StoreFaults(Path data, int noteBytes, Results results) throws Exception {
    this.data = data;
    this.results = results;
    store = new Store(below::over);
    deeds = new Deeds(store, noteBytes);
    checks = new Checks(data);
  }

  /** How an error is made, and by what it is known that there was one. */
  interface Fault {
    void begin() throws Exception;

    /** Ends it, and tells whether something failed. */
    boolean end() throws Exception;
  }

  /**
   * {@code wrapper FROM TO | pages MOST | disk MOST BALLAST | strike MOST CONTROL}, after the file
   * of results; the data folder is that of the settings.
   */
  public static void main(String[] arguments) throws Exception {
    Path data = Path.of(System.getenv("MIMIR_DATA_DIR"));
    Results results = new Results(Path.of(arguments[0]));
    String part = arguments[1];
    StoreFaults faults = new StoreFaults(data, part.equals("wrapper") ? 100 : 9_000, results);
    int number = Integer.parseInt(arguments[2]);
    switch (part) {
      case "make" -> faults.store.close();
      case "wrapper" -> faults.wrapper(number, Integer.parseInt(arguments[3]));
      case "pages" -> faults.pages(number);
      case "disk" -> faults.disk(number, Path.of(arguments[3]));
      case "strike" -> faults.strike(number, Path.of(arguments[3]));
      default -> throw new IllegalArgumentException(part);
    }
    for (String wrong : faults.checks.faults()) {
      results.wrong("after " + part + ": " + wrong);
    }
    results.write();
    // Threads of the store are not waited for.
    System.exit(0);
  }

  /** Each code at each step of each deed, in an order that is the same each time. */
  private void wrapper(int from, int to) throws Exception {
    record Case(Deeds.Kind kind, int step, SQLiteErrorCode code, boolean rollsBack) {}
    Map<Deeds.Kind, Integer> steps = new EnumMap<>(Deeds.Kind.class);
    for (Deeds.Kind kind : Deeds.Kind.values()) {
      deeds.prepare(kind, name()).run();
      Runnable deed = deeds.prepare(kind, name());
      below.failAt(0, null, false);
      deed.run();
      steps.put(kind, below.steps());
      below.end();
    }
    List<Case> cases = new ArrayList<>();
    steps.forEach(
        (kind, many) -> {
          for (int step = 1; step <= many; step++) {
            for (int number = FIRST_CODE; number <= LAST_CODE; number++) {
              SQLiteErrorCode code = SQLiteErrorCode.getErrorCode(number);
              cases.add(new Case(kind, step, code, false));
              if (ENDING.contains(code)) {
                cases.add(new Case(kind, step, code, true));
              }
            }
          }
        });
    Collections.shuffle(cases, new Random(17));
    for (Case each : cases.subList(from, Math.min(to, cases.size()))) {
      attempt(
          each.code().name() + " by a wrapper of JDBC",
          each.kind(),
          new Fault() {
            @Override
            public void begin() {
              below.failAt(each.step(), each.code(), each.rollsBack());
            }

            @Override
            public boolean end() {
              return !below.end().isEmpty();
            }
          });
    }
    System.out.printf("  %,d cases of %,d: %s%n", to - from, cases.size(), steps);
  }

  /** SQLite's own error, when the file may not grow. */
  private void pages(int most) throws Exception {
    int struck = 0;
    for (int round = 0; struck < most && round < 40; round++) {
      for (Deeds.Kind kind : Deeds.Kind.values()) {
        int more = round % 10;
        struck +=
            attempt(
                "SQLITE_FULL by max_page_count",
                kind,
                new Fault() {
                  @Override
                  public void begin() {
                    below.leave(more);
                  }

                  @Override
                  public boolean end() {
                    return below.end().containsKey("SQLITE_FULL");
                  }
                });
        if (struck == most) {
          return;
        }
      }
    }
  }

  /** A file system with few blocks left. */
  private void disk(int most, Path ballast) throws Exception {
    int struck = 0;
    for (int round = 0; struck < most && round < 40; round++) {
      for (Deeds.Kind kind : Deeds.Kind.values()) {
        int blocks = round % 12;
        struck +=
            attempt(
                "SQLITE_FULL by a full file system",
                kind,
                new Fault() {
                  @Override
                  public void begin() throws Exception {
                    checks.shrinkLog();
                    fill(ballast, blocks);
                    below.end();
                  }

                  @Override
                  public boolean end() throws IOException {
                    Files.delete(ballast);
                    return !below.end().isEmpty();
                  }
                });
        if (struck == most) {
          return;
        }
      }
    }
  }

  /** Takes all that is left of a file system, but for some blocks. */
  static void fill(Path ballast, int leaveBlocks) throws IOException {
    byte[] block = new byte[PAGE];
    try (OutputStream out = Files.newOutputStream(ballast)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      // It is full: that was wanted.
      try (FileChannel channel = FileChannel.open(ballast, StandardOpenOption.WRITE)) {
        channel.truncate(Math.max(0, channel.size() - (long) leaveBlocks * PAGE));
      }
    }
  }

  /** The system's own error, at each write and sync of a deed in turn. */
  private void strike(int most, Path control) throws Exception {
    for (Map.Entry<Integer, String> error : List.of(Map.entry(5, "EIO"), Map.entry(28, "ENOSPC"))) {
      int struck = 0;
      for (Deeds.Kind kind : Deeds.Kind.values()) {
        int hit = 1;
        for (int n = 1; hit == 1 && struck < most / 2; n++) {
          int call = n;
          hit =
              attempt(
                  error.getValue() + " of write, sync or truncate",
                  kind,
                  new Fault() {
                    @Override
                    public void begin() throws IOException {
                      Files.writeString(control, call + " " + error.getKey());
                    }

                    @Override
                    public boolean end() throws IOException {
                      boolean was = Files.readString(control).startsWith("0 ");
                      Files.delete(control);
                      below.end();
                      return was;
                    }
                  });
          struck += hit;
        }
      }
    }
  }

  private String name() {
    return "n%07d".formatted(++names);
  }

  /** Returns 1 when something failed, 0 when it was spared. */
  private int attempt(String fault, Deeds.Kind kind, Fault how) throws Exception {
    String name = name();
    Runnable deed = deeds.prepare(kind, name);
    Map<String, String> before = checks.snapshot();
    RuntimeException failure = null;
    how.begin();
    boolean struck;
    try {
      deed.run();
    } catch (RuntimeException e) {
      failure = e;
    } finally {
      struck = how.end();
    }
    String what = "%s, %s".formatted(fault, kind);
    if (!struck) {
      if (failure != null) {
        throw new IllegalStateException(what + " failed without a fault", failure);
      }
      return 0;
    }
    boolean agreed = checks.agrees(results, what, kind, name, before, failure == null);
    results.count(fault, "plain JVM", agreed, recovers(what, kind, failure));
    results.write();
    return 1;
  }

  private boolean recovers(String what, Deeds.Kind kind, RuntimeException failure)
      throws SQLException {
    String next = name();
    try {
      deeds.prepare(kind, next).run();
      boolean stored =
          kind.done(checks.connection(), next) == 1 && kind.told(checks.connection(), next) == 1;
      if (!stored) {
        results.wrong("after " + what + " the next one was answered as done and is not stored");
      }
      return stored;
    } catch (RuntimeException e) {
      e.addSuppressed(failure);
      e.printStackTrace();
      results.wrong("after " + what + " the next one failed: " + e);
      return false;
    }
  }
}
