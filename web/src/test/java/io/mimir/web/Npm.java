package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Packages of npm that tests run. What npm installs stays below {@code target}. */
public final class Npm {

  private static final Duration LONGEST_INSTALL = Duration.ofMinutes(3);

  private Npm() {}

  /**
   * Installs what a lock file names, unless that is done already; the test is skipped, saying why,
   * where that cannot be done here.
   *
   * @param sources a folder with package.json, its lock file and what else is to be there
   * @param folder where it is installed
   */
  public static void install(Path sources, Path folder) throws IOException, InterruptedException {
    assumeTrue(
        succeeds("command -v npm")
            && succeeds("node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'"),
        "Node.js 20 or npm is not installed");
    Files.createDirectories(folder);
    Path lock = folder.resolve("package-lock.json");
    Path done = folder.resolve("installed-lock.json");
    try (Stream<Path> files = Files.list(sources)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, folder.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    if (Files.exists(done) && Files.mismatch(lock, done) < 0) {
      return;
    }
    Files.deleteIfExists(done);
    Path log = folder.resolve("npm.log");
    Process npm =
        new ProcessBuilder(
                "npm",
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--prefer-offline",
                "--fetch-retries=1",
                "--fetch-retry-mintimeout=1000",
                "--fetch-retry-maxtimeout=2000")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    boolean hasEnded = npm.waitFor(LONGEST_INSTALL.toSeconds(), TimeUnit.SECONDS);
    if (!hasEnded) {
      npm.descendants().forEach(ProcessHandle::destroyForcibly);
      npm.destroyForcibly();
    }
    if (!hasEnded || npm.exitValue() != 0) {
      String said = Files.readString(log);
      // A lock file that does not fit is a fault of these sources, and no reason to skip.
      assertThat(said).doesNotContain("EUSAGE", "EINTEGRITY");
      abort("npm ci could not install what the test needs, see web/" + log);
    }
    Files.copy(lock, done);
  }

  private static boolean succeeds(String command) throws IOException, InterruptedException {
    return new ProcessBuilder("bash", "-c", command).start().waitFor() == 0;
  }
}
