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
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Mimir that is started with its launcher, asked over REST, and ended or killed. */
final class Server {

  private static final String PASSWORD = "correct horse battery staple";

  /** What the launcher ends with when the server has ended by itself. */
  private static final int SERVER_ENDED = 1;

  private final int port;
  private final Process launcher;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** An answer, or the status 0 when there was none. */
  record Answer(int status, String body) {

    /** A member of it that is a text. */
    String text(String member) {
      Matcher found = Pattern.compile("\"" + member + "\":\"([^\"]*)\"").matcher(body);
      if (!found.find()) {
        throw new IllegalStateException("There is no " + member + " in " + body);
      }
      return found.group(1);
    }
  }

  /**
   * Starts one and waits until it is ready.
   *
   * @param settings besides the usual ones
   */
  Server(Path mimir, int port, Path data, Map<String, String> settings) throws Exception {
    this.port = port;
    Path terminal = Files.createTempFile("mimir-faults", ".log");
    terminal.toFile().deleteOnExit();
    ProcessBuilder command = new ProcessBuilder(mimir.toString(), "run", "--no-build");
    command
        .environment()
        .putAll(
            Map.of(
                "MIMIR_PORT", String.valueOf(port),
                "MIMIR_DATA_DIR", data.toString(),
                "MIMIR_ADMIN_USER", "admin",
                "MIMIR_ADMIN_PASSWORD", PASSWORD,
                "MIMIR_ENDPOINT_ALLOWLIST", "127.0.0.1",
                "MIMIR_DRAIN_SECONDS", "0"));
    command.environment().putAll(settings);
    command.redirectErrorStream(true).redirectOutput(terminal.toFile());
    launcher = command.start();
    while (send(request("/health/ready")).status() != 200) {
      if (!launcher.isAlive()) {
        throw new IllegalStateException(Files.readString(terminal));
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
  }

  private HttpRequest.Builder asAdmin(String path) {
    String pair = "admin:" + PASSWORD;
    return request(path)
        .header(
            "Authorization",
            "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
  }

  private Answer send(HttpRequest.Builder request) throws InterruptedException {
    try {
      HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
      return new Answer(answer.statusCode(), answer.body());
    } catch (IOException e) {
      return new Answer(0, "");
    }
  }

  Answer get(String path) throws InterruptedException {
    return send(asAdmin(path));
  }

  Answer post(String path, String body) throws InterruptedException {
    return send(json(asAdmin(path)).POST(BodyPublishers.ofString(body)));
  }

  Answer put(String path, String body) throws InterruptedException {
    return send(json(asAdmin(path)).PUT(BodyPublishers.ofString(body)));
  }

  Answer delete(String path) throws InterruptedException {
    return send(asAdmin(path).DELETE());
  }

  /** With a token in place of the password. */
  Answer post(String path, String body, String token) throws InterruptedException {
    return send(
        json(request(path).header("Authorization", "Bearer " + token))
            .POST(BodyPublishers.ofString(body)));
  }

  private static HttpRequest.Builder json(HttpRequest.Builder request) {
    return request.header("Content-Type", "application/json");
  }

  /** KILL to the server itself; its launcher ends with it. */
  void kill() throws InterruptedException {
    ProcessHandle java =
        launcher
            .descendants()
            .filter(each -> each.info().command().filter(name -> name.endsWith("/java")).isPresent())
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("There is no server to kill"));
    java.destroyForcibly();
    int code = launcher.waitFor();
    if (code != SERVER_ENDED) {
      throw new IllegalStateException("The killed server ended with " + code);
    }
  }

  /** Ends it as it should; returns the exit code. */
  int stop() throws InterruptedException {
    launcher.destroy();
    return launcher.waitFor();
  }
}
