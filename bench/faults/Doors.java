import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Strangers at the door: bodies and heads that never end, uploads that stop, wrong passwords at
 * once; and meanwhile what health answers, and how many good calls of the gateway get through.
 * README.md beside this file says more.
 */
public final class Doors {

  private static final Pattern TOKEN = Pattern.compile("\"token\":\"([^\"]+)\"");
  private static final String PASSWORD = "correct horse battery staple";
  private static final int SECONDS = 15;
  private static final int CALLERS = 4;

  private static final String WHOLE =
      "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,"
          + "\"message\":{\"role\":\"assistant\",\"content\":\"Hello\"},\"finish_reason\":\"stop\"}],"
          + "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}";

  private final Path mimir;
  private final int port;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private String token;
  private boolean wrong;

  private Doors(Path mimir, int port) {
    this.mimir = mimir;
    this.port = port;
  }

  /** What strangers do for as long as it is open. */
  private interface Siege {
    void begin(List<Socket> sockets) throws Exception;
  }

  /** MIMIR PORT. */
  public static void main(String[] args) throws Exception {
    Doors doors = new Doors(Path.of(args[0]), Integer.parseInt(args[1]));
    HttpServer provider = provider(doors.threads);
    Process launcher = doors.start(provider.getAddress().getPort());
    try {
      doors.calls(SECONDS);
      double usual = doors.calls(SECONDS);
      System.out.printf("nobody at the door: %,.0f good calls a second%n", usual);
      doors.siege("1,000 bodies of one byte", usual, sockets -> doors.halves(sockets, 1_000, true));
      doors.siege("500 heads without an end", usual, sockets -> doors.halves(sockets, 500, false));
      doors.siege("2 uploads that stopped", usual, doors::uploads);
      doors.siege("150 wrong passwords at once", usual, sockets -> doors.guesses());
    } finally {
      launcher.destroy();
      launcher.waitFor();
      provider.stop(0);
      doors.threads.shutdownNow();
    }
    System.exit(doors.wrong ? 1 : 0);
  }

  private static HttpServer provider(ExecutorService threads) throws IOException {
    HttpServer provider =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
    byte[] said = WHOLE.getBytes(StandardCharsets.UTF_8);
    provider.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, said.length);
          exchange.getResponseBody().write(said);
          exchange.close();
        });
    provider.setExecutor(threads);
    provider.start();
    return provider;
  }

  private Process start(int providerPort) throws Exception {
    Path folder = Files.createTempDirectory("mimir-doors.");
    ProcessBuilder command = new ProcessBuilder(mimir.toString(), "run", "--no-build");
    command
        .environment()
        .putAll(
            Map.of(
                "MIMIR_PORT", String.valueOf(port),
                "MIMIR_DATA_DIR", folder.resolve("data").toString(),
                "MIMIR_ADMIN_USER", "admin",
                "MIMIR_ADMIN_PASSWORD", PASSWORD,
                "MIMIR_ENDPOINT_ALLOWLIST", "127.0.0.1",
                "MIMIR_DRAIN_SECONDS", "0"));
    command.redirectErrorStream(true).redirectOutput(folder.resolve("terminal").toFile());
    Process launcher = command.start();
    while (status("/health/ready", null) != 200) {
      if (!launcher.isAlive()) {
        throw new IllegalStateException(Files.readString(folder.resolve("terminal")));
      }
      Thread.sleep(50);
    }
    ask("/api/v1/settings/api-keys", "{\"provider\":\"custom\",\"name\":\"k\",\"key_value\":\"sk-doors-0123456789\",\"endpoint_url\":\"http://127.0.0.1:%d/v1\",\"metadata\":{\"available_models\":[\"m\"]}}".formatted(providerPort));
    Matcher made = TOKEN.matcher(ask("/api/v1/settings/tokens", "{\"name\":\"t\",\"scopes\":[\"gateway\"]}"));
    if (!made.find()) {
      throw new IllegalStateException("There is no token");
    }
    token = made.group(1);
    return launcher;
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .timeout(Duration.ofSeconds(60));
  }

  private static String basic(String password) {
    return "Basic " + Base64.getEncoder().encodeToString(("admin:" + password).getBytes(StandardCharsets.UTF_8));
  }

  private String ask(String path, String body) throws Exception {
    return http.send(
            request(path)
                .header("Authorization", basic(PASSWORD))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString())
        .body();
  }

  /** The status; 0 where there was no answer. */
  private int status(String path, String authorization) {
    HttpRequest.Builder request = request(path);
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    try {
      return http.send(request.build(), BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  /** Good calls a second, by a few callers that ask again at once. */
  private double calls(int seconds) throws InterruptedException {
    AtomicInteger good = new AtomicInteger();
    AtomicInteger bad = new AtomicInteger();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      Thread caller =
          new Thread(
              () -> {
                while (System.nanoTime() < end) {
                  (call() ? good : bad).incrementAndGet();
                }
              });
      caller.start();
      callers.add(caller);
    }
    for (Thread caller : callers) {
      caller.join();
    }
    check(bad.get() == 0, bad + " good calls failed");
    return good.get() / (double) seconds;
  }

  private boolean call() {
    try {
      return http.send(
                  request("/v1/chat/completions")
                      .header("Authorization", "Bearer " + token)
                      .header("Content-Type", "application/json")
                      .POST(
                          BodyPublishers.ofString(
                              "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"))
                      .build(),
                  BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void siege(String what, double usual, Siege siege) throws Exception {
    List<Socket> sockets = new ArrayList<>();
    AtomicLong worst = new AtomicLong();
    AtomicInteger silent = new AtomicInteger();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    siege.begin(sockets);
    Thread health =
        new Thread(
            () -> {
              while (System.nanoTime() < end) {
                long before = System.nanoTime();
                if (status("/health/ready", null) != 200) {
                  silent.incrementAndGet();
                }
                worst.accumulateAndGet(System.nanoTime() - before, Math::max);
              }
            });
    health.start();
    double rate = calls((int) Math.max(1, TimeUnit.NANOSECONDS.toSeconds(end - System.nanoTime())));
    health.join();
    for (Socket socket : sockets) {
      socket.close();
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(worst.get());
    System.out.printf(
        "%s: health after %,d ms at most, %,.0f good calls a second (%.2f)%n",
        what, millis, rate, rate / usual);
    check(silent.get() == 0, "health did not answer " + silent + " times");
    check(millis <= 1_000, "health took longer than a second");
    check(rate >= 0.9 * usual, "good calls lost more than a tenth of their rate");
  }

  private Socket open(List<Socket> sockets, String text) throws IOException {
    Socket socket = new Socket("127.0.0.1", port);
    sockets.add(socket);
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private void halves(List<Socket> sockets, int count, boolean body) throws IOException {
    String head = "POST /api/v1/setup HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n";
    for (int i = 0; i < count; i++) {
      open(sockets, body ? head + "\r\n{" : head);
    }
  }

  private void uploads(List<Socket> sockets) throws IOException {
    for (int i = 0; i < 2; i++) {
      open(sockets, "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"mod\r\n");
    }
  }

  private void guesses() {
    for (int i = 0; i < 150; i++) {
      String guess = basic("wrong " + i);
      threads.execute(
          () -> {
            int status = status("/api/v1/settings/api-keys", guess);
            check(status == 401 || status == 429 || status == 503, "a guess got " + status);
          });
    }
  }

  private synchronized void check(boolean holds, String what) {
    if (!holds) {
      wrong = true;
      System.out.println("  WRONG: " + what);
    }
  }
}
