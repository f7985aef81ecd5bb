import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * TERM under running streams, again and again: which of them end as they should, what new calls get
 * meanwhile, and whether the usage of all is written. README.md beside this file says more.
 */
public final class Drain {

  private static final Pattern REQUESTS = Pattern.compile("\"requests\":([0-9]+)");
  private static final Pattern TOKEN = Pattern.compile("\"token\":\"([^\"]+)\"");
  private static final String PASSWORD = "correct horse battery staple";
  private static final int PACE_MS = 100;
  private static final int NOTICE_MS = 5_000;

  private final Path mimir;
  private final int port;
  private final int streams;
  private final int drainSeconds;
  private final boolean over;
  private final Path data;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final HttpServer provider;
  private String token;
  private boolean wrong;

  private Drain(Path mimir, int port, int streams, int drainSeconds, boolean over)
      throws IOException {
    this.mimir = mimir;
    this.port = port;
    this.streams = streams;
    this.drainSeconds = drainSeconds;
    this.over = over;
    data = Files.createTempDirectory("mimir-drain.");
    provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
    provider.createContext("/v1/chat/completions", this::answer);
    provider.setExecutor(threads);
    provider.start();
  }

  /** MIMIR PORT ROUNDS STREAMS DRAIN_SECONDS within|over. */
  public static void main(String[] args) throws Exception {
    boolean over = args[5].equals("over");
    Drain drain =
        new Drain(
            Path.of(args[0]),
            Integer.parseInt(args[1]),
            Integer.parseInt(args[3]),
            Integer.parseInt(args[4]),
            over);
    int rounds = Integer.parseInt(args[2]);
    long before = 0;
    for (int round = 1; round <= rounds; round++) {
      before = drain.round(round, before);
    }
    Process last = drain.start();
    drain.checkUsage(before);
    last.destroy();
    last.waitFor();
    drain.provider.stop(0);
    drain.threads.shutdownNow();
    System.exit(drain.wrong ? 1 : 0);
  }

  /** A stream of as many pieces as the question says. */
  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      Matcher wanted = Pattern.compile("pieces ([0-9]+)").matcher(body);
      int pieces = wanted.find() ? Integer.parseInt(wanted.group(1)) : 1;
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      OutputStream out = exchange.getResponseBody();
      for (int i = 0; i < pieces; i++) {
        event(out, "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \"},\"finish_reason\":null}]}");
        Thread.sleep(PACE_MS);
      }
      event(out, "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}");
      event(out, "[DONE]");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void event(OutputStream out, String data) throws IOException {
    out.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private Process start() throws Exception {
    ProcessBuilder command = new ProcessBuilder(mimir.toString(), "run", "--no-build");
    command
        .environment()
        .putAll(
            Map.of(
                "MIMIR_PORT", String.valueOf(port),
                "MIMIR_DATA_DIR", data.resolve("data").toString(),
                "MIMIR_ADMIN_USER", "admin",
                "MIMIR_ADMIN_PASSWORD", PASSWORD,
                "MIMIR_ENDPOINT_ALLOWLIST", "127.0.0.1",
                "MIMIR_DRAIN_SECONDS", String.valueOf(drainSeconds)));
    command.redirectErrorStream(true).redirectOutput(data.resolve("terminal").toFile());
    Process launcher = command.start();
    while (status("/health/ready") != 200) {
      if (!launcher.isAlive()) {
        throw new IllegalStateException(Files.readString(data.resolve("terminal")));
      }
      Thread.sleep(50);
    }
    if (token == null) {
      ask("/api/v1/settings/api-keys", "{\"provider\":\"custom\",\"name\":\"k\",\"key_value\":\"sk-drain-0123456789\",\"endpoint_url\":\"http://127.0.0.1:%d/v1\",\"metadata\":{\"available_models\":[\"m\"]}}".formatted(provider.getAddress().getPort()));
      Matcher made = TOKEN.matcher(ask("/api/v1/settings/tokens", "{\"name\":\"t\",\"scopes\":[\"gateway\"]}"));
      if (!made.find()) {
        throw new IllegalStateException("There is no token");
      }
      token = made.group(1);
    }
    return launcher;
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
  }

  private String ask(String path, String body) throws Exception {
    String pair = Base64.getEncoder().encodeToString(("admin:" + PASSWORD).getBytes(StandardCharsets.UTF_8));
    HttpRequest.Builder request = request(path).header("Authorization", "Basic " + pair);
    if (body != null) {
      request.header("Content-Type", "application/json").POST(BodyPublishers.ofString(body));
    }
    return http.send(request.build(), BodyHandlers.ofString()).body();
  }

  private int status(String path) {
    try {
      return http.send(request(path).build(), BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  private HttpRequest question(int pieces) {
    return request("/v1/chat/completions")
        .header("Authorization", "Bearer " + token)
        .header("Content-Type", "application/json")
        .POST(
            BodyPublishers.ofString(
                "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"pieces %d\"}]}"
                    .formatted(pieces)))
        .build();
  }

  private long round(int round, long before) throws Exception {
    Process launcher = start();
    checkUsage(before);
    Map<String, Integer> ends = new ConcurrentSkipListMap<>();
    CountDownLatch begun = new CountDownLatch(streams);
    CountDownLatch ended = new CountDownLatch(streams);
    int longest = NOTICE_MS + drainSeconds * 1_000 - 1_500;
    for (int i = 0; i < streams; i++) {
      // Within: they end at any time of the drain. Over: all of them would take longer.
      int millis = over ? longest * 3 : 1_000 + (longest - 1_000) * i / streams;
      threads.execute(
          () -> {
            String end = stream(millis / PACE_MS, begun);
            ends.merge(end, 1, Integer::sum);
            ended.countDown();
          });
    }
    if (!begun.await(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("Not all streams began");
    }
    long asked = System.nanoTime();
    launcher.destroy();
    Map<String, Integer> others = new TreeMap<>();
    long good = watch(launcher, asked, others);
    ended.await(10, TimeUnit.SECONDS);
    int code = launcher.waitFor();
    long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - asked);
    System.out.printf(
        "round %d: %d streams ended %s; meanwhile %s; exit %d after %,d ms%n",
        round, streams, ends, others, code, took);
    check(code == 0, "the exit code is " + code);
    String right = over ? "error event" : "[DONE]";
    check(ends.equals(Map.of(right, streams)), "streams ended otherwise than by " + right);
    return before + streams + good;
  }

  /** Asks all the time, and counts what it gets. */
  private long watch(Process launcher, long asked, Map<String, Integer> others) throws Exception {
    long good = 0;
    while (launcher.isAlive()) {
      boolean early = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - asked) < NOTICE_MS - 500;
      String ready = "ready " + status("/health/ready");
      String call;
      try {
        HttpResponse<String> answer = http.send(question(1), BodyHandlers.ofString());
        call = "call " + answer.statusCode();
        if (answer.statusCode() == 200) {
          good++;
          check(
              answer.headers().firstValue("Connection").orElse("").equals("close"),
              "a call was served without Connection: close");
        } else {
          check(
              answer.statusCode() == 503
                  && answer.body().contains("draining")
                  && answer.headers().firstValue("Retry-After").isPresent(),
              "a new call got " + answer.statusCode() + " " + answer.body());
        }
        check(!early || answer.statusCode() == 200, "a call within the first seconds was refused");
      } catch (IOException e) {
        call = "port closed";
        check(!early, "the port was closed within the first seconds");
      }
      check(!ready.equals("ready 200") || asked + 200_000_000L > System.nanoTime(), "it is ready while it ends");
      others.merge(ready + ", " + call, 1, Integer::sum);
      Thread.sleep(25);
    }
    return good;
  }

  private String stream(int pieces, CountDownLatch begun) {
    boolean first = true;
    try {
      HttpResponse<java.io.InputStream> answer = http.send(question(pieces), BodyHandlers.ofInputStream());
      if (answer.statusCode() != 200) {
        return "status " + answer.statusCode();
      }
      String last = "nothing";
      try (BufferedReader lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (first && line.startsWith("data:")) {
            first = false;
            begun.countDown();
          }
          last = line.isEmpty() ? last : line;
        }
      } catch (IOException e) {
        return "cut";
      }
      return last.equals("data: [DONE]") ? "[DONE]" : last.contains("\"draining\"") ? "error event" : last;
    } catch (IOException e) {
      return "no answer";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    } finally {
      if (first) {
        begun.countDown();
      }
    }
  }

  private void checkUsage(long expected) throws Exception {
    String usage = ask("/api/v1/usage?group_by=model", null);
    Matcher requests = REQUESTS.matcher(usage);
    long counted = 0;
    while (requests.find()) {
      counted += Long.parseLong(requests.group(1));
    }
    check(counted == expected, "usage says " + counted + " calls, and " + expected + " were made: " + usage);
  }

  private void check(boolean holds, String what) {
    if (!holds) {
      wrong = true;
      System.out.println("  WRONG: " + what);
    }
  }
}
