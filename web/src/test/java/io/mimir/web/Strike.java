package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Makes writes to the database of a server fail from outside, as a disk does: by a library that is
 * loaded into it, strike.c. A wrapper of JDBC would not imitate what SQLite does to its transaction
 * then.
 */
public final class Strike {

  private static final Path SOURCE = Path.of("src/test/c/strike.c");

  private final Path control;
  private final Path library;

  private Strike(Path control, Path library) {
    this.control = control;
    this.library = library;
  }

  /** Compiles the library into a folder; gcc has to be there. */
  public static Strike in(Path folder) throws IOException, InterruptedException {
    Path library = folder.resolve("strike.so");
    Process gcc =
        new ProcessBuilder(
                "gcc",
                "-shared",
                "-fPIC",
                "-Wall",
                SOURCE.toString(),
                "-o",
                library.toString(),
                "-ldl",
                "-lpthread")
            .redirectErrorStream(true)
            .start();
    String said = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(gcc.waitFor()).as(said).isZero();
    return new Strike(folder.resolve("strike"), library);
  }

  /** What the environment of the server needs. */
  public Map<String, String> settings() {
    return Map.of("MIMIR_STRIKE", control.toString(), "LD_PRELOAD", library.toString());
  }

  /**
   * Has a write, sync or change of length fail.
   *
   * @param n the n-th from now on, once; -1 for all of them
   * @param errno what the system says
   */
  public void arm(int n, int errno) throws IOException {
    Files.writeString(control, n + " " + errno);
  }

  /** Whether it has struck. */
  public boolean hasStruck() throws IOException {
    return Files.readString(control).startsWith("0 ");
  }

  /** Ends it, whether it has struck or not. */
  public void disarm() throws IOException {
    Files.delete(control);
  }
}
