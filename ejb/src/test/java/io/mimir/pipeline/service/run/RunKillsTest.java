package io.mimir.pipeline.service.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.mimir.pipeline.RunStatus;
import io.mimir.storage.service.TestStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Processes that work on runs, killed at random moments: nothing is lost and nothing bought twice.
 */
class RunKillsTest {

  /** More of them by {@code -Dmimir.kills=500}. */
  private static final int KILLS = Integer.getInteger("mimir.kills", 8);

  private static final int NEW_EACH_TIME = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final TestStore store = TestStore.fresh();
  private final RunStore runs = new RunStore(store.connections());
  private final RunReader reader = new RunReader(store.connections());
  private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<String> boughtTwice = new ConcurrentLinkedQueue<>();
  private Path folder;
  private HttpServer provider;

  @BeforeEach
  void open() throws IOException {
    folder = Files.createTempDirectory("mimir-kills");
    provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    provider.setExecutor(Executors.newCachedThreadPool());
    provider.createContext("/", this::answer);
    provider.start();
  }

  @AfterEach
  void close() {
    provider.stop(0);
    store.close();
  }

  /** Answers after a little while, and looks whether the journal has the answer already. */
  private void answer(HttpExchange exchange) throws IOException {
    String[] path = exchange.getRequestURI().getPath().split("/");
    boolean known =
        reader.events(path[1], 0, Integer.MAX_VALUE).stream()
            .anyMatch(
                event -> event.kind() == RunEvent.Kind.ANSWERED && path[2].equals(event.path()));
    if (known) {
      boughtTwice.add(path[1] + " " + path[2]);
    }
    asked.computeIfAbsent(path[1] + " " + path[2], any -> new AtomicInteger()).incrementAndGet();
    Pauses.sleep(Duration.ofMillis(20));
    byte[] body = "fine".getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private Process begin(int newRuns) {
    try {
      return new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xmx128m",
              "-XX:TieredStopAtLevel=1",
              "-cp",
              System.getProperty("java.class.path"),
              RunKillsChild.class.getName(),
              store.file().toString(),
              folder.toString(),
              "http://127.0.0.1:" + provider.getAddress().getPort() + "/",
              Integer.toString(newRuns))
          .redirectErrorStream(true)
          .redirectOutput(folder.resolve("child.log").toFile())
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void everyRunEndsAsItShouldAndNoAnswerIsBoughtTwice() throws InterruptedException {
    Random random = new Random();
    for (int i = 0; i < KILLS; i++) {
      Process child = begin(NEW_EACH_TIME);
      Pauses.sleep(Duration.ofMillis(700 + random.nextInt(1_500)));
      child.destroyForcibly().waitFor();
    }
    Process last = begin(NEW_EACH_TIME);
    try {
      awaitAll();
    } finally {
      last.destroyForcibly().waitFor();
    }
    List<RunStore.Row> all = runs.list(new RunStore.Filter(null, null, null, null), 100_000);
    assertThat(all).isNotEmpty();
    int answers = 0;
    for (RunStore.Row row : all) {
      assertThat(row.facts().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(row.output().inline()).isEqualTo(RunKillsChild.expected());
      List<RunEvent> events = reader.events(row.facts().id(), 0, Integer.MAX_VALUE);
      assertThat(events.get(events.size() - 1).seq()).isEqualTo(events.size());
      answers += (int) events.stream().filter(one -> one.kind() == RunEvent.Kind.ANSWERED).count();
      assertThat(row.inputTokens()).isEqualTo(6);
    }
    assertThat(answers).isEqualTo(6 * all.size());
    assertThat(boughtTwice).isEmpty();
    int questions = asked.values().stream().mapToInt(AtomicInteger::get).sum();
    System.Logger log = System.getLogger(RunKillsTest.class.getName());
    log.log(
        System.Logger.Level.INFO,
        "{0} kills, {1} runs, {2} answers; {3} were sent and not committed",
        KILLS,
        all.size(),
        answers,
        questions - answers);
  }

  private void awaitAll() {
    long end = System.nanoTime() + PATIENCE.toNanos();
    Pauses.sleep(Duration.ofSeconds(2));
    while (!runs.unfinished().isEmpty()) {
      assertThat(System.nanoTime())
          .as("runs that do not end: %s", runs.unfinished())
          .isLessThan(end);
      Pauses.sleep(Duration.ofMillis(200));
    }
  }
}
