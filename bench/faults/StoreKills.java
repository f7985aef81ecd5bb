import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Kills a plain JVM that writes with the store, again and again on the same data: what it was told
 * to be done has to be there, whole, and nothing half. README.md beside this file says more.
 */
public final class StoreKills {

  private static final String FAULT = "KILL under mixed writes";
  private static final String WHERE = "plain JVM";
  private static final int WRITERS = 4;

  /** What is written with each text. */
  private static final int NOTE_BYTES = 2_000;

  private final Path data = Path.of(System.getenv("MIMIR_DATA_DIR"));
  private final Results results;
  private final Random random = new Random(17);

  /** What was answered as done, in all rounds: kind by name. */
  private final Map<String, Deeds.Kind> done = new HashMap<>();

  private StoreKills(Results results) {
    this.results = results;
  }

  /** {@code RESULTS KILLS}, or {@code write ROUND} for the process that is killed. */
  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("write")) {
      write(arguments[1]);
      return;
    }
    Results results = new Results(Path.of(arguments[0]));
    StoreKills kills = new StoreKills(results);
    int rounds = Integer.parseInt(arguments[1]);
    boolean agreed = kills.round(1);
    for (int round = 1; round <= rounds; round++) {
      // Each starts with what the one before left, and one more is started than is counted.
      boolean next = kills.round(round + 1);
      results.count(FAULT, WHERE, agreed, true);
      results.write();
      agreed = next;
      if (round % 30 == 0) {
        System.out.printf("  %d kills, %,d deeds were done%n", round, kills.done.size());
      }
    }
    kills.checkAll();
    results.write();
  }

  // --- The process that is killed -------------------------------------------------------------------

  private static void write(String round) throws Exception {
    Store store = new Store(database -> database);
    Deeds deeds = new Deeds(store, NOTE_BYTES);
    for (int i = 0; i < WRITERS; i++) {
      String writer = "r" + round + "w" + i;
      new Thread(() -> writeOn(deeds, writer)).start();
    }
  }

  private static void writeOn(Deeds deeds, String writer) {
    Random random = new Random(writer.hashCode());
    Deeds.Kind[] kinds = Deeds.Kind.values();
    for (int i = 0; ; i++) {
      Deeds.Kind kind = kinds[random.nextInt(kinds.length)];
      String name = "%sn%06d".formatted(writer, i);
      String end = "unprepared ";
      try {
        Runnable deed = deeds.prepare(kind, name);
        end = "failed ";
        say("asked " + kind + " " + name);
        deed.run();
        end = "done ";
      } catch (RuntimeException e) {
        // On a busy machine others may have the lock for longer than anybody waits.
        System.err.println("  " + end + name + ": " + String.valueOf(e.getMessage()).lines().toList());
      }
      say(end + kind + " " + name);
    }
  }

  /** One line at a time, handed to the system before anything else happens. */
  private static synchronized void say(String line) {
    System.out.write((line + '\n').getBytes(StandardCharsets.UTF_8), 0, line.length() + 1);
    System.out.flush();
  }

  // --- The process that kills -----------------------------------------------------------------------

  /** Starts one and kills it; returns whether what it left is what it has answered. */
  private boolean round(int round) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(System.getProperty("mimir.bench.flags").split(" ")));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("StoreKills", "write", String.valueOf(round)));
    Process writer =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    Map<String, Deeds.Kind> asked = new HashMap<>();
    Map<String, Deeds.Kind> answered = new HashMap<>();
    Map<String, Deeds.Kind> failed = new HashMap<>();
    int until = 1 + random.nextInt(40);
    boolean killed = false;
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ");
        switch (words[0]) {
          case "asked" -> asked.put(words[2], Deeds.Kind.valueOf(words[1]));
          case "done" -> {
            asked.remove(words[2]);
            answered.put(words[2], Deeds.Kind.valueOf(words[1]));
          }
          case "failed" -> {
            asked.remove(words[2]);
            failed.put(words[2], Deeds.Kind.valueOf(words[1]));
          }
          default -> {
            // What was to be deleted or changed could not be made: nothing was asked for.
          }
        }
        if (!killed && answered.size() >= until) {
          killed = true;
          TimeUnit.MICROSECONDS.sleep(random.nextInt(20_000));
          // Unlike the process itself, its handle leaves what it has said to be read.
          writer.toHandle().destroyForcibly();
        }
      }
    }
    int code = writer.waitFor();
    if (code != 128 + 9) {
      throw new IllegalStateException("It ended by itself, with " + code);
    }
    done.putAll(answered);
    return look(round, asked, answered, failed);
  }

  private boolean look(
      int round,
      Map<String, Deeds.Kind> asked,
      Map<String, Deeds.Kind> answered,
      Map<String, Deeds.Kind> failed)
      throws SQLException, IOException {
    boolean agreed = true;
    try (Checks checks = new Checks(data)) {
      for (Map.Entry<String, Deeds.Kind> deed : answered.entrySet()) {
        agreed &= isDone(checks, round, deed.getKey(), deed.getValue());
      }
      for (Map.Entry<String, Deeds.Kind> deed : failed.entrySet()) {
        if (deed.getValue().done(checks.connection(), deed.getKey()) != 0
            || deed.getValue().told(checks.connection(), deed.getKey()) != 0) {
          agreed = wrong(round, deed + " was answered as failed, and is stored");
        }
      }
      for (Map.Entry<String, Deeds.Kind> deed : asked.entrySet()) {
        long stored = deed.getValue().done(checks.connection(), deed.getKey());
        long told = deed.getValue().told(checks.connection(), deed.getKey());
        if (stored != told || stored < 0 || stored > 1) {
          agreed =
              wrong(
                  round,
                  "%s %s was on its way: done %d, in the audit log %d"
                      .formatted(deed.getValue(), deed.getKey(), stored, told));
        }
      }
      for (String fault : checks.faults()) {
        agreed = wrong(round, fault);
      }
    }
    return agreed;
  }

  private boolean isDone(Checks checks, int round, String name, Deeds.Kind kind)
      throws SQLException {
    long stored = kind.done(checks.connection(), name);
    long told = kind.told(checks.connection(), name);
    return stored == 1 && told == 1
        || wrong(
            round,
            "%s %s was answered as done: done %d, in the audit log %d"
                .formatted(kind, name, stored, told));
  }

  /** No later kill takes away what an earlier one left. */
  private void checkAll() throws SQLException {
    try (Checks checks = new Checks(data)) {
      for (Map.Entry<String, Deeds.Kind> deed : done.entrySet()) {
        isDone(checks, 0, deed.getKey(), deed.getValue());
      }
    }
    System.out.printf("  %,d deeds were answered as done and looked at again at the end%n", done.size());
  }

  private boolean wrong(int round, String what) {
    results.wrong("kill " + round + ": " + what);
    return false;
  }
}
