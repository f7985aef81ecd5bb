package io.mimir.gateway.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mimir.gateway.web.AccountsProvider.Asked;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What providers keep: it goes back to the key that made it, and belongs to who had it made. */
class StatefulIT {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static TestedGateway gateway;
  private static AccountsProvider provider;
  private static String anns;
  private static String annsOther;
  private static String bobs;
  private static String entitled;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeAll
  static void server() throws IOException {
    gateway = TestedGateway.shared();
    provider = AccountsProvider.start();
    anns = gateway.gatewayToken();
    annsOther = gateway.token("rotated", "gateway");
    entitled = gateway.token("entitled", "gateway", "settings");
    bobs = gateway.tokenOfAnother("bob-of-files");
  }

  @AfterAll
  static void close() {
    provider.close();
  }

  @BeforeEach
  void twoKeysOfTwoAccounts() {
    gateway.forgetKeys();
    provider.reset();
    key("openai", "one");
    key("openai", "two");
  }

  @AfterEach
  void forget() {
    gateway.forgetKeys();
  }

  private static void key(String of, String name) {
    gateway.settings(
        "POST",
        "/api-keys",
        "{\"provider\":\"%s\",\"name\":\"%s\",\"key_value\":\"sk-%s-0123456789\",\"endpoint_url\":\"%s\",\"metadata\":{\"available_models\":[\"%s\"]}}"
            .formatted(
                of,
                name,
                name,
                provider.url() + (of.equals("anthropic") ? "" : "/v1"),
                of.equals("anthropic") ? "claude" : "m"));
  }

  private HttpResponse<String> send(
      String token, String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(gateway.url() + path))
            .timeout(Duration.ofSeconds(120))
            .header("Authorization", "Bearer " + token);
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.setHeader(headers[i], headers[i + 1]);
    }
    request.method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private JsonNode ok(String token, String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    HttpResponse<String> response = send(token, method, path, body, headers);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body());
  }

  private void isNothing(String token, String method, String path, String body)
      throws IOException, InterruptedException {
    int before = provider.asked().size();
    HttpResponse<String> response = send(token, method, path, body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(404);
    assertThat(JSON.readTree(response.body()).at("/error/code").asText()).isEqualTo("not_found");
    assertThat(provider.asked()).as("nobody was asked").hasSize(before);
  }

  private String file(String token) throws IOException, InterruptedException {
    String form =
        "--b\r\n"
            + "Content-Disposition: form-data; name=\"purpose\"\r\n\r\n"
            + "batch\r\n"
            + "--b\r\n"
            + "Content-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n"
            + "{}\r\n"
            + "--b--\r\n";
    return ok(token, "POST", "/v1/files", form, "Content-Type", "multipart/form-data; boundary=b")
        .path("id")
        .asText();
  }

  private static String batchOf(String file) {
    return "{\"input_file_id\":\"%s\",\"endpoint\":\"/v1/chat/completions\",\"completion_window\":\"24h\"}"
        .formatted(file);
  }

  private String respond(String token, String previous, boolean streamed, int conversation)
      throws IOException, InterruptedException {
    String body =
        "{\"model\":\"m\",\"instructions\":\"talk %d\",\"input\":\"Hi\",\"stream\":%s%s}"
            .formatted(
                conversation,
                streamed,
                previous == null ? "" : ",\"previous_response_id\":\"" + previous + "\"");
    HttpResponse<String> response = send(token, "POST", "/v1/responses", body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    String text = response.body();
    int at = text.indexOf("resp_");
    return text.substring(at, text.indexOf('"', at));
  }

  @Test
  void aResponseIsContinuedAtTheKeyThatMadeIt() throws Exception {
    Set<String> secrets = new HashSet<>();
    for (int i = 0; i < 6; i++) {
      String first = respond(anns, null, i % 2 == 0, i);
      // Another token of the same account: tokens rotate.
      String second = respond(annsOther, first, i % 3 == 0, 100 + i);
      JsonNode read = ok(anns, "GET", "/v1/responses/" + second, null);

      assertThat(read.path("id").asText()).isEqualTo(second);
      secrets.add(provider.ownerOf(first));
      assertThat(provider.ownerOf(second)).isEqualTo(provider.ownerOf(first));
    }
    assertThat(secrets).as("both keys had their share").hasSize(2);
  }

  @Test
  void aResponseOfAnotherAccountIsNothing() throws Exception {
    String mine = respond(anns, null, false, 1);

    isNothing(bobs, "GET", "/v1/responses/" + mine, null);
    isNothing(bobs, "DELETE", "/v1/responses/" + mine, null);
    isNothing(bobs, "POST", "/v1/responses/" + mine + "/cancel", null);
    isNothing(
        bobs,
        "POST",
        "/v1/responses",
        "{\"model\":\"m\",\"input\":\"Hi\",\"previous_response_id\":\"%s\"}".formatted(mine));
    isNothing(anns, "GET", "/v1/responses/resp_neverseen", null);
  }

  @Test
  void filesGoOnWhereTheyAreAndOnlyForTheirOwner() throws Exception {
    String file = file(anns);

    assertThat(ok(annsOther, "GET", "/v1/files/" + file, null).path("id").asText()).isEqualTo(file);
    assertThat(send(anns, "GET", "/v1/files/" + file + "/content", null).body())
        .isEqualTo("content of " + file);
    isNothing(bobs, "GET", "/v1/files/" + file, null);
    isNothing(bobs, "GET", "/v1/files/" + file + "/content", null);
    isNothing(bobs, "DELETE", "/v1/files/" + file, null);
    isNothing(bobs, "POST", "/v1/batches", batchOf(file));
    isNothing(bobs, "POST", "/v1/vector_stores", "{\"file_ids\":[\"%s\"]}".formatted(file));
    isNothing(
        bobs,
        "POST",
        "/v1/chat/completions",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{\"file_id\":\"%s\"}}]}]}"
            .formatted(file));

    ok(anns, "DELETE", "/v1/files/" + file, null);
    isNothing(anns, "GET", "/v1/files/" + file, null);
  }

  @Test
  void aTypeThatIsNotReadCannotNameAFileOfAnother() throws Exception {
    String file = file(anns);

    HttpResponse<String> response =
        send(bobs, "POST", "/v1/batches", batchOf(file), "Content-Type", "text/plain");

    assertThat(response.statusCode()).isEqualTo(415);
  }

  @Test
  void aBatchGoesWhereItsFileIsAndItsResultsAreItsOwners() throws Exception {
    for (int i = 0; i < 6; i++) {
      String file = file(i % 2 == 0 ? anns : bobs);
      String token = i % 2 == 0 ? anns : bobs;
      JsonNode batch = ok(token, "POST", "/v1/batches", batchOf(file));
      assertThat(provider.ownerOf(batch.path("id").asText())).isEqualTo(provider.ownerOf(file));
      JsonNode done = ok(token, "GET", "/v1/batches/" + batch.path("id").asText(), null);
      String results = done.path("output_file_id").asText();

      assertThat(send(token, "GET", "/v1/files/" + results + "/content", null).body())
          .isEqualTo("content of " + results);
      isNothing(i % 2 == 0 ? bobs : anns, "GET", "/v1/files/" + results + "/content", null);
    }
  }

  @Test
  void idsOfDifferentKeysAreNotMixed() throws Exception {
    String one = file(anns);
    gateway
        .settings("GET", "/api-keys", null)
        .forEach(
            key ->
                gateway.settings(
                    "PUT",
                    "/api-keys/" + key.path("id").asText(),
                    "{\"priority\":%d}"
                        .formatted(
                            provider.ownerOf(one).contains(key.path("name").asText()) ? 9 : 1)));
    String two = file(anns);
    assertThat(provider.ownerOf(two)).isNotEqualTo(provider.ownerOf(one));

    HttpResponse<String> response =
        send(
            anns,
            "POST",
            "/v1/vector_stores",
            "{\"file_ids\":[\"%s\",\"%s\"]}".formatted(one, two));

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(JSON.readTree(response.body()).at("/error/message").asText())
        .contains("different keys");
    List<String> all = new ArrayList<>();
    ok(anns, "GET", "/v1/files", null).path("data").forEach(f -> all.add(f.path("id").asText()));
    assertThat(all).as("a list goes over both keys").contains(one, two);
  }

  @Test
  void listsShowTheAccountsOwnPageByPage() throws Exception {
    List<String> mine = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      mine.add(file(bobs));
      file(anns);
    }
    Set<String> own = new HashSet<>();
    String after = "";
    JsonNode page;
    do {
      page = ok(bobs, "GET", "/v1/files?limit=2" + after, null);
      assertThat(page.path("data")).hasSizeLessThanOrEqualTo(2);
      page.path("data").forEach(file -> own.add(file.path("id").asText()));
      if (!page.path("data").isEmpty()) {
        assertThat(page.path("first_id")).isEqualTo(page.path("data").get(0).path("id"));
        after = "&after=" + page.path("last_id").asText();
      }
    } while (page.path("has_more").asBoolean());

    assertThat(own).containsAll(mine);
    assertThat(own).allMatch(id -> !provider.isOf(id, "nobody"));
    JsonNode annsList = ok(anns, "GET", "/v1/files?limit=100", null);
    annsList.path("data").forEach(f -> assertThat(mine).doesNotContain(f.path("id").asText()));
    assertThat(ok(entitled, "GET", "/v1/files", null).path("data").size())
        .as("who may see the settings sees what the provider has")
        .isPositive();
  }

  @Test
  void whoHasNothingIsToldSoWithoutAskingAnybody() throws Exception {
    JsonNode list = ok(bobs, "GET", "/v1/vector_stores", null);

    assertThat(list.path("data")).isEmpty();
    assertThat(list.path("has_more").asBoolean()).isFalse();
    assertThat(provider.asked()).isEmpty();
  }

  @Test
  void olderIdsAreForThoseWhoMaySeeTheSettings() throws Exception {
    String old = provider.make("file-", "one");

    isNothing(anns, "GET", "/v1/files/" + old, null);
    assertThat(send(entitled, "GET", "/v1/files/" + old, null).statusCode()).isIn(200, 404);
    assertThat(provider.asked()).isNotEmpty();
  }

  @Test
  void aFileThatTheProviderHasNoMoreSaysNothingOfTheKey() throws Exception {
    String file = file(anns);
    provider.lose(file);

    for (int i = 0; i < 4; i++) {
      assertThat(send(anns, "GET", "/v1/files/" + file, null).statusCode()).isEqualTo(404);
    }
    file(anns);
    respond(anns, null, false, 1);
  }

  @Test
  void whatIsKeptIsNeverMadeTwice() throws Exception {
    provider.fail(true);

    assertThat(
            send(anns, "POST", "/v1/responses", "{\"model\":\"m\",\"input\":\"Hi\",\"store\":true}")
                .statusCode())
        .isGreaterThanOrEqualTo(500);
    assertThat(send(anns, "POST", "/v1/vector_stores", "{\"name\":\"x\"}").statusCode())
        .isGreaterThanOrEqualTo(500);

    assertThat(provider.asked())
        .extracting(Asked::path)
        .containsExactly("/v1/responses", "/v1/vector_stores");
  }

  @ParameterizedTest
  @CsvSource({"/v1/files, file", "/v1/messages/batches, msgbatch"})
  void anthropicsClientsGetAnthropicsAccount(String path, String prefix) throws Exception {
    key("anthropic", "claudes");
    String body =
        path.contains("batches")
            ? "{\"requests\":[{\"custom_id\":\"a\",\"params\":{\"model\":\"claude\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}}]}"
            : "--b\r\n"
                + "Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n"
                + "Hi\r\n"
                + "--b--\r\n";
    String type = path.contains("batches") ? "application/json" : "multipart/form-data; boundary=b";
    String[] headers = {
      "anthropic-version",
      "2023-06-01",
      "anthropic-beta",
      "files-api-2025-04-14",
      "Content-Type",
      type
    };
    String[] reading = {
      "anthropic-version", "2023-06-01", "anthropic-beta", "files-api-2025-04-14"
    };

    String id = ok(bobs, "POST", path, body, headers).path("id").asText();
    JsonNode read = ok(bobs, "GET", path + "/" + id, null, reading);
    HttpResponse<String> others = send(anns, "GET", path + "/" + id, null, reading);
    JsonNode list = ok(bobs, "GET", path, null, reading);

    assertThat(id).startsWith(prefix);
    assertThat(provider.ownerOf(id)).contains("claudes");
    assertThat(provider.asked()).allMatch(asked -> asked.secret().contains("claudes"));
    assertThat(others.statusCode()).isEqualTo(404);
    assertThat(JSON.readTree(others.body()).at("/error/type").asText())
        .isEqualTo("not_found_error");
    assertThat(list.path("data")).hasSize(1);
    if (path.contains("batches")) {
      assertThat(read.path("results_url").asText()).isEqualTo(path + "/" + id + "/results");
    }
  }
}
