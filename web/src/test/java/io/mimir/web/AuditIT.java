package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.llm.service.StubProvider;
import io.mimir.web.Wire.Answer;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the audit log tells, and what it proves, on the server as it is started for real. */
class AuditIT {

  private static final String KEYS = "/api/v1/settings/api-keys";
  private static final String TOKENS = "/api/v1/settings/tokens";
  private static final String USERS = "/api/v1/settings/users";
  private static final String AUDIT = "/api/v1/audit";
  private static final String OTHERS_PASSWORD = "three words for tests";

  private static StubProvider stub;
  private static MimirServer server;
  private static Wire admin;
  private static Wire auditor;
  private static Wire user;

  @BeforeAll
  static void start() throws IOException {
    stub = StubProvider.start();
    server =
        MimirServer.start(
            Map.of(
                "MIMIR_ADMIN_USER", MimirServer.ADMIN,
                "MIMIR_ADMIN_PASSWORD", MimirServer.PASSWORD,
                "MIMIR_ENDPOINT_ALLOWLIST", "127.0.0.1:" + stub.port()));
    Wire anonymous = Wire.anonymous(server.uri());
    admin = anonymous.as(MimirServer.ADMIN, MimirServer.PASSWORD);
    for (String role : List.of("auditor", "user")) {
      assertThat(person(role, role).status()).isEqualTo(201);
    }
    auditor = anonymous.as("auditor", OTHERS_PASSWORD);
    user = anonymous.as("user", OTHERS_PASSWORD);
  }

  @AfterAll
  static void stop() {
    server.close();
    stub.close();
  }

  private static String unique(String prefix) {
    return prefix + "-" + UUID.randomUUID();
  }

  private static Answer person(String name, String role) {
    return admin.post(
        USERS,
        "{\"username\":\"%s\",\"password\":\"%s\",\"roles\":[\"%s\"]}"
            .formatted(name, OTHERS_PASSWORD, role));
  }

  private static Answer key(String name) {
    return admin.post(
        KEYS,
        "{\"provider\":\"openai\",\"name\":\"%s\",\"key_value\":\"%s\",\"endpoint_url\":\"%s\"}"
            .formatted(name, StubProvider.KEY, stub.url()));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** The events of one thing, newest first: nobody else's. */
  private static List<JsonNode> eventsOf(String target, String action) {
    Answer found =
        auditor.get(AUDIT + "?limit=500&target=" + encoded(target) + "&action=" + action);
    assertThat(found.status()).isEqualTo(200);
    return StreamSupport.stream(found.json().spliterator(), false).toList();
  }

  private static JsonNode eventOf(String target, String action) {
    List<JsonNode> events = eventsOf(target, action);
    assertThat(events).as(action + " of " + target).hasSize(1);
    return events.get(0);
  }

  /** One change as JSON, by its field; an empty text where there is none. */
  private static String change(JsonNode event, String field) {
    for (JsonNode change : event.path("changes")) {
      if (change.path("field").asText().equals(field)) {
        return change.path("old") + " " + change.path("new");
      }
    }
    return "";
  }

  private static void sql(String... statements) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:sqlite:" + server.dataDir().resolve("mimir.db") + "?busy_timeout=20000");
        Statement sql = connection.createStatement()) {
      for (String statement : statements) {
        sql.executeUpdate(statement);
      }
    }
  }

  private static Answer verify(String query) {
    return auditor.send("POST", AUDIT + "/verify" + query, null);
  }

  private static void expectIntact() {
    Answer found = verify("");
    assertThat(found.status()).isEqualTo(200);
    assertThat(found.json().path("findings")).as(found.http().body()).isEmpty();
    assertThat(found.json().path("intact").asBoolean()).isTrue();
  }

  @Test
  void anEventSaysWhoDidWhatToWhatAndHowItEnded() {
    String name = unique("audited");
    String id = key(name).text("id");

    JsonNode event = eventOf(id, "key.create");

    assertThat(event.fieldNames())
        .toIterable()
        .containsExactly(
            "id",
            "at",
            "actor",
            "address",
            "action",
            "target",
            "target_id",
            "target_name",
            "outcome",
            "changes",
            "request_id");
    assertThat(event.path("actor").asText()).isEqualTo(MimirServer.ADMIN);
    assertThat(event.path("address").asText()).isEqualTo("127.0.0.1");
    assertThat(event.path("target_id").asText()).isEqualTo(id);
    assertThat(event.path("target_name").asText()).isEqualTo(name);
    assertThat(event.path("target").asText()).isEqualTo(id + " " + name);
    assertThat(event.path("outcome").asText()).isEqualTo("success");
    assertThat(event.path("request_id").asText()).isNotBlank();
    assertThat(change(event, "provider")).isEqualTo("null \"openai\"");
    assertThat(change(event, "priority")).isEqualTo("null 50");
    assertThat(change(event, "is_active")).isEqualTo("null true");
    assertThat(change(event, "key_value")).isEqualTo("null null");
  }

  @Test
  void aRefusalIsWrittenDownAsOne() {
    String name = unique("twice");
    key(name);
    assertThat(key(name).status()).isEqualTo(409);

    List<JsonNode> events = eventsOf(name, "key.create");
    assertThat(events)
        .extracting(each -> each.path("outcome").asText())
        .containsExactly("failure", "success");
    assertThat(events.get(0).path("target_id").isNull()).isTrue();
    assertThat(events.get(0).path("target_name").asText()).isEqualTo(name);
    assertThat(events.get(0).path("changes")).isEmpty();

    String path = KEYS + "/" + unique("key_nobody");
    assertThat(user.get(path).status()).isEqualTo(403);
    JsonNode denied = eventOf(path, "access");
    assertThat(denied.path("outcome").asText()).isEqualTo("denied");
    assertThat(denied.path("actor").asText()).isEqualTo("user");
  }

  @Test
  void aChangeIsToldFromWhatToWhatAndASecretOnlyThatItChanged() {
    String name = unique("changed");
    String id = key(name).text("id");
    String canary = "sk-CANARY-" + UUID.randomUUID();
    String value = "hv-" + UUID.randomUUID();
    String free = "free-" + UUID.randomUUID();
    Answer changed =
        admin.put(
            KEYS + "/" + id,
            """
            {"key_value":"%s","weight":7,"is_active":false,"headers":{"X-Team":"%s"},
             "query":{"api-version":"%s"},"expires_at":"2030-01-31T08:00:00Z",
             "metadata":{"rate_limit":9,"allowed_models":["a","b"],"note":"%s"}}
            """
                .formatted(canary, value, free, free));
    assertThat(changed.status()).as(changed.http().body()).isEqualTo(200);
    assertThat(admin.put(KEYS + "/" + id, "{\"weight\":7,\"name\":\"" + name + "x\"}").status())
        .isEqualTo(200);
    assertThat(admin.delete(KEYS + "/" + id).status()).isEqualTo(200);
    assertThat(admin.send("POST", KEYS + "/" + id + "/restore", null).status()).isEqualTo(200);

    List<JsonNode> events = eventsOf(id, "key.update");
    assertThat(events).hasSize(2);
    assertThat(events.get(0).path("changes")).hasSize(1);
    assertThat(change(events.get(0), "name")).isEqualTo("\"%s\" \"%sx\"".formatted(name, name));
    JsonNode event = events.get(1);
    assertThat(change(event, "weight")).isEqualTo("1 7");
    assertThat(change(event, "is_active")).isEqualTo("true false");
    assertThat(change(event, "expires_at")).isEqualTo("null \"2030-01-31T08:00:00Z\"");
    assertThat(change(event, "metadata.rate_limit")).isEqualTo("null 9");
    assertThat(change(event, "metadata.allowed_models")).isEqualTo("null [\"a\",\"b\"]");
    assertThat(change(event, "headers")).isEqualTo("null [\"X-Team\"]");
    for (String secret :
        List.of("key_value", "headers.X-Team", "query.api-version", "metadata.note")) {
      assertThat(change(event, secret)).as(secret).isEqualTo("null null");
    }
    assertThat(change(eventOf(id, "key.delete"), "weight")).isEqualTo("7 null");
    assertThat(change(eventOf(id, "key.restore"), "weight")).isEqualTo("null 7");
    String all = auditor.get(AUDIT + "?limit=500").http().body();
    assertThat(all).doesNotContain(canary, value, free);
  }

  @Test
  void accountsAndTokensTellWhatChanged() {
    String name = unique("person");
    String id = person(name, "user").text("id");
    assertThat(change(eventOf(id, "user.create"), "roles")).isEqualTo("null [\"user\"]");
    assertThat(change(eventOf(id, "user.create"), "password")).isEqualTo("null null");

    admin.put(
        USERS + "/" + id,
        "{\"roles\":[\"user\",\"auditor\"],\"is_active\":false,\"password\":\"four words for a test\"}");
    JsonNode update = eventOf(id, "user.update");
    assertThat(change(update, "roles")).isEqualTo("[\"user\"] [\"auditor\",\"user\"]");
    assertThat(change(update, "is_active")).isEqualTo("true false");
    assertThat(change(update, "password")).isEqualTo("null null");
    admin.delete(USERS + "/" + id);
    assertThat(change(eventOf(id, "user.delete"), "username")).isEqualTo("\"" + name + "\" null");

    Answer token =
        admin.post(
            TOKENS,
            "{\"name\":\"t\",\"scopes\":[\"gateway\"],\"models\":[\"m\"],\"requests_per_minute\":5}");
    JsonNode created = eventOf(token.text("id"), "token.create");
    assertThat(change(created, "scopes")).isEqualTo("null [\"gateway\"]");
    assertThat(change(created, "models")).isEqualTo("null [\"m\"]");
    assertThat(change(created, "requests_per_minute")).isEqualTo("null 5");
    assertThat(change(created, "owner")).isEqualTo("null \"" + MimirServer.ADMIN + "\"");
    admin.delete(TOKENS + "/" + token.text("id"));
    assertThat(change(eventOf(token.text("id"), "token.revoke"), "revoked_at"))
        .startsWith("null \"20");
    assertThat(auditor.get(AUDIT + "?limit=500").http().body())
        .doesNotContain(token.text("token"), "four words");
  }

  @Test
  void aTestOfAKeyTellsHowItEnded() {
    String id = key(unique("tested")).text("id");
    admin.send("POST", KEYS + "/" + id + "/test", null);

    JsonNode event = eventOf(id, "key.test");
    assertThat(event.path("outcome").asText()).isEqualTo("success");
    assertThat(change(event, "reason")).isEqualTo("null \"ok\"");
  }

  @Test
  void aSettingOfABuiltInPluginAndACallOfItAreTold() {
    String plugins = "/api/v1/settings/plugins";
    String id = "plugin_template";
    admin.put(plugins + "/" + id, "{\"is_enabled\":false}");
    assertThat(change(eventOf(id, "plugin.disable"), "is_enabled")).isEqualTo("true false");

    Answer refused = admin.post(plugins + "/" + id + "/call/nothing", "{}");
    assertThat(refused.status()).isBetween(400, 499);
    JsonNode call = eventOf(id, "plugin.call");
    assertThat(call.path("outcome").asText()).isEqualTo("failure");
    assertThat(change(call, "action")).isEqualTo("null \"nothing\"");
    assertThat(change(call, "problem")).isEqualTo("null \"" + refused.text("code") + "\"");
    admin.put(plugins + "/" + id, "{\"is_enabled\":true}");
  }

  @Test
  void theFiltersFindBeginningsOfActionsOutcomesAndTimes() {
    String name = unique("filtered");
    String id = key(name).text("id");
    key(name);
    admin.delete(KEYS + "/" + id);

    assertThat(eventsOf(id, "key.")).hasSize(2);
    assertThat(eventsOf(id, "k")).hasSize(2);
    assertThat(eventsOf(id, "ey.")).isEmpty();
    assertThat(eventsOf(id, "key_")).as("no wildcard").isEmpty();
    String query = AUDIT + "?target=" + encoded(name);
    assertThat(auditor.get(query + "&outcome=failure").json()).hasSize(1);
    assertThat(auditor.get(query + "&outcome=success").json()).hasSize(2);
    assertThat(auditor.get(query + "&outcome=denied").json()).isEmpty();
    Answer wrong = auditor.get(query + "&outcome=wrong");
    assertThat(wrong.status()).isEqualTo(400);
    assertThat(wrong.json().path("errors").path(0).path("field").asText()).isEqualTo("outcome");
    assertThat(auditor.get(query + "&to=2001-01-01T00:00:00Z").json()).isEmpty();

    Answer page = auditor.get(AUDIT + "?limit=2");
    assertThat(page.json()).hasSize(2);
    String next = page.header("Link");
    Answer following = auditor.get(next.substring(1, next.indexOf('>')));
    assertThat(following.json().path(0).path("id").asText())
        .isLessThan(page.json().path(1).path("id").asText());
  }

  /** The table refuses events about these things, as a full disk would. */
  @Test
  void whatCannotBeWrittenDownDoesNotHappen() throws SQLException {
    String name = unique("unwritable");
    String id = key(name).text("id");
    String person = person(name, "user").text("id");
    sql(
        "create trigger unwritable before insert on audit_events when new.target like '%"
            + name
            + "%' begin select raise(abort, 'no room'); end");
    try {
      for (Answer refused :
          List.of(
              key(name + "-2"),
              admin.put(KEYS + "/" + id, "{\"weight\":9}"),
              admin.delete(KEYS + "/" + id),
              admin.put(USERS + "/" + person, "{\"is_active\":false}"),
              admin.delete(USERS + "/" + person),
              person(name + "-2", "user"),
              admin.post(TOKENS, "{\"name\":\"" + name + "\",\"scopes\":[\"gateway\"]}"))) {
        assertThat(refused.status()).as(refused.http().body()).isEqualTo(503);
        assertThat(refused.text("code")).isEqualTo("storage_unavailable");
      }
    } finally {
      sql("drop trigger unwritable");
    }

    assertThat(admin.get(KEYS).http().body()).contains(id).doesNotContain(name + "-2");
    assertThat(admin.get(KEYS + "/" + id).json().path("weight").asInt()).isEqualTo(1);
    assertThat(admin.get(USERS + "/" + person).json().path("is_active").asBoolean()).isTrue();
    assertThat(admin.get(USERS).http().body()).doesNotContain(name + "-2");
    assertThat(admin.get(TOKENS).http().body()).doesNotContain(name);
    expectIntact();
  }

  @Test
  void theChainIsWholeAfterManyWritersAtOnceAndRefusals() throws Exception {
    ExecutorService writers = Executors.newFixedThreadPool(16);
    try {
      List<Callable<Integer>> writes = new ArrayList<>();
      String taken = unique("taken");
      for (int i = 0; i < 60; i++) {
        String name = i % 3 == 0 ? taken : unique("writer");
        writes.add(() -> key(name).status());
      }
      for (Future<Integer> write : writers.invokeAll(writes, 2, TimeUnit.MINUTES)) {
        assertThat(write.get()).isIn(201, 409);
      }
    } finally {
      writers.shutdownNow();
    }
    expectIntact();
  }

  @Test
  void whatWasChangedInTheFileIsFoundAndShownInTheStatus() throws SQLException {
    String id = key(unique("tampered")).text("id");
    JsonNode event = eventOf(id, "key.create");
    String eventId = event.path("id").asText();
    sql(
        "drop trigger audit_events_no_update",
        "update audit_events set actor = 'mallory' where id = '" + eventId + "'");

    JsonNode found = verify("").json();

    assertThat(found.path("intact").asBoolean()).isFalse();
    assertThat(found.path("findings"))
        .extracting(each -> each.path("kind").asText())
        .containsExactly("changed", "guards_missing");
    assertThat(found.path("findings").path(0).path("event_id").asText()).isEqualTo(eventId);
    assertThat(admin.get("/api/v1/status").http().body())
        .contains("degraded", "changed outside of Mimir, in 2 places");

    sql(
        "update audit_events set actor = '%s' where id = '%s'"
            .formatted(MimirServer.ADMIN, eventId),
        "CREATE TRIGGER audit_events_no_update before update on audit_events"
            + " begin select raise(abort, 'audit events are never changed'); end");
    expectIntact();
    assertThat(admin.get("/api/v1/status").text("status")).isEqualTo("ok");
  }

  @Test
  void anEndThatWasNotedElsewhereAndACopyAreVerified() {
    String end = verify("").json().path("heads").path(0).asText();
    String id = key(unique("exported")).text("id");

    assertThat(verify("?head=" + encoded(end)).json().path("intact").asBoolean()).isTrue();
    String[] parts = end.split("/");
    String ahead = parts[0] + "/" + (Long.parseLong(parts[1]) + 1_000_000) + "/" + parts[2];
    JsonNode found = verify("?head=" + encoded(ahead)).json();
    assertThat(found.path("findings").path(0).path("kind").asText()).isEqualTo("end_missing");
    assertThat(verify("?head=nonsense").status()).isEqualTo(400);
    assertThat(admin.get("/api/v1/status").text("status")).as("mistyped").isEqualTo("ok");

    Answer copy = auditor.get(AUDIT + "/export");
    assertThat(copy.header("Content-Type")).startsWith("application/x-ndjson");
    List<String> lines = copy.http().body().lines().toList();
    assertThat(lines.get(0)).contains("\"action\":\"audit.begin\"", "\"position\":1,");
    assertThat(lines).anyMatch(line -> line.contains("\"target_id\":\"" + id + "\""));
    assertThat(lines.get(lines.size() - 1)).contains("audit.export", "\"actor\":\"auditor\"");
    Answer rest = auditor.get(AUDIT + "/export?after=" + encoded(end));
    assertThat(rest.http().body().lines().findFirst().orElseThrow())
        .contains("\"position\":" + (Long.parseLong(parts[1]) + 1) + ",", parts[2]);
    assertThat(auditor.get(AUDIT + "/export?after=x").status()).isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource({"audit, 200", "gateway, 403", "metrics, 403"})
  void aTokenNeedsTheScope(String scope, int status) {
    Answer token = admin.post(TOKENS, "{\"name\":\"scoped\",\"scopes\":[\"" + scope + "\"]}");
    Wire program = Wire.anonymous(server.uri()).with(token.text("token"));

    assertThat(program.send("POST", AUDIT + "/verify", null).status()).isEqualTo(status);
    assertThat(program.get(AUDIT + "/export").status()).isEqualTo(status);
  }

  @Test
  void theEndIsNotedBesideTheDatabaseForTheOwnerOnlyAndInTheLog() throws Exception {
    key(unique("noted"));
    String end = verify("").json().path("heads").path(0).asText();
    Path file = server.dataDir().resolve("audit-head");

    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!Files.readString(file).contains(end) && System.nanoTime() < deadline) {
      Thread.sleep(100);
    }
    assertThat(Files.readString(file)).contains(end);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(server.logFile())).contains("The audit log ends at node_");
  }
}
