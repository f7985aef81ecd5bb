package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.web.Wire.Answer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Usage over HTTP: rows of a year that no other test counts in. */
class UsageIT {

  private static final String USAGE = "/api/v1/usage";
  private static final String JUNE = USAGE + "?from=2020-06-01T00:00:00Z&to=2020-06-02T00:00:00Z";
  private static final String OTHERS_PASSWORD = "three words for tests";

  private static MimirServer server;
  private static Wire anonymous;
  private static Wire admin;
  private static Wire auditor;
  private static Wire user;

  @BeforeAll
  static void start() throws SQLException {
    server = MimirServer.shared();
    anonymous = Wire.anonymous(server.uri());
    admin = anonymous.as(MimirServer.ADMIN, MimirServer.PASSWORD);
    auditor = person("auditor");
    user = person("user");
    String userId = accountOf("user-");
    try (Connection database = database();
        PreparedStatement row =
            database.prepareStatement(
                "insert into usage_hours (hour, key_id, token_id, model, pipeline_id, client,"
                    + " account_id, requests, errors, input_tokens, output_tokens, estimated,"
                    + " left_out, latency_ms, calls_50ms, calls_longer)"
                    + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
      String eight = "2020-06-01 08:00:00.000";
      String nine = "2020-06-01 09:00:00.000";
      String gpt = "gpt-4";
      String odd = "=cmd|' /C calc'!A0";
      insert(row, eight, "key_a", "", gpt, "", "curl", "usr_a", 4, 1, 40, 4, 2, 9, 400, 3, 1);
      insert(row, eight, "key_a", "token_a", gpt, "", "curl", "usr_b", 1, 0, 10, 1, 0, 0, 50, 1, 0);
      insert(row, eight, "key_b", "", odd, "pipe_a", "", userId, 1, 0, 1, 1, 0, 0, 7, 1, 0);
      insert(row, nine, "key_a", "", gpt, "", "", "usr_a", 2, 0, 20, 2, 0, 0, 300, 1, 1);
      insert(
          row, "2020-06-02 00:00:00.000", "key_a", "", gpt, "", "", "", 9, 9, 9, 9, 9, 9, 9, 9, 9);
    }
  }

  @AfterAll
  static void forget() throws SQLException {
    try (Connection database = database()) {
      database.createStatement().execute("delete from usage_hours where hour < '2021'");
    }
  }

  private static Connection database() throws SQLException {
    Connection database =
        DriverManager.getConnection("jdbc:sqlite:" + server.dataDir().resolve("mimir.db"));
    database.createStatement().execute("pragma busy_timeout=10000");
    return database;
  }

  private static void insert(PreparedStatement row, Object... columns) throws SQLException {
    for (int i = 0; i < columns.length; i++) {
      row.setObject(i + 1, columns[i]);
    }
    row.executeUpdate();
  }

  private static Wire person(String role) {
    String name = role + "-" + UUID.randomUUID();
    String body =
        "{\"username\":\"%s\",\"password\":\"%s\",\"roles\":[\"%s\"]}"
            .formatted(name, OTHERS_PASSWORD, role);
    assertThat(admin.post("/api/v1/settings/users", body).status()).isEqualTo(201);
    return anonymous.as(name, OTHERS_PASSWORD);
  }

  private static String accountOf(String prefix) throws SQLException {
    try (Connection database = database();
        ResultSet id =
            database
                .createStatement()
                .executeQuery(
                    "select id from accounts where username like '"
                        + prefix
                        + "%' order by created_at desc limit 1")) {
      return id.getString(1);
    }
  }

  private static Wire token(String scope) {
    Answer made =
        admin.post(
            "/api/v1/settings/tokens", "{\"name\":\"usage\",\"scopes\":[\"%s\"]}".formatted(scope));
    assertThat(made.status()).isEqualTo(201);
    return anonymous.with(made.text("token"));
  }

  @Test
  void everyHourKeyTokenAndModelHasARowOfItsOwn() {
    JsonNode rows = auditor.get(JUNE).json();

    assertThat(rows).hasSize(4);
    assertThat(rows.path(0).toString())
        .isEqualTo(
            "{\"hour\":\"2020-06-01T09:00:00Z\",\"key_id\":\"key_a\",\"token_id\":null,"
                + "\"model\":\"gpt-4\",\"pipeline_id\":null,\"client\":null,"
                + "\"account_id\":\"usr_a\",\"requests\":2,\"errors\":0,\"input_tokens\":20,"
                + "\"output_tokens\":2,\"estimated\":0,\"left_out\":0,\"latency_ms\":150,"
                + "\"latency_buckets\":[0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,1]}");
    assertThat(rows.path(1).path("token_id").isNull()).isTrue();
    assertThat(rows.path(2).path("token_id").asText()).isEqualTo("token_a");
    assertThat(rows.path(3).path("key_id").asText()).isEqualTo("key_b");
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {
        "hour, hour, 2020-06-01T09:00:00Z, 2, 150",
        "key, key_id, key_a, 7, 107",
        "token, token_id, null, 7, 101",
        "model, model, =cmd|' /C calc'!A0, 1, 7",
        "pipeline, pipeline_id, null, 7, 107",
        "client, client, null, 3, 102"
      })
  void aGroupIsAddedUpAndItsOtherMembersAreNull(
      String group, String member, String first, int requests, int latency) {
    JsonNode rows = auditor.get(JUNE + "&group_by=" + group).json();

    assertThat(rows).hasSize(2);
    JsonNode row = rows.path(0);
    assertThat(row.path(member).isNull() ? null : row.path(member).asText()).isEqualTo(first);
    assertThat(row.path("requests").asInt()).isEqualTo(requests);
    assertThat(row.path("latency_ms").asInt()).isEqualTo(latency);
    for (String other :
        List.of("hour", "key_id", "token_id", "model", "pipeline_id", "client", "account_id")) {
      assertThat(row.path(other).isNull())
          .as(other)
          .isEqualTo(!other.equals(member) || first == null);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', 4",
    "&group_by=hour, 2",
    "&group_by=key, 2",
    "&group_by=token, 2",
    "&group_by=model, 2",
    "&group_by=account, 3",
    "'&group_by=hour,client', 3",
    "'&group_by=account,key,client', 4",
    "'&group_by=client,token', 3"
  })
  void aLongListIsReadPageByPage(String group, int rows) {
    List<String> whole = new ArrayList<>();
    auditor.get(JUNE + group).json().forEach(row -> whole.add(row.toString()));
    assertThat(whole).hasSize(rows);

    List<String> pages = new ArrayList<>();
    String next = JUNE + group + "&limit=1";
    while (next != null) {
      Answer page = auditor.get(next);
      assertThat(page.json()).hasSize(1);
      pages.add(page.json().path(0).toString());
      String link = page.header("Link");
      next = link.isEmpty() ? null : link.substring(1, link.indexOf('>'));
    }

    assertThat(pages).isEqualTo(whole);
  }

  @Test
  void severalGroupsAreAddedUpTogether() {
    JsonNode rows = auditor.get(JUNE + "&group_by=client,hour").json();

    assertThat(rows).hasSize(3);
    JsonNode curl = rows.path(2);
    assertThat(curl.path("hour").asText()).isEqualTo("2020-06-01T08:00:00Z");
    assertThat(curl.path("client").asText()).isEqualTo("curl");
    assertThat(curl.path("key_id").isNull()).isTrue();
    assertThat(curl.path("requests").asInt()).isEqualTo(5);
    assertThat(curl.path("estimated").asInt()).isEqualTo(2);
    assertThat(curl.path("left_out").asInt()).isEqualTo(9);
    assertThat(curl.path("latency_buckets").toString())
        .isEqualTo("[0,0,4,0,0,0,0,0,0,0,0,0,0,0,0,1]");
  }

  @Test
  void aUserSeesWhatIsTheirsAndNothingOfOthers() {
    JsonNode rows = user.get(JUNE).json();

    assertThat(rows).hasSize(1);
    assertThat(rows.path(0).path("key_id").asText()).isEqualTo("key_b");
    assertThat(user.get(JUNE + "&group_by=account").json()).hasSize(1);
    assertThat(user.get(JUNE + "&format=csv").http().body().lines()).hasSize(2);
    assertThat(admin.get(JUNE).json()).hasSize(4);
  }

  @ParameterizedTest
  @CsvSource({
    "from=yesterday, from",
    "to=2020-06-01, to",
    "to=99999-01-01T00:00:00Z, to",
    "from=2020-06-01T00:00:00Z&to=2020-05-01T00:00:00Z, to",
    "group_by=provider, group_by",
    "group_by=none, group_by",
    "'group_by=hour,', group_by",
    "'group_by=hour,provider', group_by",
    "format=xml, format",
    "limit=0, limit",
    "cursor=nonsense, cursor"
  })
  void aWrongParameterIsNamed(String query, String parameter) {
    Answer refused = admin.get(USAGE + "?" + query);

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.json().path("errors").path(0).path("field").asText()).isEqualTo(parameter);
  }

  @Test
  void theFileHasAllRowsAndNoFormula() throws SQLException {
    Answer file = auditor.get(JUNE + "&format=csv");

    assertThat(file.status()).isEqualTo(200);
    assertThat(file.header("Content-Type")).startsWith("text/csv");
    assertThat(file.header("Content-Disposition")).startsWith("attachment");
    assertThat(file.http().body())
        .isEqualTo(
            """
            hour,key_id,token_id,model,pipeline_id,client,account_id,requests,errors,input_tokens,output_tokens,estimated,left_out,latency_ms,latency_buckets
            2020-06-01T09:00:00Z,key_a,,gpt-4,,,usr_a,2,0,20,2,0,0,150,0 0 1 0 0 0 0 0 0 0 0 0 0 0 0 1
            2020-06-01T08:00:00Z,key_a,,gpt-4,,curl,usr_a,4,1,40,4,2,9,100,0 0 3 0 0 0 0 0 0 0 0 0 0 0 0 1
            2020-06-01T08:00:00Z,key_a,token_a,gpt-4,,curl,usr_b,1,0,10,1,0,0,50,0 0 1 0 0 0 0 0 0 0 0 0 0 0 0 0
            2020-06-01T08:00:00Z,key_b,,'=cmd|' /C calc'!A0,pipe_a,,ACCOUNT,1,0,1,1,0,0,7,0 0 1 0 0 0 0 0 0 0 0 0 0 0 0 0
            """
                .replace("ACCOUNT", accountOf("user-"))
                .replace("\n", "\r\n"));
    assertThat(auditor.send("GET", JUNE + "&format=csv", null, "Accept", "text/csv").status())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "/api/v1/usage, audit, 200",
    "/api/v1/usage, settings, 403",
    "/api/v1/usage, chat, 403",
    "/api/v1/usage, metrics, 403",
    "/metrics, metrics, 200",
    "/metrics, settings, 403",
    "/metrics, audit, 403",
    "/metrics, gateway, 403"
  })
  void aTokenOpensWhatItsScopeSays(String path, String scope, int status) {
    assertThat(token(scope).get(path).status()).isEqualTo(status);
  }

  @Test
  void theNumbersForPrometheusAreForAdministratorsOnly() {
    assertThat(admin.get("/metrics").status()).isEqualTo(200);
    assertThat(auditor.get("/metrics").status()).isEqualTo(403);
    assertThat(user.get("/metrics").status()).isEqualTo(403);
    assertThat(anonymous.as(MimirServer.ADMIN, "wrong").get("/metrics").status()).isEqualTo(401);
    Answer nobody = anonymous.get("/metrics");
    assertThat(nobody.status()).isEqualTo(401);
    assertThat(nobody.header("WWW-Authenticate")).isNotEmpty();
    assertThat(nobody.header("Content-Type")).isEqualTo("application/problem+json");
  }

  @Test
  void theNumbersForPrometheusAreInItsFormat() {
    Answer numbers = admin.get("/metrics");

    assertThat(numbers.header("Content-Type"))
        .isEqualTo("text/plain; version=0.0.4; charset=utf-8");
    assertThat(numbers.http().body().lines())
        .isNotEmpty()
        .allMatch(
            line ->
                line.matches("# (HELP|TYPE) mimir_[a-z_]+ \\S.*")
                    || line.matches("mimir_[a-z_]+(\\{([a-z]+=\"[^\"]*\",?)+})? [-+.0-9EInfa]+"));
    assertThat(numbers.http().body())
        .contains(
            "# TYPE mimir_uptime_seconds gauge", "mimir_jvm_memory_used_bytes{area=\"heap\"}");
  }
}
