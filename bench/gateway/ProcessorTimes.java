import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Processor times between two moments, in milliseconds. */
final class ProcessorTimes {

  private final LoadOptions options;
  long watched;
  long server;
  long beside;
  long cores;

  ProcessorTimes(LoadOptions options) {
    this.options = options;
  }

  void begin() throws IOException {
    add(-1);
  }

  void end() throws IOException {
    add(1);
  }

  private void add(int sign) throws IOException {
    watched += sign * System.nanoTime() / 1_000_000;
    server += sign * timeOf(options.server);
    beside += sign * timeOf(options.beside);
    for (String line : Files.readAllLines(Path.of("/proc/stat"))) {
      String[] words = line.split(" +");
      if (words[0].startsWith("cpu")
          && options.cores.contains(words[0].substring(3))
          && words[0].length() > 3) {
        // user, nice, system, irq, softirq, steal
        for (int i : new int[] {1, 2, 3, 6, 7, 8}) {
          cores += sign * 10 * Long.parseLong(words[i]);
        }
      }
    }
  }

  private static long timeOf(List<String> pids) throws IOException {
    long sum = 0;
    for (String pid : pids) {
      Path file = Path.of("/proc", pid, "stat");
      if (!pid.isEmpty() && Files.exists(file)) {
        String stat = Files.readString(file);
        String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        sum += 10 * (Long.parseLong(words[11]) + Long.parseLong(words[12]));
      }
    }
    return sum;
  }
}
