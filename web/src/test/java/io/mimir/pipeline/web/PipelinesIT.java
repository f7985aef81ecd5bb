package io.mimir.pipeline.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.chat.web.Api;
import io.mimir.chat.web.Api.Answer;
import io.mimir.llm.service.StubProvider;
import io.mimir.llm.service.StubProvider.Misbehaviour;
import io.mimir.web.MimirServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pipelines over HTTP, on the server as it is started for real, which is killed now and then. */
class PipelinesIT {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String BOBS_PASSWORD = "a password for bob only";

  private static Path data;
  private static MimirServer server;
  private static StubProvider upstream;
  private static Api admin;
  private static Api bob;
  private static int number;

  @BeforeAll
  static void start() throws IOException {
    upstream = StubProvider.start();
    data = Files.createTempDirectory("mimir-pipelines").resolve("data");
    launch();
    String key =
        "{\"provider\":\"custom\",\"name\":\"stub\",\"key_value\":\"%s\",\"endpoint_url\":\"%s/v1\","
                .formatted(StubProvider.KEY, upstream.url())
            + "\"metadata\":{\"available_models\":[\"say\"]}}";
    assertThat(admin.post("/settings/api-keys", key).status()).isEqualTo(201);
    String account =
        "{\"username\":\"bob\",\"password\":\"%s\",\"roles\":[\"user\"]}".formatted(BOBS_PASSWORD);
    assertThat(admin.post("/settings/users", account).status()).isEqualTo(201);
  }

  private static void launch() {
    server =
        MimirServer.start(
            Map.of(
                "MIMIR_DATA_DIR",
                data.toString(),
                "MIMIR_ADMIN_USER",
                MimirServer.ADMIN,
                "MIMIR_ADMIN_PASSWORD",
                MimirServer.PASSWORD,
                "MIMIR_ENDPOINT_ALLOWLIST",
                "127.0.0.1"));
    admin = Api.withPassword(server.uri(), MimirServer.ADMIN, MimirServer.PASSWORD);
    bob = Api.withPassword(server.uri(), "bob", BOBS_PASSWORD);
  }

  /** Ends the server as a power cut does, and starts another one on the same data. */
  private static void cutThePower() {
    server.kill();
    server.close();
    launch();
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
    upstream.close();
    try (Stream<Path> files = Files.walk(data.getParent())) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  @BeforeEach
  void reset() {
    upstream.reset();
    upstream.say("Hello");
  }

  /** A run that goes on would ask in the middle of the next test, which counts questions. */
  @AfterEach
  void letRunsEnd() throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!admin.get("/runs?status=queued").json().isEmpty()
        || !admin.get("/runs?status=running").json().isEmpty()) {
      assertThat(System.nanoTime()).as("runs that do not end").isLessThan(end);
      Thread.sleep(50);
    }
  }

  private static String model(String name, String prompt) {
    return "{\"name\":\"%s\",\"model\":\"say\",\"prompt\":\"%s\"}".formatted(name, prompt);
  }

  /** Saves a pipeline of these steps, and gives its id. */
  private static String save(Api who, String... steps) {
    Answer made =
        who.post(
            "/pipelines",
            "{\"definition\":{\"name\":\"test-%d\",\"steps\":[%s]}}"
                .formatted(++number, String.join(",", steps)));
    assertThat(made.status()).as(made.json().toString()).isEqualTo(201);
    return made.text("id");
  }

  private static String run(Api who, String pipeline, String input) {
    Answer begun = who.post("/pipelines/" + pipeline + "/runs", "{\"input\":" + input + "}");
    assertThat(begun.status()).as(begun.json().toString()).isEqualTo(202);
    assertThat(begun.header("Location")).isEqualTo("/api/v1/runs/" + begun.text("id"));
    return begun.text("id");
  }

  private static JsonNode await(String run, String... statuses) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      JsonNode now = admin.get("/runs/" + run).json();
      if (List.of(statuses).contains(now.path("status").asText())) {
        return now;
      }
      assertThat(System.nanoTime()).as("still %s", now).isLessThan(end);
      Thread.sleep(50);
    }
  }

  private static JsonNode step(String run, String path) {
    for (JsonNode step : admin.get("/runs/" + run + "/steps").json()) {
      if (step.path("path").asText().equals(path)) {
        return step;
      }
    }
    throw new AssertionError("There is no step " + path);
  }

  @Test
  void aPipelineIsRunAndWatchedToItsEnd() throws InterruptedException {
    String pipeline =
        save(
            admin,
            "{\"name\":\"shape\",\"action\":\"json_transform.apply\",\"with\":{\"data\":"
                + "{\"$pointer\":\"/input\"},\"steps\":[{\"op\":\"select\",\"path\":\"/list\"}]}}",
            "{\"name\":\"loop\",\"each\":{\"over\":{\"$cel\":\"steps.shape.data\"},\"parallel\":3,"
                + "\"steps\":["
                + model("say", "About {{item}}")
                + "]}}",
            "{\"name\":\"write\",\"action\":\"file_output.write\",\"with\":{\"name\":\"out.txt\","
                + "\"text\":\"{{#steps.loop}}{{text}};{{/steps.loop}}\"}}");
    String run = run(admin, pipeline, "{\"list\":[\"a\",\"b\",\"c\"]}");
    List<String> told = new ArrayList<>();
    try (Api.Events events = admin.events("/runs/" + run + "/events")) {
      for (Api.Events.Event event = events.next(); event.name() != null; event = events.next()) {
        told.add(event.name() + " " + event.data().path("status").asText());
      }
    }
    assertThat(told).contains("step succeeded").last().isEqualTo("run succeeded");
    JsonNode whole = await(run, "succeeded");
    assertThat(whole.path("output").path("bytes").asInt()).isEqualTo("Hello;Hello;Hello;".length());
    assertThat(whole.path("trigger").path("kind").asText()).isEqualTo("manual");
    assertThat(step(run, "loop.2.say").path("status").asText()).isEqualTo("succeeded");
    assertThat(upstream.questions()).hasSize(3);
  }

  @Test
  void whatIsWrongIsToldAndNothingIsSaved() {
    Answer refused =
        admin.post(
            "/pipelines",
            "{\"definition\":{\"name\":\"wrong\",\"steps\":[{\"name\":\"a\",\"action\":"
                + "\"http_inputt.fetch\"},{\"name\":\"b\",\"model\":\"say\",\"prompt\":"
                + "\"{{steps.c}}\"}]}}");
    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.json().path("errors")).hasSize(2);
    assertThat(refused.json().path("errors").get(0).path("message").asText())
        .startsWith("There is no plugin")
        .contains("http_input");
    assertThat(admin.get("/pipelines").json().toString()).doesNotContain("\"wrong\"");
    Answer checked =
        admin.post(
            "/pipelines/validate",
            "{\"definition\":{\"name\":\"fine\",\"steps\":[" + model("a", "x") + "]}}");
    assertThat(checked.json().path("valid").asBoolean()).isTrue();
  }

  @Test
  void anotherOnesPipelineIsUnknownUntilItIsShared() throws InterruptedException {
    String pipeline = save(admin, model("a", "x"));
    assertThat(bob.get("/pipelines/" + pipeline).status()).isEqualTo(404);
    assertThat(bob.post("/pipelines/" + pipeline + "/runs", "{}").status()).isEqualTo(404);
    assertThat(admin.put("/pipelines/" + pipeline, "{\"is_shared\":true}").status()).isEqualTo(200);
    String run = run(bob, pipeline, "{}");
    await(run, "succeeded");
    assertThat(bob.get("/runs/" + run).status()).isEqualTo(200);
    assertThat(bob.put("/pipelines/" + pipeline, "{\"is_shared\":false}").status()).isEqualTo(403);
    String ofAdmin = run(admin, pipeline, "{}");
    assertThat(bob.get("/runs/" + ofAdmin).status()).isEqualTo(404);
  }

  @Test
  void aPipelineFetchesOnlyWhatAnAdministratorAllows() throws InterruptedException {
    String fetch =
        "{\"name\":\"get\",\"action\":\"http_input.fetch\",\"with\":{\"url\":\"{{input.url}}\"}}";
    String pipeline = save(bob, fetch);
    String url = "{\"url\":\"" + upstream.url() + "/v1/models\"}";
    JsonNode refused = await(run(bob, pipeline, url), "failed", "succeeded");
    assertThat(refused.path("error").path("code").asText()).isEqualTo("address_not_allowed");
    String allowed = "{\"allowed_addresses\":[\"" + upstream.url() + "/v1\"]}";
    assertThat(bob.put("/pipelines/" + pipeline, allowed).status()).isEqualTo(403);
    assertThat(admin.put("/pipelines/" + pipeline, allowed).status()).isEqualTo(200);
    assertThat(await(run(bob, pipeline, url), "failed", "succeeded").path("status").asText())
        .isEqualTo("succeeded");
    String above = "{\"url\":\"" + upstream.url() + "/v1/../secret\"}";
    assertThat(await(run(bob, pipeline, above), "failed", "succeeded").path("status").asText())
        .isEqualTo("failed");
  }

  @Test
  void anAnswerThatHasArrivedIsNotBoughtAgainAfterAPowerCut() throws Exception {
    String pipeline =
        save(
            admin,
            model("first", "one"),
            "{\"name\":\"ask\",\"approve\":{\"role\":\"admin\",\"message\":\"Go on?\"}}",
            model("second", "two"));
    String run = run(admin, pipeline, "{}");
    await(run, "waiting");
    cutThePower();
    assertThat(await(run, "waiting").path("status").asText()).isEqualTo("waiting");
    assertThat(bob.post("/runs/" + run + "/steps/ask/approve", "{\"approved\":true}").status())
        .isEqualTo(404);
    assertThat(admin.post("/runs/" + run + "/steps/ask/approve", "{\"approved\":true}").status())
        .isEqualTo(200);
    await(run, "succeeded");
    assertThat(upstream.questions()).hasSize(2);
    assertThat(admin.post("/runs/" + run + "/steps/ask/approve", "{\"approved\":true}").status())
        .isEqualTo(409);
  }

  /** The first runs of a server make what runs need, in many threads at once. */
  @Test
  void aServerWhoseFirstRunsComeInABurstDoesThemAll() throws Exception {
    String pipeline =
        save(
            admin,
            "{\"name\":\"shape\",\"action\":\"json_transform.apply\",\"with\":{\"data\":{},"
                + "\"steps\":[]}}");
    cutThePower();
    List<String> started =
        IntStream.range(0, 40).parallel().mapToObj(i -> run(admin, pipeline, "{}")).toList();
    for (String run : started) {
      await(run, "succeeded");
    }
  }

  @Test
  void aRunThatIsCutOffInTheMiddleGoesOnByItself() throws Exception {
    String pipeline = save(admin, model("first", "one"), model("second", "two"));
    upstream.misbehave(Misbehaviour.SLOW);
    String run = run(admin, pipeline, "{}");
    assertThat(upstream.awaitQuestions(2, PATIENCE)).isTrue();
    cutThePower();
    upstream.misbehave(Misbehaviour.NONE);
    await(run, "succeeded");
    long firsts = upstream.questions().stream().filter(seen -> seen.body().contains("one")).count();
    assertThat(firsts).isEqualTo(1);
  }

  @Test
  void cancellingReachesTheModelThatIsAsked() throws Exception {
    upstream.misbehave(Misbehaviour.SILENT);
    String run = run(admin, save(admin, model("a", "x")), "{}");
    assertThat(upstream.awaitQuestions(1, PATIENCE)).isTrue();
    assertThat(admin.post("/runs/" + run + "/cancel", "{}").status()).isEqualTo(200);
    assertThat(upstream.awaitDeparture(Duration.ofSeconds(2))).isTrue();
    await(run, "cancelled");
    assertThat(step(run, "a").path("status").asText()).isEqualTo("cancelled");
    assertThat(admin.post("/runs/" + run + "/cancel", "{}").status()).isEqualTo(409);
    upstream.release();
  }

  @Test
  void aRetryTakesOverWhatCameBeforeTheStep() throws Exception {
    String bad = "{\"name\":\"b\",\"model\":\"say\",\"prompt\":\"{{input.missing}}\"}";
    String pipeline = save(admin, model("a", "one"), bad);
    String run = run(admin, pipeline, "{}");
    JsonNode failed = await(run, "failed");
    assertThat(failed.path("error").path("message").asText()).contains("input.missing");
    Answer revised =
        admin.put(
            "/pipelines/" + pipeline,
            "{\"definition\":{\"name\":\"test-%d\",\"steps\":[%s,%s]}}"
                .formatted(number, model("a", "one"), model("b", "two")));
    assertThat(revised.json().path("revision").asInt()).isEqualTo(2);
    Answer again = admin.post("/runs/" + run + "/retry", "{\"revision\":2}");
    assertThat(again.status()).isEqualTo(202);
    await(again.text("id"), "succeeded");
    assertThat(step(again.text("id"), "a").path("taken_over_from").asText()).isEqualTo(run);
    assertThat(upstream.questions()).hasSize(2);
  }

  @Test
  void theSameWishStartsOneRun() {
    String pipeline = save(admin, model("a", "x"));
    String wish = "{\"input\":{},\"idempotency_key\":\"order-7\"}";
    Answer one = admin.post("/pipelines/" + pipeline + "/runs", wish);
    Answer other = admin.post("/pipelines/" + pipeline + "/runs", wish);
    assertThat(other.text("id")).isEqualTo(one.text("id"));
  }

  @Test
  void aTokenNeedsTheScope() {
    Answer chat = admin.post("/settings/tokens", "{\"name\":\"chat-only\",\"scopes\":[\"chat\"]}");
    Answer pipes =
        admin.post("/settings/tokens", "{\"name\":\"pipes\",\"scopes\":[\"pipelines\"]}");
    assertThat(Api.withToken(server.uri(), chat.text("token")).get("/pipelines").status())
        .isEqualTo(403);
    Api program = Api.withToken(server.uri(), pipes.text("token"));
    assertThat(program.get("/pipelines").status()).isEqualTo(200);
    assertThat(program.get("/chat").status()).isEqualTo(403);
  }

  @Test
  void aDefinitionTravelsAsYaml() {
    String id = save(admin, model("a", "Two lines:\\n{{input.x}}"));
    String yaml = admin.fetch("/pipelines/" + id + "/definition", "application/yaml");
    assertThat(yaml).contains("steps:\n").contains("name: a\n");
    Answer made =
        admin.send(
            "POST", "/pipelines", "application/yaml", yaml.replaceFirst("test-\\d+", "again"));
    assertThat(made.status()).as(made.json().toString()).isEqualTo(201);
    Answer wrong = admin.send("POST", "/pipelines", "application/yaml", "name: [");
    assertThat(wrong.status()).isEqualTo(400);
    assertThat(wrong.text("detail")).startsWith("Line ");
    assertThat(admin.get("/pipelines/schema").json().path("$schema").asText()).contains("2020-12");
  }

  private static Answer hook(String address, String secret, String id, String body)
      throws Exception {
    String seconds = Long.toString(Instant.now().getEpochSecond());
    Mac mac = Mac.getInstance("HmacSHA256");
    byte[] key = Base64.getDecoder().decode(secret.substring("whsec_".length()));
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    byte[] signature = mac.doFinal((id + "." + seconds + "." + body).getBytes(UTF_8));
    return admin.deliver(
        address,
        Map.of(
            "webhook-id", id,
            "webhook-timestamp", seconds,
            "webhook-signature", "v1," + Base64.getEncoder().encodeToString(signature)),
        body);
  }

  @Test
  void aSignedWebhookStartsOneRunAndOthersNone() throws Exception {
    String pipeline = save(admin, model("a", "{{input.what}}"));
    Answer made = admin.post("/pipelines/" + pipeline + "/triggers", "{\"kind\":\"webhook\"}");
    assertThat(made.status()).isEqualTo(201);
    String address = made.text("address");
    String secret = made.text("secret");
    assertThat(admin.get("/pipelines/" + pipeline + "/triggers").json().toString())
        .doesNotContain("whsec_");
    Answer taken = hook(address, secret, "msg_1", "{\"what\":\"x\"}");
    assertThat(taken.status()).isEqualTo(202);
    assertThat(hook(address, secret, "msg_1", "{\"what\":\"x\"}").text("run_id"))
        .isEqualTo(taken.text("run_id"));
    JsonNode run = await(taken.text("run_id"), "succeeded");
    assertThat(run.path("trigger").path("kind").asText()).isEqualTo("webhook");
    assertThat(hook(address, "whsec_AAAA", "msg_2", "{}").status()).isEqualTo(401);
    assertThat(admin.deliver(address, Map.of(), "{}").status()).isEqualTo(401);
    assertThat(admin.deliver("/hooks/trig_none", Map.of(), "{}").status()).isEqualTo(404);
    admin.put("/pipelines/" + pipeline + "/triggers/" + made.text("id"), "{\"is_active\":false}");
    assertThat(hook(address, secret, "msg_3", "{\"what\":\"x\"}").status()).isEqualTo(404);
  }

  @Test
  void aPipelineIsAModelForEveryClient() {
    String pipeline = save(admin, model("a", "First {{input.prompt}}"), model("b", "Then"));
    String name = "pipeline/" + admin.get("/pipelines/" + pipeline).text("name");
    String token =
        admin.post("/settings/tokens", "{\"name\":\"gw\",\"scopes\":[\"gateway\"]}").text("token");
    Map<String, String> caller = Map.of("Authorization", "Bearer " + token);
    String messages = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";
    Answer openai =
        admin.deliver(
            "/v1/chat/completions", caller, "{\"model\":\"" + name + "\"," + messages + "}");
    assertThat(openai.status()).as(openai.http().body()).isEqualTo(200);
    assertThat(openai.json().at("/choices/0/message/content").asText()).isEqualTo("Hello");
    Answer anthropic =
        admin.deliver(
            "/v1/messages",
            Map.of("Authorization", "Bearer " + token, "anthropic-version", "2023-06-01"),
            "{\"model\":\"" + name + "\",\"max_tokens\":50," + messages + "}");
    assertThat(anthropic.json().at("/content/0/text").asText()).isEqualTo("Hello");
    Answer streamed =
        admin.deliver(
            "/v1/chat/completions",
            caller,
            "{\"model\":\"" + name + "\",\"stream\":true," + messages + "}");
    assertThat(streamed.http().body()).contains("\"content\":\"H\"").endsWith("[DONE]\n\n");
    Answer unknown =
        admin.deliver(
            "/v1/chat/completions", caller, "{\"model\":\"pipeline/none\"," + messages + "}");
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(upstream.questions().get(0).body()).contains("First Hi");
    assertThat(Api.withToken(server.uri(), token).listedModels()).contains(name);
  }

  @Test
  void aPipelineIsAskedInTheChatLikeAModel() {
    String pipeline = save(admin, model("a", "First {{input.prompt}}"));
    String name = "pipeline/" + admin.get("/pipelines/" + pipeline).text("name");
    assertThat(admin.get("/models").json())
        .extracting(each -> each.path("id").asText())
        .contains(name);
    assertThat(bob.get("/models").json())
        .as("what is not shared")
        .extracting(each -> each.path("id").asText())
        .doesNotContain(name);
    String chat = "/chat/" + admin.post("/chat", "{}").text("id");
    String question = "{\"message\":\"%s\",\"model_name\":\"%s\",\"stream\":%s}";

    Answer whole = admin.post(chat + "/message", question.formatted("Hi", name, false));
    assertThat(whole.status()).as(whole.http().body()).isEqualTo(200);
    assertThat(whole.json().at("/assistant_reply/content").asText()).isEqualTo("Hello");
    assertThat(whole.json().at("/assistant_reply/model").asText()).isEqualTo(name);
    Answer streamed = admin.post(chat + "/message", question.formatted("Again", name, true));
    assertThat(streamed.http().body()).contains("event: delta", "\"text\":\"H", "event: done");
    Answer next = admin.post(chat + "/message", "{\"message\":\"More\",\"stream\":false}");
    assertThat(next.json().at("/assistant_reply/model").asText()).isEqualTo(name);
    assertThat(upstream.questions()).hasSize(3);
    assertThat(upstream.questions().get(2).body()).contains("First More");

    upstream.misbehave(Misbehaviour.STATUS_400);
    Answer failed = admin.post(chat + "/message", question.formatted("Fail", name, false));
    assertThat(failed.text("code")).isEqualTo("provider_error");
    Answer unknown = admin.post(chat + "/message", question.formatted("Hi", "pipeline/no", false));
    assertThat(unknown.text("code")).isEqualTo("model_not_found");
  }

  @Test
  void timesOfCronAreTakenAndWrongOnesTold() {
    String triggers = "/pipelines/" + save(admin, model("a", "x")) + "/triggers";
    Answer made =
        admin.post(
            triggers,
            "{\"kind\":\"cron\",\"cron\":\"30 6 * * 1-5\",\"time_zone\":\"Europe/Berlin\"}");
    assertThat(made.status()).isEqualTo(201);
    assertThat(made.text("next_run_at")).matches("20.*T0[45]:30:00.*Z");
    assertThat(admin.post(triggers, "{\"kind\":\"cron\",\"cron\":\"often\"}").status())
        .isEqualTo(422);
    Answer zone =
        admin.post(triggers, "{\"kind\":\"cron\",\"cron\":\"* * * * *\",\"time_zone\":\"Mars\"}");
    assertThat(zone.json().path("errors").get(0).path("field").asText()).isEqualTo("time_zone");
    assertThat(admin.delete(triggers + "/" + made.text("id")).status()).isEqualTo(200);
  }

  @Test
  void anInputThatDoesNotFitIsRefused() {
    Answer made =
        admin.post(
            "/pipelines",
            ("{\"definition\":{\"name\":\"strict\",\"input\":{\"type\":\"object\",\"required\":"
                    + "[\"n\"],\"properties\":{\"n\":{\"type\":\"integer\"}}},\"steps\":[%s]}}")
                .formatted(model("a", "{{input.n}}")));
    String runs = "/pipelines/" + made.text("id") + "/runs";
    Answer refused = admin.post(runs, "{\"input\":{\"n\":\"7\"}}");
    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.json().path("errors").get(0).path("field").asText()).isEqualTo("input.n");
    assertThat(admin.post(runs, "{\"inptu\":{}}").status()).isEqualTo(400);
  }
}
