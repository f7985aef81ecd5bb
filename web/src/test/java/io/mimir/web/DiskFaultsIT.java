package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.mimir.web.Wire.Answer;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A server whose disk fails once, at each write and sync of its database in turn (T31): what it
 * answers, what it stores, and that the next request finds it well.
 */
class DiskFaultsIT {

  /** No request here writes as often. */
  private static final int MANY = 60;

  @TempDir static Path folder;

  private static Strike strike;
  private static MimirServer server;
  private static Wire admin;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(place -> Files.isExecutable(Path.of(place, "gcc"))),
        "gcc is not installed");
    strike = Strike.in(folder);
    server = MimirServer.start(settings());
    admin = Wire.anonymous(server.uri()).as(MimirServer.ADMIN, MimirServer.PASSWORD);
  }

  private static Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>(strike.settings());
    settings.put("MIMIR_ADMIN_USER", MimirServer.ADMIN);
    settings.put("MIMIR_ADMIN_PASSWORD", MimirServer.PASSWORD);
    return settings;
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "keys, 28",
    "keys, 5",
    "tokens, 28",
    "tokens, 5",
    "users, 28",
    "users, 5",
    "conversations, 28",
    "conversations, 5",
    "publishers, 28",
    "publishers, 5"
  })
  void whatWasAnsweredIsWhatIsStoredWhicheverWriteFails(String kind, int errno) throws Exception {
    TreeSet<String> accepted = new TreeSet<>();
    int struck = 0;
    for (int n = 1; n <= MANY; n++) {
      String name = "fault-%d-%d".formatted(errno, n);
      Instant before = Instant.now();
      strike.arm(n, errno);
      Answer answer = make(kind, name);
      boolean spared = !strike.hasStruck();
      strike.disarm();
      if (answer.status() == 201) {
        accepted.add(name);
      } else {
        assertThat(wasDegradedSince(before)).as("after write %d: %s", n, status()).isTrue();
        assertThat(answer.status()).as("write %d", n).isEqualTo(503);
        assertThat(answer.text("code")).isEqualTo("storage_unavailable");
        assertThat(answer.header("Retry-After")).isNotEmpty();
      }
      if (spared) {
        break;
      }
      struck = n;
      assertThat(make(kind, name + "-next").status()).as("after write %d", n).isEqualTo(201);
      accepted.add(name + "-next");
    }
    assertThat(struck).as("writes that failed").isBetween(2, MANY - 1);
    assertThat(stored(kind, errno)).isEqualTo(accepted);
    assertThat(admin.get("/health/ready").status()).isEqualTo(200);
    awaitWell();
  }

  /** Usage is written behind: what fails is written later, once. */
  @ParameterizedTest
  @ValueSource(ints = {28, 5})
  void usageIsCountedOnceWhicheverOfItsWritesFails(int errno) throws Exception {
    HttpServer provider =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    byte[] said =
        "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}"
            .getBytes(StandardCharsets.UTF_8);
    provider.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, said.length);
          exchange.getResponseBody().write(said);
          exchange.close();
        });
    provider.start();
    try {
      String model = "m-" + errno;
      admin.post(
          "/api/v1/settings/api-keys",
          "{\"provider\":\"custom\",\"name\":\"k-%d\",\"key_value\":\"sk-fault-0123456789\",\"endpoint_url\":\"http://127.0.0.1:%d/v1\",\"metadata\":{\"available_models\":[\"%s\"]}}"
              .formatted(errno, provider.getAddress().getPort(), model));
      Wire caller =
          admin.with(
              admin
                  .post(
                      "/api/v1/settings/tokens",
                      "{\"name\":\"u-%d\",\"scopes\":[\"gateway\"]}".formatted(errno))
                  .text("token"));
      int calls = 0;
      int struck = 0;
      for (int n = 1; n <= MANY; n++) {
        strike.arm(n, errno);
        Answer answer =
            caller.post(
                "/v1/chat/completions",
                "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"
                    .formatted(model));
        assertThat(answer.status()).as("a call needs no write").isEqualTo(200);
        calls++;
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1_500);
        while (!strike.hasStruck() && System.nanoTime() < end) {
          TimeUnit.MILLISECONDS.sleep(20);
        }
        boolean spared = !strike.hasStruck();
        strike.disarm();
        if (spared) {
          break;
        }
        struck = n;
      }
      assertThat(struck).as("writes that failed").isBetween(2, MANY - 1);
      TimeUnit.MILLISECONDS.sleep(2_500);
      long counted = 0;
      for (JsonNode row :
          admin.get("/api/v1/usage?group_by=model").json().findParents("requests")) {
        counted += row.path("model").asText().equals(model) ? row.path("requests").asLong() : 0;
      }
      assertThat(counted).isEqualTo(calls);
    } finally {
      provider.stop(0);
    }
  }

  @Test
  void whileEachWriteFailsWhatIsStoredIsReadAndTheGatewayServes() throws Exception {
    String token =
        admin
            .post("/api/v1/settings/tokens", "{\"name\":\"reader\",\"scopes\":[\"gateway\"]}")
            .text("token");
    strike.arm(-1, 28);
    try {
      for (int i = 0; i < 20; i++) {
        assertThat(make("conversations", "full-" + i).status()).isEqualTo(503);
        assertThat(admin.get("/api/v1/chat").status()).isEqualTo(200);
        assertThat(admin.get("/api/v1/settings/api-keys").status()).isEqualTo(200);
        assertThat(admin.with(token).get("/v1/models").status()).isEqualTo(200);
        assertThat(admin.get("/health/ready").status()).isEqualTo(200);
      }
      assertThat(status()).contains("\"degraded\"", "its disk is full");
    } finally {
      strike.disarm();
    }
    assertThat(make("conversations", "full-again").status()).isEqualTo(201);
    awaitWell();
  }

  private static String status() {
    return admin.get("/api/v1/status").http().body();
  }

  /** It is, or it has been until a write of its own got through, which may be at any moment. */
  private static boolean wasDegradedSince(Instant moment) {
    for (JsonNode check : admin.get("/api/v1/status").json().path("checks")) {
      if (check.path("name").asText().equals("storage")) {
        return check.path("status").asText().equals("degraded")
            || Instant.parse(check.path("since").asText()).isAfter(moment);
      }
    }
    return false;
  }

  /** It tries to write by itself, every second. */
  private static void awaitWell() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!status().contains("{\"status\":\"ok\"")) {
      assertThat(System.nanoTime()).as(status()).isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  private static String address(String kind) {
    return switch (kind) {
      case "keys" -> "/api/v1/settings/api-keys";
      case "conversations" -> "/api/v1/chat";
      case "publishers" -> "/api/v1/settings/plugins/publishers";
      default -> "/api/v1/settings/" + kind;
    };
  }

  private static String member(String kind) {
    return switch (kind) {
      case "users" -> "username";
      case "conversations" -> "title";
      default -> "name";
    };
  }

  private static Answer make(String kind, String name) throws Exception {
    String more =
        switch (kind) {
          case "keys" -> ",\"provider\":\"openai\",\"key_value\":\"sk-fault-0123456789abcdef\"";
          case "tokens" -> ",\"scopes\":[\"gateway\"]";
          case "users" -> ",\"password\":\"a long phrase of words\",\"roles\":[\"user\"]";
          case "publishers" ->
              ",\"kind\":\"ssh\",\"public_key\":\"%s\",\"name_pattern\":\"%s-*\""
                  .formatted(sshKey(), name);
          default -> "";
        };
    return admin.post(address(kind), "{\"%s\":\"%s\"%s}".formatted(member(kind), name, more));
  }

  /** A new Ed25519 key as ssh-keygen writes it (RFC 8709). */
  private static String sshKey() throws GeneralSecurityException, IOException {
    byte[] encoded =
        KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic().getEncoded();
    ByteArrayOutputStream blob = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(blob);
    for (byte[] part :
        new byte[][] {
          "ssh-ed25519".getBytes(StandardCharsets.US_ASCII),
          Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length)
        }) {
      out.writeInt(part.length);
      out.write(part);
    }
    return "ssh-ed25519 " + Base64.getEncoder().encodeToString(blob.toByteArray());
  }

  private static TreeSet<String> stored(String kind, int errno) {
    TreeSet<String> names = new TreeSet<>();
    for (JsonNode found : admin.get(address(kind) + "?limit=100").json().findValues(member(kind))) {
      if (found.asText().startsWith("fault-%d-".formatted(errno))) {
        names.add(found.asText());
      }
    }
    return names;
  }
}
