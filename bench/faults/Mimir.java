import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A Mimir that is started by its launcher, as its users start it, with a data folder of its own, an
 * administrator, a key for a provider, and an access token that opens what a token can open.
 */
final class Mimir implements AutoCloseable {

  static final String USER = "admin";
  static final String PASSWORD = "correct horse battery staple";
  static final String KEY_NAME = "key-of-the-bench";

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Pattern TOKEN = Pattern.compile("\"token\":\"([^\"]+)\"");

  private final Path program;
  private final int port;
  private final Provider provider;
  private final int drainSeconds;
  private final Path folder;
  private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private Process launcher;
  private String token;

  Mimir(Path program, int port, Provider provider, int drainSeconds) throws IOException {
    this.program = program;
    this.port = port;
    this.provider = provider;
    this.drainSeconds = drainSeconds;
    folder = Files.createTempDirectory("mimir-faults.");
  }

  /** Starts it, the second time with the data of the first; returns when it is ready. */
  void start() throws Exception {
    ProcessBuilder command = new ProcessBuilder(program.toString(), "run", "--no-build");
    command
        .environment()
        .putAll(
            Map.of(
                "MIMIR_PORT", String.valueOf(port),
                "MIMIR_DATA_DIR", data().toString(),
                "MIMIR_ADMIN_USER", USER,
                "MIMIR_ADMIN_PASSWORD", PASSWORD,
                "MIMIR_ENDPOINT_ALLOWLIST", "127.0.0.1",
                "MIMIR_DRAIN_SECONDS", String.valueOf(drainSeconds)));
    command.redirectErrorStream(true).redirectOutput(terminal().toFile());
    launcher = command.start();
    while (status("/health/ready", null) != 200) {
      if (!launcher.isAlive()) {
        throw new IllegalStateException(Files.readString(terminal()));
      }
      Thread.sleep(50);
    }
    if (token == null) {
      ask("/api/v1/settings/api-keys", "{\"provider\":\"custom\",\"name\":\"%s\",\"key_value\":\"sk-faults-0123456789\",\"endpoint_url\":\"%s\",\"metadata\":{\"available_models\":[\"%s\"]}}".formatted(KEY_NAME, provider.address(), Provider.MODEL));
      Matcher made = TOKEN.matcher(ask("/api/v1/settings/tokens", "{\"name\":\"t\",\"scopes\":[\"gateway\",\"settings\",\"metrics\",\"audit\"]}"));
      if (!made.find()) {
        throw new IllegalStateException("There is no token");
      }
      token = made.group(1);
    }
  }

  int port() {
    return port;
  }

  HttpClient http() {
    return http;
  }

  String bearer() {
    return "Bearer " + token;
  }

  static String basic(String password) {
    return "Basic " + Base64.getEncoder().encodeToString((USER + ":" + password).getBytes(StandardCharsets.UTF_8));
  }

  /** The process that {@code ./mimir run} is. */
  Process launcher() {
    return launcher;
  }

  /** The server's own process, below the launcher. */
  ProcessHandle server() {
    return launcher
        .descendants()
        .filter(process -> process.info().command().orElse("").endsWith("/java"))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("There is no Java below the launcher"));
  }

  Path data() {
    return folder.resolve("data");
  }

  /** What it wrote where an administrator would read it. */
  Path terminal() {
    return folder.resolve("terminal");
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).timeout(PATIENCE);
  }

  /** A question that is answered in so many pieces. */
  HttpRequest question(int pieces, boolean stream) {
    return request("/v1/chat/completions")
        .header("Authorization", bearer())
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(questionBody(pieces, stream)))
        .build();
  }

  static String questionBody(int pieces, boolean stream) {
    return "{\"model\":\"%s\",%s\"messages\":[{\"role\":\"user\",\"content\":\"pieces %d\"}]}"
        .formatted(Provider.MODEL, stream ? "\"stream\":true," : "", pieces);
  }

  /** What the administrator is told; a POST where there is a body. */
  String ask(String path, String body) throws Exception {
    HttpRequest.Builder request = request(path).header("Authorization", basic(PASSWORD));
    if (body != null) {
      request.header("Content-Type", "application/json").POST(BodyPublishers.ofString(body));
    }
    HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
    if (answer.statusCode() >= 400) {
      throw new IllegalStateException(path + ": " + answer.statusCode() + " " + answer.body());
    }
    return answer.body();
  }

  /** The status; 0 where there was no answer. */
  int status(String path, String authorization) {
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

  /** The sum of a member of all rows of usage, such as {@code requests}. */
  static long sum(String usage, String member) {
    Matcher numbers = Pattern.compile("\"" + member + "\":([0-9]+)").matcher(usage);
    long sum = 0;
    while (numbers.find()) {
      sum += Long.parseLong(numbers.group(1));
    }
    return sum;
  }

  String usage() throws Exception {
    return ask("/api/v1/usage?group_by=model", null);
  }

  /** Stops it by a TERM; the exit code. */
  int stop() {
    launcher.destroy();
    return launcher.onExit().join().exitValue();
  }

  /** Stops it where it still runs, and takes its folder away. */
  @Override
  public void close() throws IOException {
    if (launcher != null && launcher.isAlive()) {
      stop();
    }
    List<Path> paths;
    try (Stream<Path> all = Files.walk(folder)) {
      paths = all.sorted((a, b) -> b.compareTo(a)).collect(Collectors.toList());
    }
    for (Path path : paths) {
      Files.delete(path);
    }
  }
}
