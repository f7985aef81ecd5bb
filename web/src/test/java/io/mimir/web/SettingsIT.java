package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.llm.service.StubProvider;
import io.mimir.llm.service.StubProvider.Misbehaviour;
import io.mimir.web.Wire.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The API of the settings over HTTP, on the server as it is started for real. */
class SettingsIT {

  private static final String KEYS = "/api/v1/settings/api-keys";
  private static final String OTHERS_PASSWORD = "three words for tests";

  private static StubProvider stub;
  private static MimirServer server;
  private static Wire anonymous;
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
    anonymous = Wire.anonymous(server.uri());
    admin = anonymous.as(MimirServer.ADMIN, MimirServer.PASSWORD);
    for (String role : List.of("auditor", "user")) {
      String body =
          "{\"username\":\"%s\",\"password\":\"%s\",\"roles\":[\"%s\"]}"
              .formatted(role, OTHERS_PASSWORD, role);
      assertThat(admin.post("/api/v1/settings/users", body).status()).isEqualTo(201);
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
    return prefix + " " + UUID.randomUUID();
  }

  private static Answer openAiKey(String name, String secret) {
    return admin.post(
        KEYS,
        "{\"provider\":\"openai\",\"name\":\"%s\",\"key_value\":\"%s\",\"endpoint_url\":\"%s\"}"
            .formatted(name, secret, stub.url()));
  }

  @Test
  void aKeyIsCreatedListedChangedDeletedAndRestored() {
    Answer created =
        admin.post(
            KEYS,
            """
            {"provider":"ollama","name":"  Local %s ","endpoint_url":"%s/",
             "metadata":"{\\"default_model\\":\\"llama3\\",\\"team\\":{\\"x\\":[1]}}"}
            """
                .formatted(UUID.randomUUID(), stub.url()));
    assertThat(created.status()).isEqualTo(201);
    String id = created.text("id");
    assertThat(id).startsWith("key_");
    assertThat(created.header("Location")).isEqualTo(KEYS + "/" + id);
    assertThat(created.text("name")).startsWith("Local ").doesNotEndWith(" ");
    assertThat(created.text("message")).isNotBlank();
    assertThat(created.json().path("metadata").path("team").path("x").path(0).asInt()).isOne();

    Answer listed = admin.get(KEYS);
    assertThat(listed.json().isArray()).isTrue();
    assertThat(listed.json().path(0).path("id").asText()).isEqualTo(id);
    assertThat(listed.json().path(0).fieldNames())
        .toIterable()
        .containsExactly(
            "id",
            "provider",
            "name",
            "key_hint",
            "has_key",
            "endpoint_url",
            "is_active",
            "created_at",
            "updated_at",
            "last_used_at",
            "metadata",
            "status",
            "last_test",
            "created_by",
            "priority",
            "weight",
            "rotation",
            "headers",
            "query",
            "auth",
            "expires_at");

    String tag = admin.get(KEYS + "/" + id).header("ETag");
    assertThat(admin.send("POST", KEYS + "/" + id + "/test", null).text("reason")).isEqualTo("ok");
    assertThat(admin.get(KEYS + "/" + id).header("ETag")).as("tests move no ETag").isEqualTo(tag);
    assertThat(admin.get(KEYS + "/" + id).json().path("last_used_at").isNull()).isTrue();

    Answer changed =
        admin.put(
            KEYS + "/" + id,
            "{\"is_active\":false,\"metadata\":{\"default_model\":null,\"rate_limit\":5}}",
            "If-Match",
            tag);
    assertThat(changed.status()).isEqualTo(200);
    assertThat(changed.text("status")).isEqualTo("disabled");
    assertThat(changed.json().path("metadata").has("default_model")).isFalse();
    assertThat(changed.json().path("metadata").has("team")).isTrue();
    assertThat(admin.put(KEYS + "/" + id, "{\"name\":\"x\"}", "If-Match", tag).status())
        .isEqualTo(412);

    assertThat(admin.delete(KEYS + "/" + id).text("id")).isEqualTo(id);
    assertThat(admin.delete(KEYS + "/" + id).status()).isEqualTo(404);
    assertThat(admin.get(KEYS + "/" + id).status()).isEqualTo(404);
    assertThat(admin.send("POST", KEYS + "/" + id + "/restore", null).status()).isEqualTo(200);
    assertThat(admin.get(KEYS + "/" + id).status()).isEqualTo(200);
  }

  @Test
  void aStoredSecretFollowsNoAddressToAnotherServer() throws InterruptedException {
    String id = openAiKey(unique("moved"), StubProvider.KEY).text("id");
    for (String elsewhere :
        List.of(
            "https://api.example.com",
            "http://127.0.0.1:" + (stub.port() == 65_535 ? 1 : stub.port() + 1),
            "https://127.0.0.1:" + stub.port(),
            "")) {
      Answer refused = admin.put(KEYS + "/" + id, "{\"endpoint_url\":\"%s\"}".formatted(elsewhere));
      assertThat(refused.status()).as(elsewhere).isEqualTo(422);
      assertThat(refused.text("code")).isIn("key_required_for_new_origin", "endpoint_blocked");
    }
    assertThat(
            admin
                .put(KEYS + "/" + id, "{\"endpoint_url\":\"%s/v1\"}".formatted(stub.url()))
                .status())
        .isEqualTo(200);
    assertThat(admin.send("POST", KEYS + "/" + id + "/test", null).text("reason")).isEqualTo("ok");
  }

  @Test
  void aKeyHasItsPlaceAmongTheOthersAndItsLimits() {
    Answer created =
        admin.post(
            KEYS,
            """
            {"provider":"openai","name":"%s","key_value":"%s","priority":10,"weight":3,
             "metadata":{"tokens_per_minute":200000,"max_concurrent":8,"monthly_tokens":1000000000000,
              "allowed_models":["gpt-4"],"max_tokens":2048}}
            """
                .formatted(unique("routed"), StubProvider.KEY));
    assertThat(created.status()).isEqualTo(201);
    String path = KEYS + "/" + created.text("id");
    assertThat(created.json().path("priority").asInt()).isEqualTo(10);

    Answer changed = admin.put(path, "{\"weight\":7,\"metadata\":{\"max_concurrent\":null}}");

    assertThat(changed.json().path("priority").asInt()).isEqualTo(10);
    assertThat(changed.json().path("weight").asInt()).isEqualTo(7);
    JsonNode metadata = admin.get(path).json().path("metadata");
    assertThat(metadata.path("monthly_tokens").asLong()).isEqualTo(1_000_000_000_000L);
    assertThat(metadata.path("allowed_models").path(0).asText()).isEqualTo("gpt-4");
    assertThat(metadata.has("max_concurrent")).isFalse();
    admin.delete(path);
  }

  @Test
  void theCatalogueOfProvidersIsListed() {
    JsonNode providers = user.get("/api/v1/providers").json();

    assertThat(providers.path(0).fieldNames())
        .toIterable()
        .containsExactly(
            "id", "label", "protocols", "default_endpoint", "needs_endpoint", "needs_key");
    assertThat(providers.findValuesAsText("id"))
        .contains("openai", "azure", "github-models", "cloudflare-workers-ai", "open-webui");
    assertThat(anonymous.get("/api/v1/providers").status()).isEqualTo(401);
  }

  @Test
  void aKeyBringsHeadersAndAQueryAndShowsNoValueOfAHeader() throws InterruptedException {
    Wire other = another("headers-admin");
    Answer created =
        other.post(
            KEYS,
            """
            {"provider":"custom","name":"%s","key_value":"%s","auth":"header:x-api-key",
             "endpoint_url":"%s/v1/chat/completions?api-version=2024-10-21",
             "headers":{"X-Tenant":"CANARY-header-value","Authorization":"Basic CANARY"},
             "expires_at":"2030-01-31T00:00:00Z"}
            """
                .formatted(unique("headers"), StubProvider.KEY, stub.url()));
    assertThat(created.status()).as(created.json().toString()).isEqualTo(201);
    String path = KEYS + "/" + created.text("id");
    JsonNode shown = other.get(path).json();

    assertThat(shown.path("endpoint_url").asText()).isEqualTo(stub.url() + "/v1");
    assertThat(shown.path("query").toString()).isEqualTo("{\"api-version\":\"2024-10-21\"}");
    assertThat(shown.path("headers").toString())
        .isEqualTo("{\"X-Tenant\":null,\"Authorization\":null}");
    assertThat(shown.path("auth").asText()).isEqualTo("header:x-api-key");
    assertThat(shown.path("expires_at").asText()).startsWith("2030-01-31T00:00:00");
    assertThat(other.get(KEYS).json().toString()).doesNotContain("CANARY");

    stub.reset();
    other.send("POST", path + "/test", null);
    // Lists of other tests' keys are read by themselves in between.
    assertThat(stub.requests())
        .filteredOn(seen -> seen.path().equals("/v1/models?api-version=2024-10-21"))
        .anySatisfy(
            seen ->
                assertThat(seen.headers())
                    .containsEntry("x-tenant", "CANARY-header-value")
                    .containsEntry("x-api-key", StubProvider.KEY)
                    .containsEntry("authorization", "Basic CANARY"));

    Answer moved =
        other.put(path, "{\"endpoint_url\":\"https://other.example.com\",\"key_value\":\"sk-2\"}");
    assertThat(moved.status()).isEqualTo(422);
    assertThat(moved.text("code")).isEqualTo("key_required_for_new_origin");
    Answer back = other.put(path, "{\"headers\":{\"X-Tenant\":null},\"expires_at\":null}");
    assertThat(back.json().path("headers").toString()).isEqualTo("{\"X-Tenant\":null}");
    assertThat(back.json().path("expires_at").isNull()).isTrue();
    Answer refused = other.put(path, "{\"headers\":{\"Host\":\"CANARY.example\"}}");
    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.json().toString()).contains("\"headers\"").doesNotContain("CANARY");
    other.delete(path);
  }

  /** Ten tests a minute are an administrator's share: each of these tests is another one. */
  private static Wire another(String name) {
    admin.post(
        "/api/v1/settings/users",
        "{\"username\":\"%s\",\"password\":\"%s\",\"roles\":[\"admin\"]}"
            .formatted(name, OTHERS_PASSWORD));
    return anonymous.as(name, OTHERS_PASSWORD);
  }

  private static String trial(String secret) {
    return "{\"key_value\":\"%s\",\"share\":25,\"calls\":5}".formatted(secret);
  }

  /** A key is tried once a second. */
  private static void rest() throws InterruptedException {
    Thread.sleep(1_100);
  }

  @Test
  void aNewSecretIsTriedAndThenReplacesTheOldOne() {
    Wire rotator = another("rotator");
    Answer key = openAiKey(unique("rotated"), "sk-old-0123456789abcdef");
    String path = KEYS + "/" + key.text("id");

    Answer begun = rotator.post(path + "/rotation", trial(StubProvider.KEY));

    assertThat(begun.status()).isEqualTo(201);
    assertThat(begun.text("message")).isNotBlank();
    assertThat(begun.text("key_hint")).as("the old one still").isEqualTo(key.text("key_hint"));
    assertThat(begun.header("ETag")).isEqualTo(admin.get(path).header("ETag"));
    JsonNode rotation = begun.json().path("rotation");
    assertThat(rotation.fieldNames())
        .toIterable()
        .containsExactly("key_hint", "share", "calls", "since", "by", "calls_ok", "calls_failed");
    assertThat(rotation.path("key_hint").asText()).isEqualTo("sk-…cdef");
    assertThat(rotation.path("share").asInt()).isEqualTo(25);
    assertThat(rotation.path("calls").asInt()).isEqualTo(5);
    assertThat(rotation.path("by").asText()).isEqualTo("rotator");
    assertThat(rotation.path("calls_ok").asInt()).isZero();
    Answer second = rotator.post(path + "/rotation", trial(StubProvider.KEY));
    assertThat(second.status()).isEqualTo(409);
    assertThat(second.text("code")).isEqualTo("in_use");
    assertThat(
            rotator
                .send("POST", path + "/rotation/finish", null, "If-Match", key.header("ETag"))
                .status())
        .isEqualTo(412);

    Answer finished = rotator.send("POST", path + "/rotation/finish", null);

    assertThat(finished.status()).isEqualTo(200);
    assertThat(finished.json().path("rotation").isNull()).isTrue();
    assertThat(finished.text("key_hint")).isEqualTo("sk-…cdef");
    assertThat(rotator.send("POST", path + "/rotation/finish", null).status()).isEqualTo(404);
    String log = auditor.get("/api/v1/audit?target=" + key.text("id")).http().body();
    assertThat(log).contains("key.rotation.start", "key.rotation.promote", "\"actor\":\"rotator\"");
    admin.delete(path);
  }

  @Test
  void aRotationEndsWhenItIsRolledBackOrTheKeyIsChangedUnderIt() throws InterruptedException {
    Wire rotator = another("returner");
    Answer key = openAiKey(unique("returned"), "sk-old-0123456789abcdef");
    String path = KEYS + "/" + key.text("id");
    assertThat(rotator.delete(path + "/rotation").status()).isEqualTo(404);

    rotator.post(path + "/rotation", trial(StubProvider.KEY));
    Answer back = rotator.delete(path + "/rotation");

    assertThat(back.status()).isEqualTo(200);
    assertThat(back.json().path("rotation").isNull()).isTrue();
    assertThat(back.text("key_hint")).isEqualTo(key.text("key_hint"));
    assertThat(
            auditor
                .get(
                    "/api/v1/audit?action=key.rotation.rollback&outcome=success&target="
                        + key.text("id"))
                .json())
        .hasSize(1);
    for (String change :
        List.of(
            "{\"key_value\":\"sk-third-0123456789abcd\"}",
            "{\"key_value\":\"sk-third-0123456789abcd\",\"endpoint_url\":\"\"}")) {
      rest();
      assertThat(
              rotator
                  .put(path, "{\"key_value\":\"x\",\"endpoint_url\":\"" + stub.url() + "\"}")
                  .status())
          .isEqualTo(200);
      assertThat(rotator.post(path + "/rotation", trial(StubProvider.KEY)).status()).isEqualTo(201);
      assertThat(rotator.put(path, "{\"name\":\"" + unique("renamed") + "\"}").http().body())
          .as("a new name ends nothing")
          .contains("\"rotation\":{");
      assertThat(rotator.put(path, change).json().path("rotation").isNull()).as(change).isTrue();
    }
    admin.delete(path);
  }

  @Test
  void aNewSecretThatTheProviderRefusesIsNotKept() throws InterruptedException {
    Wire rotator = another("refused-rotator");
    Answer key = openAiKey(unique("refused"), StubProvider.KEY);
    String path = KEYS + "/" + key.text("id");

    Answer refused = rotator.post(path + "/rotation", trial("sk-wrong-0123456789abc"));

    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.json().path("errors").path(0).path("field").asText()).isEqualTo("key_value");
    assertThat(refused.json().path("errors").path(0).path("code").asText())
        .isEqualTo("auth_failed");
    Answer still = admin.get(path);
    assertThat(still.json().path("rotation").isNull()).isTrue();
    assertThat(still.header("ETag")).isEqualTo(key.header("ETag"));
    assertThat(still.json().path("last_test").isNull()).as("it is no test of the key").isTrue();
    assertThat(
            auditor
                .get(
                    "/api/v1/audit?action=key.rotation.start&outcome=failure&target="
                        + key.text("id"))
                .json())
        .hasSize(1);
    stub.misbehave(Misbehaviour.STATUS_500);
    try {
      rest();
      assertThat(rotator.post(path + "/rotation", trial(StubProvider.KEY)).status())
          .as("a provider that is down refuses no key")
          .isEqualTo(201);
    } finally {
      stub.reset();
    }
    admin.delete(path);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|400|key_value",
        "{\"key_value\":\" \"}|400|key_value",
        "{\"key_value\":\"a\\nb\"}|422|key_value",
        "{\"key_value\":\"sk-x\",\"share\":0}|422|share",
        "{\"key_value\":\"sk-x\",\"share\":51}|422|share",
        "{\"key_value\":\"sk-x\",\"calls\":0}|422|calls",
        "{\"key_value\":\"sk-x\",\"calls\":10001}|422|calls",
        "{\"key_value\":\"sk-x\",\"percent\":5}|400|percent"
      })
  void aWrongFieldOfARotationIsNamed(String body, int status, String field) {
    String path = KEYS + "/" + openAiKey(unique("untried"), StubProvider.KEY).text("id");

    Answer refused = admin.post(path + "/rotation", body);

    assertThat(refused.status()).isEqualTo(status);
    assertThat(refused.json().path("errors").path(0).path("field").asText()).isEqualTo(field);
    assertThat(admin.get(path).json().path("rotation").isNull()).isTrue();
    admin.delete(path);
  }

  @ParameterizedTest
  @CsvSource({
    "STATUS_401, auth_failed, failing",
    "STATUS_403, forbidden, failing",
    "STATUS_429, rate_limited, active",
    "QUOTA, quota_exceeded, failing",
    "STATUS_500, upstream_error, failing",
    "REDIRECT_302, upstream_redirect, failing",
    "HTML, not_llm_api, failing",
    "OTHER_JSON, not_llm_api, failing"
  })
  void aTestTellsWhatIsWrong(Misbehaviour how, String reason, String status) throws Exception {
    // Ten tests a minute are an administrator's share: each case is another administrator.
    String name = "tester-" + how.name().toLowerCase(java.util.Locale.ROOT);
    admin.post(
        "/api/v1/settings/users",
        "{\"username\":\"%s\",\"password\":\"%s\",\"roles\":[\"admin\"]}"
            .formatted(name, OTHERS_PASSWORD));
    String id = openAiKey(unique("tested"), StubProvider.KEY).text("id");
    stub.misbehave(how);
    try {
      Answer verdict =
          anonymous.as(name, OTHERS_PASSWORD).send("POST", KEYS + "/" + id + "/test", null);

      assertThat(verdict.status()).isEqualTo(200);
      assertThat(verdict.json().path("success").asBoolean()).isFalse();
      assertThat(verdict.text("reason")).isEqualTo(reason);
      assertThat(verdict.text("message")).isNotBlank();
      assertThat(verdict.json().fieldNames())
          .toIterable()
          .as("the members of contract.md and no other")
          .containsExactly("success", "reason", "message", "latency_ms", "models", "tested_at");
      assertThat(verdict.json().path("latency_ms").asLong() % 10).isZero();
      assertThat(admin.get(KEYS + "/" + id).text("status")).isEqualTo(status);
    } finally {
      stub.reset();
    }
  }

  /** Addresses that no key may be saved for and no test may call: refused as a text, or blocked. */
  static Stream<String> closedAddresses() {
    return Stream.of(
        "http://169.254.169.254",
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:a9fe:a9fe]",
        "http://[64:ff9b::a9fe:a9fe]",
        "http://[2002:a9fe:a9fe::]",
        "http://2852039166",
        "http://169.254.43518",
        "http://0xA9FEA9FE",
        "http://0251.0376.0251.0376",
        "http://metadata.google.internal",
        "http://METADATA.GOOGLE.INTERNAL.",
        "http://metadata",
        "http://100.100.100.200",
        "http://168.63.129.16",
        "http://192.0.0.192",
        "http://169.254.170.2",
        "http://[fd00:ec2::254]",
        "http://[fe80::1]",
        "http://[fe80::1%25eth0]",
        "http://0.0.0.0",
        "http://0.0.0.0:11434",
        "http://[::]",
        "http://224.0.0.1",
        "http://239.255.255.250",
        "http://255.255.255.255",
        "http://240.0.0.1",
        "http://[ff02::1]",
        "http://100.64.0.1",
        "http://198.18.0.1",
        "http://192.0.2.1",
        "http://203.0.113.9",
        "http://[2001:db8::1]",
        "http://user@169.254.169.254",
        "http://127.0.0.1@169.254.169.254",
        "http://x#@169.254.169.254",
        "http://169.254.169.254#x",
        "http://x\\\\@169.254.169.254",
        "http://x:0",
        "http://x:99999",
        "http:/x",
        "http://",
        "ftp://x",
        "file:///etc/passwd",
        "gopher://x",
        "jar:http://x!/",
        "javascript:alert(1)",
        "//x",
        "x",
        "http://169.254.169.254?y",
        "http://0?y=z",
        "http://x#y",
        "http://a b",
        "http://x/../y",
        "http://127.1",
        "http://0177.0.0.1",
        "http://0x7f.1",
        "http://2130706433",
        "http://00127.0.0.1",
        "http://\uff11\uff12\uff17.0.0.1",
        "http://127\u30020\u30020\u30021",
        "http://h\u00fcst",
        "http://*",
        "http://${x}",
        "http://x%00y",
        "http://1.1.1.256",
        "http://[::1",
        "http://[fec0::1]",
        "http://[::169.254.169.254]",
        "http://[2001:0:4136:e378:8000:63bf:5601:5601]");
  }

  @Test
  void noKeyIsSavedAndNoTestIsMadeForAClosedAddress() {
    int refused = 0;
    for (String address : closedAddresses().toList()) {
      for (String path : List.of(KEYS, KEYS + "/test")) {
        Answer answer =
            admin.post(
                path,
                "{\"provider\":\"custom\",\"name\":\"%s\",\"key_value\":\"sk-x\",\"endpoint_url\":\"%s\"}"
                    .formatted(unique("closed"), address));
        assertThat(answer.status()).as("%s %s", path, address).isIn(400, 422);
        assertThat(answer.http().body()).doesNotContain("169.254");
      }
      refused++;
    }
    assertThat(refused).isGreaterThanOrEqualTo(60);
    Answer itself =
        admin.post(
            KEYS,
            "{\"provider\":\"custom\",\"name\":\"%s\",\"endpoint_url\":\"http://127.0.0.1:%d\"}"
                .formatted(unique("itself"), server.port()));
    assertThat(itself.text("code")).isEqualTo("endpoint_blocked");
  }

  @Test
  void theNameOfThisMachineIsRefusedBeforeAnythingIsCalled() {
    Answer refused =
        admin.post(
            KEYS + "/test",
            "{\"provider\":\"openai\",\"name\":\"n\",\"key_value\":\"sk-x\",\"endpoint_url\":\"https://localhost:1\"}");

    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.text("code")).isEqualTo("endpoint_blocked");
  }

  @Test
  void aLanOllamaNeedsNoPermission() {
    Answer saved =
        admin.post(
            KEYS,
            "{\"provider\":\"ollama\",\"name\":\"%s\",\"endpoint_url\":\"http://192.168.1.100:11434\"}"
                .formatted(unique("lan")));

    assertThat(saved.status()).isEqualTo(201);
    admin.delete(KEYS + "/" + saved.text("id"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"provider\":\"openai\",\"key_value\":\"k\"}|400|name",
        "{\"name\":\"n\",\"key_value\":\"k\"}|400|provider",
        "{\"provider\":\"OpenAI\",\"name\":\"n\",\"key_value\":\"k\"}|400|provider",
        "{\"provider\":\"openai\",\"name\":\"n\"}|400|key_value",
        "{\"provider\":\"anthropic\",\"name\":\"n\",\"key_value\":\" \"}|400|key_value",
        "{\"provider\":\"custom\",\"name\":\"n\"}|400|endpoint_url",
        "{\"provider\":\"openai\",\"name\":\"n\",\"key_value\":\"a\\nb\"}|422|key_value",
        "{\"provider\":\"openai\",\"name\":\"n\",\"key_value\":\"a b\"}|422|key_value",
        "{\"provider\":\"openai\",\"name\":\"a\\u0007\",\"key_value\":\"k\"}|422|name",
        "{\"provider\":\"openai\",\"name\":\"n\",\"key_value\":\"k\",\"is_builtin\":true}|400|is_builtin",
        "{\"provider\":\"openai\",\"name\":\"n\",\"key_value\":\"k\",\"id\":\"x\"}|400|id",
        "{\"provider\":\"openai\",\"name\":\"n\",\"key_value\":\"k\",\"metadata\":\"[]\"}|400|metadata",
        "{\"provider\":\"openai\",\"name\":\"n\",\"key_value\":\"k\",\"metadata\":{\"rate_limit\":0}}|422|metadata.rate_limit",
        "{\"provider\":\"openai\",\"name\":\"n\",\"key_value\":\"k\",\"metadata\":{\"monthly_tokens\":0}}|422|metadata.monthly_tokens",
        "{\"provider\":\"openai\",\"name\":\"n\",\"key_value\":\"k\",\"metadata\":{\"allowed_models\":[]}}|422|metadata.allowed_models",
        "{\"provider\":\"openai\",\"name\":\"n\",\"key_value\":\"k\",\"priority\":0}|422|priority",
        "{\"provider\":\"openai\",\"name\":\"n\",\"key_value\":\"k\",\"priority\":101}|422|priority",
        "{\"provider\":\"openai\",\"name\":\"n\",\"key_value\":\"k\",\"weight\":1001}|422|weight",
        "{\"provider\":\"openai\",\"name\":\"n\",\"key_value\":\"k\",\"weight\":\"1\"}|400|weight"
      })
  void aWrongFieldIsNamed(String body, int status, String field) {
    Answer refused = admin.post(KEYS, body);

    assertThat(refused.status()).isEqualTo(status);
    assertThat(refused.json().path("errors").path(0).path("field").asText()).isEqualTo(field);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PATCH", "DELETE", "PUT"})
  void refusalsAreProblemsAndNeverPages(String method) {
    Answer refused = admin.send(method, KEYS, null);

    assertThat(refused.status()).isEqualTo(405);
    assertThat(refused.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(refused.text("type")).isEqualTo("urn:mimir:problem:method_not_allowed");
    assertThat(refused.text("request_id")).isEqualTo(refused.header("X-Request-Id"));
  }

  @Test
  void bodiesOfTheWrongKindOrSizeAreRefused() {
    assertThat(
            admin
                .send("POST", KEYS, "a=b", "Content-Type", "application/x-www-form-urlencoded")
                .status())
        .isEqualTo(415);
    assertThat(admin.send("POST", KEYS, "{}", "Content-Type", "text/plain").status())
        .isEqualTo(415);
    assertThat(
            admin
                .send(
                    "POST",
                    KEYS,
                    "{}",
                    "Content-Type",
                    "application/json",
                    "Content-Encoding",
                    "gzip")
                .status())
        .isEqualTo(415);
    assertThat(
            admin
                .send("POST", KEYS, "{}", "Content-Type", "application/json;charset=utf-16")
                .status())
        .isEqualTo(415);
    assertThat(admin.post(KEYS, "{\"name\":\"" + "x".repeat(300_000) + "\"}").status())
        .isEqualTo(413);
    String part = "--e\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n\r\n";
    for (String address : List.of("/login", "/setup", "/chat", "/errors/failed.xhtml", KEYS)) {
      // A page of the server's would have read it, part by part: 40 s of a processor for a
      // stranger.
      Answer form =
          anonymous.send(
              "POST",
              address,
              part.repeat(5_000) + "--e--\r\n",
              "Content-Type",
              "Multipart/Form-Data; boundary=e");
      // Or the way to the sign-in page.
      assertThat(form.status()).as(address).isIn(302, 401, 415);
    }
    assertThat(admin.get(KEYS + "?api_key=sk-1").status()).isEqualTo(400);
    assertThat(admin.get("/api/v1/nothing/here").status()).isEqualTo(404);
    assertThat(admin.send("GET", KEYS, null, "Accept", "text/html").status()).isEqualTo(406);
  }

  @Test
  void tokensOpenWhatTheirScopesSayUntilTheyAreRevoked() {
    Answer made = admin.post("/api/v1/settings/tokens", "{\"name\":\"t\",\"scopes\":[\"chat\"]}");
    assertThat(made.status()).isEqualTo(201);
    assertThat(made.text("token")).matches("mimir_[0-9A-Za-z]{49}");
    Wire chat = anonymous.with(made.text("token"));
    assertThat(chat.get("/api/v1/chat").status()).isEqualTo(200);
    assertThat(chat.get(KEYS).status()).isEqualTo(403);
    assertThat(chat.get("/api/v1/account/tokens").status()).isEqualTo(403);
    assertThat(admin.get("/api/v1/settings/tokens").http().body())
        .doesNotContain(made.text("token"));

    admin.delete("/api/v1/settings/tokens/" + made.text("id"));

    assertThat(chat.get("/api/v1/chat").status()).isEqualTo(401);
    assertThat(anonymous.with("mimir_" + "a".repeat(49)).get(KEYS).status()).isEqualTo(401);
    assertThat(anonymous.with("nonsense").get(KEYS).status()).isEqualTo(401);
    assertThat(
            user.post("/api/v1/account/tokens", "{\"name\":\"t\",\"scopes\":[\"settings\"]}")
                .status())
        .isEqualTo(422);
  }

  @Test
  void eachKindOfCredentialMayDoWhatTheContractSaysAndEachRefusalIsWrittenDown() {
    Wire session = anonymous.signedIn(MimirServer.ADMIN, MimirServer.PASSWORD);
    Wire confirmed = anonymous.signedIn(MimirServer.ADMIN, MimirServer.PASSWORD);
    Answer entered =
        confirmed.post(
            "/api/v1/session/password", "{\"password\":\"%s\"}".formatted(MimirServer.PASSWORD));
    assertThat(entered.text("confirmed_until")).isNotBlank();
    Powers powers = new Powers(admin, session, confirmed);

    assertThat(powers.wrong()).isEmpty();

    Set<String> denied = new HashSet<>();
    String page = "/api/v1/audit?limit=500";
    while (!page.isEmpty()) {
      Answer events = auditor.get(page);
      for (JsonNode event : events.json()) {
        if (event.path("outcome").asText().equals("denied")) {
          denied.add(event.path("request_id").asText());
        }
      }
      String next = events.header("Link");
      page = next.isEmpty() ? "" : next.substring(1, next.indexOf('>'));
    }
    assertThat(powers.refused()).hasSizeGreaterThan(100);
    assertThat(denied).containsAll(powers.refused());
  }

  @Test
  void enteringThePasswordAgainMakesCookiesNewAndIsNoWayToGuessIt() {
    another("confirmer");
    Wire session = anonymous.signedIn("confirmer", OTHERS_PASSWORD);
    assertThat(session.signIn().http().headers().allValues("Set-Cookie"))
        .hasSize(2)
        .allMatch(
            cookie -> cookie.contains("HttpOnly") && cookie.matches("(?i).*samesite=strict.*"));
    String before = session.cookies();
    String right = "{\"password\":\"%s\"}".formatted(OTHERS_PASSWORD);
    Answer confirmed = session.post("/api/v1/session/password", right);
    assertThat(confirmed.status()).isEqualTo(200);
    assertThat(confirmed.http().headers().allValues("Set-Cookie"))
        .hasSize(2)
        .allMatch(cookie -> cookie.matches("(?i).*samesite=strict.*"));
    assertThat(anonymous.send("GET", "/api/v1/session", null, "Cookie", before).status())
        .as("a copy of the cookies from before")
        .isEqualTo(401);
    assertThat(session.get("/api/v1/session").status()).isEqualTo(200);
    assertThat(admin.post("/api/v1/session/password", right).text("code"))
        .as("Basic has no session")
        .isEqualTo("refused");

    for (int i = 0; i < 5; i++) {
      Answer wrong =
          i % 2 == 0
              ? session.post("/api/v1/session/password", "{\"password\":\"wrong\"}")
              : session.put(
                  "/api/v1/account/password", "{\"current\":\"wrong\",\"new\":\"whatever it is\"}");
      assertThat(wrong.status()).isEqualTo(422);
      assertThat(wrong.text("code")).isEqualTo("wrong_password");
    }
    Answer closed = session.post("/api/v1/session/password", right);
    assertThat(closed.status()).isEqualTo(429);
    assertThat(closed.text("code")).isEqualTo("locked_out");
    assertThat(Integer.parseInt(closed.header("Retry-After"))).isBetween(1, 30);
    assertThat(anonymous.as("confirmer", OTHERS_PASSWORD).get("/api/v1/session").status())
        .as("guesses at one door count at the others")
        .isEqualTo(429);
    assertThat(auditor.get("/api/v1/audit?action=session.password&actor=confirmer").http().body())
        .contains("\"success\"", "\"failure\"", "\"denied\"");
  }

  @Test
  void aTokenThatWasMadeWithAnotherEndsWithItAndMayDoNoMore() {
    String path = "/api/v1/settings/tokens";
    Answer parent =
        admin.post(
            path,
            "{\"name\":\"parent\",\"scopes\":[\"settings\",\"chat\"],\"models\":[\"gpt-*\"],"
                + "\"requests_per_minute\":9,\"strict\":true}");
    Wire with = anonymous.with(parent.text("token"));
    Answer child = with.post(path, "{\"name\":\"child\",\"scopes\":[\"settings\"]}");
    assertThat(child.status()).isEqualTo(201);
    for (String member :
        List.of("models", "requests_per_minute", "strict", "expires_at", "owner")) {
      assertThat(child.json().path(member)).as(member).isEqualTo(parent.json().path(member));
    }
    Answer wider =
        with.post(
            path,
            "{\"name\":\"wider\",\"scopes\":[\"gateway\"],\"models\":[\"o3\"],\"strict\":false,"
                + "\"requests_per_minute\":10,\"expires_at\":\"%s\"}"
                    .formatted(Instant.now().plus(Duration.ofDays(300))));
    assertThat(wider.status()).isEqualTo(403);
    assertThat(wider.json().path("errors").findValuesAsText("field"))
        .containsExactly("scopes", "expires_at", "models", "requests_per_minute", "strict");
    Answer grandchild =
        anonymous
            .with(child.text("token"))
            .post(path, "{\"name\":\"grandchild\",\"scopes\":[\"settings\"]}");
    Wire last = anonymous.with(grandchild.text("token"));
    assertThat(last.get(KEYS).status()).isEqualTo(200);

    admin.delete(path + "/" + parent.text("id"));

    assertThat(last.get(KEYS).status()).isEqualTo(401);
    assertThat(last.post(path, "{\"name\":\"late\",\"scopes\":[\"settings\"]}").status())
        .isEqualTo(401);
    for (JsonNode token : admin.get(path).json()) {
      if (List.of(child.text("id"), grandchild.text("id")).contains(token.path("id").asText())) {
        assertThat(token.path("revoked_at").isNull()).isFalse();
      }
    }
  }

  @Test
  void aNewPasswordTellsOfTheTokensAndEndsThemWhenAsked() {
    another("resetter");
    String id = "";
    for (JsonNode account : admin.get("/api/v1/settings/users").json()) {
      id = account.path("username").asText().equals("resetter") ? account.path("id").asText() : id;
    }
    String path = "/api/v1/settings/users/" + id;
    Wire token =
        anonymous.with(
            anonymous
                .as("resetter", OTHERS_PASSWORD)
                .post(
                    "/api/v1/account/tokens", "{\"name\":\"t\",\"scopes\":[\"settings\",\"chat\"]}")
                .text("token"));
    Wire session = anonymous.signedIn("resetter", OTHERS_PASSWORD);

    String kept = admin.put(path, "{\"password\":\"other words for tests\"}").text("message");
    assertThat(kept).contains("live tokens of this user: 1, which go on working");
    assertThat(token.get(KEYS).status()).isEqualTo(200);
    assertThat(session.get("/api/v1/session").status()).isEqualTo(401);

    assertThat(admin.put(path, "{\"is_active\":false}").text("message"))
        .contains("live tokens of this user: 1, which do not work while the user is disabled");
    assertThat(token.get(KEYS).status()).isEqualTo(401);
    admin.put(path, "{\"is_active\":true}");
    assertThat(token.get(KEYS).status()).isEqualTo(200);

    admin.put(path, "{\"roles\":[\"user\"]}");
    assertThat(token.get(KEYS).status()).as("of one who is administrator no more").isEqualTo(403);
    assertThat(token.get("/api/v1/chat").status()).isEqualTo(200);

    String ended =
        admin
            .put(path, "{\"password\":\"more words for tests\",\"revoke_tokens\":true}")
            .text("message");
    assertThat(ended).contains("password reset; tokens revoked: 1");
    assertThat(token.get("/api/v1/chat").status()).isEqualTo(401);
    assertThat(
            admin
                .post(
                    "/api/v1/settings/users",
                    "{\"username\":\"x\",\"password\":\"y\",\"roles\":[\"user\"],\"revoke_tokens\":true}")
                .text("code"))
        .isEqualTo("unknown_field");
  }

  @Test
  void theLastAdministratorStays() {
    String id = "";
    for (JsonNode account : admin.get("/api/v1/settings/users").json()) {
      boolean isAdmin = account.path("roles").toString().contains("admin");
      if (account.path("username").asText().equals(MimirServer.ADMIN)) {
        id = account.path("id").asText();
      } else if (isAdmin) {
        admin.delete("/api/v1/settings/users/" + account.path("id").asText());
      }
    }

    String path = "/api/v1/settings/users/" + id;
    assertThat(admin.delete(path).text("code")).isEqualTo("last_admin");
    assertThat(admin.put(path, "{\"roles\":[\"user\"]}").status()).isEqualTo(409);
    assertThat(admin.put(path, "{\"is_active\":false}").status()).isEqualTo(409);
  }

  @Test
  void guessingSlowsDown() {
    admin.post(
        "/api/v1/settings/users",
        "{\"username\":\"guessed\",\"password\":\"%s\",\"roles\":[\"user\"]}"
            .formatted(OTHERS_PASSWORD));
    for (int i = 0; i < 5; i++) {
      assertThat(anonymous.as("guessed", "wrong").get("/api/v1/session").status()).isEqualTo(401);
    }

    Answer closed = anonymous.as("guessed", OTHERS_PASSWORD).get("/api/v1/session");

    assertThat(closed.status()).isEqualTo(429);
    assertThat(Integer.parseInt(closed.header("Retry-After"))).isBetween(1, 30);
    assertThat(admin.get("/api/v1/session").status()).as("others come in").isEqualTo(200);
  }

  @Test
  void everyAnswerTellsBrowsersToBeCareful() {
    for (Answer answer : List.of(admin.get(KEYS), anonymous.get(KEYS), anonymous.get("/login"))) {
      assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
      assertThat(answer.header("X-Frame-Options")).isEqualTo("DENY");
      assertThat(answer.header("Referrer-Policy")).isEqualTo("no-referrer");
      assertThat(answer.header("Cache-Control")).contains("no-store");
      assertThat(answer.header("Content-Security-Policy")).contains("frame-ancestors 'none'");
      assertThat(answer.header("Server")).isEmpty();
      assertThat(answer.header("X-Powered-By")).isEmpty();
    }
  }

  @Test
  void aRequestOfAnotherSiteChangesNothing() {
    for (String[] foreign :
        new String[][] {
          {"Origin", "https://evil.example"},
          {"Sec-Fetch-Site", "cross-site"},
          {"Sec-Fetch-Site", "same-site"},
          {"Origin", "null"}
        }) {
      Answer refused =
          admin.send(
              "POST", KEYS, "{}", "Content-Type", "application/json", foreign[0], foreign[1]);
      assertThat(refused.status()).as("%s", List.of(foreign)).isEqualTo(403);
      assertThat(refused.text("code")).isEqualTo("csrf");
    }
  }

  @Test
  void fiftyWritersAtOnceSeeNoError() throws Exception {
    ExecutorService writers = Executors.newFixedThreadPool(50);
    try {
      List<Callable<Integer>> writes = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        writes.add(() -> openAiKey(unique("writer"), StubProvider.KEY).status());
      }
      for (Future<Integer> write : writers.invokeAll(writes, 2, TimeUnit.MINUTES)) {
        assertThat(write.get()).isEqualTo(201);
      }
    } finally {
      writers.shutdownNow();
    }
  }

  /**
   * A key that is never to be seen again, looked for wherever something could have been written
   * (T01 to T09).
   */
  @Test
  void aCanaryIsFoundNowhere() throws IOException, InterruptedException {
    String canary = "sk-CANARY-" + UUID.randomUUID();
    stub.expectKey(canary);
    Answer created = openAiKey(unique("canary"), canary);
    assertThat(created.status()).isEqualTo(201);
    assertThat(created.text("key_hint")).isEqualTo("sk-…" + canary.substring(canary.length() - 4));
    String path = KEYS + "/" + created.text("id");
    for (Misbehaviour how :
        List.of(
            Misbehaviour.NONE,
            Misbehaviour.STATUS_401,
            Misbehaviour.STATUS_500,
            Misbehaviour.HTML)) {
      stub.misbehave(how);
      String conversation = admin.post("/api/v1/chat", "{}").text("id");
      for (String stream : List.of("true", "false")) {
        admin.post(
            "/api/v1/chat/" + conversation + "/message",
            "{\"message\":\"hi\",\"model_provider\":\"openai\",\"model_name\":\"gpt-4\",\"stream\":%s}"
                .formatted(stream));
      }
      admin.send("POST", path + "/test", null);
    }
    stub.reset();
    String sent = "\"key_value\":\"" + canary + "\"";
    for (String body :
        List.of(
            "{\"provider\":\"openai\"," + sent + "}",
            "{\"provider\":\"nobody\",\"name\":\"x\"," + sent + "}",
            "{\"provider\":\"openai\",\"name\":7," + sent + "}",
            "{\"provider\":\"openai\",\"name\":\"x\"," + sent + "," + sent + "}",
            "{\"provider\":\"openai\",\"name\":\"x\"," + sent,
            "{\"provider\":\"openai\",\"name\":\"x\",\"keyvalue\":\"" + canary + "\"}",
            "{\"provider\":\"openai\",\"name\":\"x\",\"key_value\":[\"" + canary + "\"]}",
            "{\"provider\":\"openai\",\"name\":\"x\",\"key_value\":\"" + canary + "\\n\"}",
            "{\"provider\":\"openai\",\"name\":\"x\",\"key_value\":\"" + canary + "\\u00e9\"}",
            "{\"provider\":\"openai\",\"name\":\"x\",\"metadata\":\"" + canary + "\"," + sent + "}",
            "{\"provider\":\"openai\",\"name\":\"x\",\"endpoint_url\":\"http://"
                + canary
                + "@x\","
                + sent
                + "}",
            canary)) {
      admin.post(KEYS, body);
      admin.post(KEYS + "/test", body);
      admin.put(path, body);
      admin.post(path + "/rotation", body);
    }
    // The administrator has had the ten tests of this minute.
    Wire rotator = another("canary-rotator");
    rest();
    stub.misbehave(Misbehaviour.STATUS_401);
    assertThat(rotator.post(path + "/rotation", "{" + sent + "}").status()).isEqualTo(422);
    stub.reset();
    stub.expectKey(canary);
    for (String[] end : new String[][] {{"DELETE", ""}, {"POST", "/finish"}}) {
      rest();
      assertThat(rotator.post(path + "/rotation", "{" + sent + "}").status()).isEqualTo(201);
      rotator.get(path);
      assertThat(rotator.send(end[0], path + "/rotation" + end[1], null).status()).isEqualTo(200);
    }
    stub.reset();
    admin.get(KEYS + "?api_key=" + canary);
    admin.with(canary).get(KEYS);
    admin.as(canary, "x").get("/api/v1/session");
    admin.put(path, "{" + sent + "}");
    admin.get(KEYS);
    admin.get("/api/v1/audit?limit=500");
    admin.delete(path);

    List<String> forms =
        List.of(
            canary,
            canary.substring(10),
            Base64.getEncoder()
                .withoutPadding()
                .encodeToString(canary.getBytes(StandardCharsets.UTF_8)),
            HexFormat.of().formatHex(canary.getBytes(StandardCharsets.UTF_8)));
    int looked = 0;
    for (String answer : admin.seen()) {
      assertThat(forms).noneMatch(answer::contains);
      looked++;
    }
    assertThat(looked).isGreaterThan(50);
    List<Path> files;
    try (Stream<Path> all = Files.walk(server.dataDir())) {
      files = all.filter(Files::isRegularFile).toList();
    }
    assertThat(files).isNotEmpty();
    for (Path file : files) {
      String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
      assertThat(forms).as("%s", file.getFileName()).noneMatch(text::contains);
    }
    assertThat(forms).noneMatch(server.terminal()::contains);
    for (ProcessHandle process : server.serverProcesses()) {
      assertThat(forms).noneMatch(process.info().commandLine().orElse("")::contains);
    }
  }
}
