package io.mimir.web;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Mimir as an operator runs it: started by the {@code mimir} command, with a data folder of its own
 * and settings by environment only. {@link #shared()} is there for every test that can live with
 * others on one server; it is started once in a test JVM.
 */
public final class MimirServer implements AutoCloseable {

  public static final String ADMIN = "admin";
  public static final String PASSWORD = "an admin for tests only";

  private static final Duration START = Duration.ofMinutes(4);
  private static final Duration STOP = Duration.ofSeconds(30);

  private static MimirServer shared;

  private final int port;
  private final Path home;
  private final Path dataDir;
  private final Path terminal;
  private final Process launcher;

  private MimirServer(int port, Path home, Path dataDir, Map<String, String> settings)
      throws IOException {
    this.port = port;
    this.home = home;
    this.dataDir = dataDir;
    this.terminal = home.resolve("terminal.txt");
    ProcessBuilder command = new ProcessBuilder(launcher().toString(), "run", "--no-build");
    command.environment().keySet().removeIf(name -> name.startsWith("MIMIR_"));
    command.environment().putAll(settings);
    command.redirectErrorStream(true).redirectOutput(terminal.toFile());
    command.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    this.launcher = command.start();
  }

  /** The one server of this test JVM, with an administrator ({@link #ADMIN}, {@link #PASSWORD}). */
  public static synchronized MimirServer shared() {
    if (shared == null) {
      shared = start(Map.of("MIMIR_ADMIN_USER", ADMIN, "MIMIR_ADMIN_PASSWORD", PASSWORD));
      Runtime.getRuntime().addShutdownHook(new Thread(shared::close, "stop-mimir"));
    }
    return shared;
  }

  /**
   * A server of the test's own, ready. The caller closes it.
   *
   * @param settings MIMIR_* names and values; the dev profile, a free port, a fresh data folder and
   *     a stop without waiting unless they say otherwise
   */
  public static MimirServer start(Map<String, String> settings) {
    MimirServer server = launch(settings);
    server.awaitReady();
    return server;
  }

  /**
   * Like {@link #start}, without waiting: for a start that is to fail. {@link #awaitExit()} tells
   * how it ended and {@link #terminal()} what it said.
   */
  public static MimirServer launch(Map<String, String> settings) {
    try {
      Path home = Files.createTempDirectory("mimir-it-");
      Map<String, String> all = new TreeMap<>();
      all.put("MIMIR_PROFILE", "dev");
      all.put("MIMIR_PORT", Integer.toString(freePort()));
      all.put("MIMIR_DATA_DIR", home.resolve("data").toString());
      // A test that is over waits for nobody.
      all.put("MIMIR_DRAIN_SECONDS", "0");
      all.putAll(settings);
      int port = Integer.parseInt(all.get("MIMIR_PORT"));
      return new MimirServer(port, home, Path.of(all.get("MIMIR_DATA_DIR")), all);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A port that nobody listens on at this moment. */
  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The {@code mimir} command of this source tree. */
  public static Path launcher() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isExecutable(folder.resolve("mimir"))) {
      folder = folder.getParent();
    }
    if (folder == null) {
      throw new IllegalStateException("There is no mimir command above the working directory");
    }
    return folder.resolve("mimir");
  }

  /** Where it listens, with a slash at its end. */
  public URI uri() {
    return URI.create("http://localhost:" + port + "/");
  }

  /** An address below {@link #uri()}; the path may begin with a slash. */
  public URI uri(String path) {
    return uri().resolve(path.startsWith("/") ? path.substring(1) : path);
  }

  public int port() {
    return port;
  }

  public Path dataDir() {
    return dataDir;
  }

  /** The log of the server, JSON lines; it is there once the data folder is open. */
  public Path logFile() {
    return dataDir.resolve("logs").resolve("mimir.log");
  }

  /** Everything that the command has shown so far. */
  public String terminal() {
    try {
      return Files.readString(terminal, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitReady() {
    awaitTerminal("Mimir is ready: ");
  }

  /** Waits until the command has shown this text. */
  public void awaitTerminal(String text) {
    long end = System.nanoTime() + START.toNanos();
    while (!terminal().contains(text)) {
      if (!launcher.isAlive() || System.nanoTime() > end) {
        String said = terminal();
        close();
        throw new IllegalStateException("Mimir did not say " + text + ":\n" + said);
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The exit code of the command, once it has ended by itself. */
  public int awaitExit() {
    return await(START);
  }

  /** Stops it as TERM does, and gives the exit code; the data folder stays until close. */
  public int stop() {
    launcher.destroy();
    return await(STOP);
  }

  /** Ends the server itself like a power cut, without a word to it; the launcher then ends too. */
  public void kill() {
    serverProcesses().forEach(ProcessHandle::destroyForcibly);
    await(STOP);
  }

  /** The Java process below the launcher. */
  public List<ProcessHandle> serverProcesses() {
    return launcher
        .descendants()
        .filter(process -> process.info().command().orElse("").endsWith("java"))
        .toList();
  }

  private int await(Duration limit) {
    try {
      if (!launcher.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        List<ProcessHandle> all = new ArrayList<>(launcher.descendants().toList());
        all.add(launcher.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
        throw new IllegalStateException("Mimir did not end in " + limit + ":\n" + terminal());
      }
      return launcher.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Stops it if it still runs, and removes its folder. */
  @Override
  public void close() {
    if (launcher.isAlive()) {
      stop();
    }
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
