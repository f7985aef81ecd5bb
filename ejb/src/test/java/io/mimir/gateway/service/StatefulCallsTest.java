package io.mimir.gateway.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.sun.net.httpserver.HttpServer;
import io.mimir.credential.service.ModelCatalog;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.gateway.ObjectKind;
import io.mimir.gateway.ProviderObject;
import io.mimir.llm.Provider;
import io.mimir.security.service.Identity;
import io.mimir.upstream.service.CallFailure;
import io.mimir.upstream.service.CallSpec;
import io.mimir.upstream.service.TestEngine;
import io.mimir.usage.CallSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StatefulCallsTest {

  private static HttpServer server;
  private static TestEngine engine;
  private static final List<String> asked = new CopyOnWriteArrayList<>();
  private static volatile String reply = "{}";
  private static volatile int status = 200;

  private final ObjectStoreDouble store = new ObjectStoreDouble();
  private final StatefulCalls calls =
      new StatefulCalls() {
        @Override
        Executor executor() {
          return Runnable::run;
        }
      };
  private String keyId;

  @BeforeAll
  static void start() throws IOException {
    engine = new TestEngine();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    server.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
          byte[] body = reply.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterAll
  static void stop() {
    server.stop(0);
    engine.close();
  }

  @BeforeEach
  void oneKey() {
    asked.clear();
    status = 200;
    engine.keys().removeAll();
    keyId =
        engine
            .keys()
            .add(
                Provider.OPENAI,
                "one",
                "sk-one-0123456789",
                "http://127.0.0.1:" + server.getAddress().getPort() + "/v1",
                Map.of("available_models", List.of("m")))
            .getId();
    calls.calls = engine.calls();
    calls.catalog = engine.keys().catalog();
    calls.objects = ProviderObjectsTest.objects(store);
  }

  private static GatewayRequest request(
      String method, String below, String body, List<String> models) {
    byte[] bytes = body == null ? null : body.getBytes(StandardCharsets.UTF_8);
    Identity caller =
        new Identity(
            "usr_ann", "ann", Set.of("scope:gateway"), List.of(), Instant.EPOCH, "t", models, null);
    return new GatewayRequest(
        Operation.OTHER,
        method,
        below,
        bytes,
        bytes == null ? null : RequestEnvelope.read(bytes, below.equals("/batches")),
        null,
        Map.of("Content-Type", "application/json"),
        caller,
        null,
        false,
        null,
        "req_1");
  }

  private TargetDouble call(String method, String below, String body) throws InterruptedException {
    TargetDouble client = new TargetDouble();
    GatewayRequest request = request(method, below, body, List.of());
    calls.begin(request, spec(request), client);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!client.isClosed() && client.failure() == null && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    return client;
  }

  private static CallSpec spec(GatewayRequest request) {
    return new CallSpec(
        ModelCatalog.ofAccount(Provider.OPENAI),
        CallSource.of("usr_ann", "t"),
        request.body(),
        0,
        provider -> true,
        null,
        false,
        false,
        false,
        null,
        false);
  }

  private ProviderObject row(String id, String account, ObjectKind kind) {
    return new ProviderObject(ProviderObject.hashOf(id), keyId, account, kind, Instant.EPOCH);
  }

  private static Problem problem(TargetDouble client) {
    CallFailure failure = client.failure();
    return failure == null ? null : failure.problem().problem();
  }

  @Test
  void aFileIsWrittenDownBeforeItsMakerHearsOfIt() throws InterruptedException {
    reply = "{\"id\":\"vs_1\",\"object\":\"vector_store\"}";

    assertThat(call("POST", "/vector_stores", "{}").body()).isEqualTo(reply);

    assertThat(store.rows())
        .extracting(ProviderObject::idHash, ProviderObject::kind, ProviderObject::keyId)
        .containsExactly(tuple(ProviderObject.hashOf("vs_1"), ObjectKind.VECTOR_STORE, keyId));
  }

  @Test
  void whatCannotBeWrittenDownIsNotGivenOut() throws InterruptedException {
    reply = "{\"id\":\"vs_1\"}";
    store.fail(true);

    TargetDouble client = call("POST", "/vector_stores", "{}");

    assertThat(asked).as("the provider has made it").hasSize(1);
    assertThat(problem(client)).isEqualTo(Problem.STORAGE_UNAVAILABLE);
    assertThat(client.body()).isEmpty();
  }

  @Test
  void withoutTheDatabaseNobodyIsAskedForSomethingByItsId() throws InterruptedException {
    store.fail(true);

    assertThat(problem(call("GET", "/files/file-1", null))).isEqualTo(Problem.STORAGE_UNAVAILABLE);
    assertThat(asked).isEmpty();
  }

  @Test
  void aPageIsFilledFromAsManyOfTheProvidersAsItTakes() throws InterruptedException {
    store.add(
        List.of(
            row("file-1", "usr_ann", ObjectKind.FILE), row("file-2", "usr_bob", ObjectKind.FILE)));
    reply =
        "{\"object\":\"list\",\"data\":[{\"id\":\"file-2\"},{\"id\":\"file-1\"},{\"id\":\"file-3\"}],\"has_more\":true}";

    TargetDouble client = call("GET", "/files?purpose=batch&limit=1", null);

    assertThat(client.body())
        .isEqualTo(
            "{\"object\":\"list\",\"data\":[{\"id\":\"file-1\"}],\"first_id\":\"file-1\",\"last_id\":\"file-1\",\"has_more\":false}");
    assertThat(asked).containsExactly("GET /v1/files?purpose=batch&limit=1000");
  }

  @Test
  void aProviderWhoseListNeverEndsIsNotReadForEver() throws InterruptedException {
    store.add(List.of(row("file-1", "usr_ann", ObjectKind.FILE)));
    reply = "{\"data\":[{\"id\":\"file-9\"}],\"has_more\":true}";

    TargetDouble client = call("GET", "/files", null);

    assertThat(client.body()).contains("\"data\":[]", "\"has_more\":false");
    assertThat(asked).hasSize(2);
  }

  @Test
  void aCursorOfAnotherAccountIsNothing() throws InterruptedException {
    store.add(
        List.of(
            row("file-1", "usr_ann", ObjectKind.FILE), row("file-2", "usr_bob", ObjectKind.FILE)));

    assertThat(problem(call("GET", "/files?after=file-2", null))).isEqualTo(Problem.NOT_FOUND);
    assertThat(problem(call("GET", "/files?before=file-1", null))).isEqualTo(Problem.INVALID);
    assertThat(problem(call("GET", "/files?limit=0", null))).isEqualTo(Problem.INVALID);
    assertThat(asked).isEmpty();
  }

  @Test
  void filesOfABatchBelongToItsOwner() throws InterruptedException {
    store.add(List.of(row("batch_1", "usr_ann", ObjectKind.BATCH)));
    reply = "{\"id\":\"batch_1\",\"output_file_id\":\"file-o\",\"error_file_id\":\"file-e\"}";

    call("GET", "/batches/batch_1", null);

    assertThat(store.rows())
        .extracting(ProviderObject::idHash)
        .contains(ProviderObject.hashOf("file-o"), ProviderObject.hashOf("file-e"));
  }

  @Test
  void onlyADeletionThatSucceedsIsForgotten() throws InterruptedException {
    store.add(List.of(row("file-1", "usr_ann", ObjectKind.FILE)));
    status = 500;
    call("DELETE", "/files/file-1", null);
    assertThat(store.rows()).hasSize(1);

    status = 200;
    reply = "{\"id\":\"file-1\",\"deleted\":true}";
    call("DELETE", "/files/file-1", null);

    assertThat(store.rows()).isEmpty();
  }

  @Test
  void somethingOfAKeyThatIsGoneIsSaidToBe() throws InterruptedException {
    store.add(List.of(row("file-1", "usr_ann", ObjectKind.FILE)));
    engine.keys().removeAll();

    TargetDouble client = call("GET", "/files/file-1", null);

    assertThat(problem(client)).isEqualTo(Problem.NO_USABLE_KEY);
    assertThat(client.failure().problem()).hasMessageContaining("not active");
  }

  @Test
  void aTokenForSomeModelsMakesNoBatches() {
    GatewayRequest request =
        request("POST", "/batches", "{\"input_file_id\":\"file-1\"}", List.of("m"));

    assertThatThrownBy(() -> calls.begin(request, spec(request), new TargetDouble()))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("token for all models");
  }
}
