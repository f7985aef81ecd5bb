package io.mimir.gateway.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mimir.web.MimirServer;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One server for all tests of the gateway in this JVM, whose hosted providers are played by a
 * {@link ScriptedProvider} unless a key says another address. Whoever uses it forgets the keys of
 * others first.
 */
final class TestedGateway {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  /** Where a page may call from. */
  static final String ORIGIN = "http://localhost:5173";

  private static TestedGateway shared;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ScriptedProvider upstream;
  private final MimirServer server;
  private final String settingsToken;
  private final String gatewayToken;

  private TestedGateway() throws IOException {
    upstream = ScriptedProvider.start();
    server =
        MimirServer.start(
            Map.of(
                "MIMIR_ADMIN_USER",
                MimirServer.ADMIN,
                "MIMIR_ADMIN_PASSWORD",
                MimirServer.PASSWORD,
                "MIMIR_ENDPOINT_ALLOWLIST",
                "127.0.0.1",
                "MIMIR_OPENAI_ENDPOINT",
                upstream.url() + "/v1",
                "MIMIR_ANTHROPIC_ENDPOINT",
                upstream.url(),
                "MIMIR_CORS_ORIGINS",
                ORIGIN));
    Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop-mimir-gateway"));
    settingsToken = token("settings", "settings");
    gatewayToken = token("gateway", "gateway");
  }

  static synchronized TestedGateway shared() throws IOException {
    if (shared == null) {
      shared = new TestedGateway();
    }
    return shared;
  }

  /** Where it listens, without a slash at the end. */
  String url() {
    return server.uri().toString().replaceAll("/$", "");
  }

  /** What the server has said on its terminal and in its log. */
  String said() throws IOException {
    return server.terminal() + Files.readString(server.logFile(), StandardCharsets.UTF_8);
  }

  ScriptedProvider upstream() {
    return upstream;
  }

  String settingsToken() {
    return settingsToken;
  }

  String gatewayToken() {
    return gatewayToken;
  }

  /** A token of another account, which is made for it. */
  String tokenOfAnother(String username) {
    String password =
        Base64.getEncoder().encodeToString(username.repeat(3).getBytes(StandardCharsets.UTF_8));
    send(
        "POST",
        server.uri("/api/v1/settings/users"),
        "{\"username\":\"%s\",\"password\":\"%s\",\"roles\":[\"user\"]}"
            .formatted(username, password),
        basic());
    return send(
            "POST",
            server.uri("/api/v1/account/tokens"),
            "{\"name\":\"%s\",\"scopes\":[\"gateway\"]}".formatted(username),
            "Basic "
                + Base64.getEncoder()
                    .encodeToString((username + ":" + password).getBytes(StandardCharsets.UTF_8)))
        .path("token")
        .asText();
  }

  /** A further token of the administrator's account. */
  String token(String name, String... scopes) {
    return call(
            "POST",
            "/tokens",
            "{\"name\":\"%s\",\"scopes\":[\"%s\"]}".formatted(name, String.join("\",\"", scopes)),
            basic())
        .path("token")
        .asText();
  }

  void forgetKeys() {
    settings("GET", "/api-keys", null)
        .forEach(key -> settings("DELETE", "/api-keys/" + key.path("id").asText(), null));
  }

  JsonNode settings(String method, String path, String body) {
    return call(method, path, body, "Bearer " + settingsToken);
  }

  /** What no token may do that cannot do it itself. */
  JsonNode inPerson(String method, String path, String body) {
    return call(method, path, body, basic());
  }

  /** A resource of the API, as the administrator sees it. */
  JsonNode get(String path) {
    return send("GET", server.uri(path), null, basic());
  }

  /** The files of the data folder that hold a text. */
  List<Path> filesWith(String text) throws IOException {
    try (Stream<Path> files = Files.walk(server.dataDir())) {
      List<Path> found = new ArrayList<>();
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(text)) {
          found.add(file);
        }
      }
      return found;
    }
  }

  private static String basic() {
    String pair = MimirServer.ADMIN + ":" + MimirServer.PASSWORD;
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private JsonNode call(String method, String path, String body, String authorization) {
    return send(method, server.uri("/api/v1/settings" + path), body, authorization);
  }

  private JsonNode send(String method, URI address, String body, String authorization) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address).timeout(PATIENCE).header("Authorization", authorization);
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    request.method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    try {
      HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isBetween(200, 201);
      return JSON.readTree(response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
