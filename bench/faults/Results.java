import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts faults, and adds the counts to a file from which {@code bench/faults/storage} makes its table. */
final class Results {

  private final Path file;
  private final Map<String, long[]> counts = new TreeMap<>();
  private final List<String> wrong = new ArrayList<>();

  Results(Path file) {
    this.file = file;
  }

  synchronized void count(String fault, String where, boolean agreed, boolean recovered) {
    long[] row = counts.computeIfAbsent(fault + '\t' + where, key -> new long[3]);
    row[0]++;
    row[1] += agreed ? 1 : 0;
    row[2] += recovered ? 1 : 0;
  }

  synchronized void wrong(String what) {
    wrong.add(what);
    System.out.println("  WRONG: " + what);
  }

  /**
   * Adds what was counted since the last time to the file: one line for each kind of fault, with
   * fault, where, how many, agreed and recovered; and one for each WRONG.
   */
  synchronized void write() throws IOException {
    List<String> lines = new ArrayList<>();
    counts.forEach(
        (key, row) -> lines.add("%s\t%d\t%d\t%d".formatted(key, row[0], row[1], row[2])));
    wrong.forEach(what -> lines.add("WRONG\t" + what.replaceAll("\\s+", " ")));
    Files.write(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    counts.clear();
    wrong.clear();
  }
}
