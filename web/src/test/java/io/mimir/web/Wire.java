package io.mimir.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/**
 * Requests as any client could send them, the wrong ones too. Everything that came back is kept,
 * for whoever looks for leaks.
 */
final class Wire {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HttpClient http;
  private final CookieManager cookies = new CookieManager();
  private final URI base;
  private final List<String> seen;
  private final String authorization;

  /** Of a session; null for all others. */
  private String csrf;

  private Answer signIn;

  private Wire(URI base, String authorization, List<String> seen) {
    this(base, authorization, seen, false);
  }

  /**
   * @param keepsCookies as browsers do
   */
  private Wire(URI base, String authorization, List<String> seen, boolean keepsCookies) {
    this.base = base;
    this.authorization = authorization;
    this.seen = seen;
    HttpClient.Builder client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER);
    http = keepsCookies ? client.cookieHandler(cookies).build() : client.build();
  }

  static Wire anonymous(URI base) {
    return new Wire(base, null, new CopyOnWriteArrayList<>());
  }

  Wire as(String user, String password) {
    byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return new Wire(base, "Basic " + Base64.getEncoder().encodeToString(pair), seen);
  }

  Wire with(String token) {
    return new Wire(base, "Bearer " + token, seen);
  }

  /** Signs in as the sign-in page does, and sends from then on what the scripts of pages send. */
  Wire signedIn(String user, String password) {
    Wire browser = new Wire(base, null, seen, true);
    Answer answer =
        browser.send(
            "POST",
            "/login",
            "login=login&next=&signin=Sign+in&jakarta.faces.ViewState=stateless&username=%s&password=%s"
                .formatted(
                    URLEncoder.encode(user, StandardCharsets.UTF_8),
                    URLEncoder.encode(password, StandardCharsets.UTF_8)),
            "Content-Type",
            "application/x-www-form-urlencoded");
    if (answer.status() != 302) {
      throw new IllegalStateException("The sign-in was answered " + answer.status());
    }
    browser.signIn = answer;
    browser.csrf = browser.get("/api/v1/session").text("csrf_token");
    return browser;
  }

  /** What the sign-in was answered. */
  Answer signIn() {
    return signIn;
  }

  /** The cookies as they are now, in one header. */
  String cookies() {
    return cookies.getCookieStore().getCookies().stream()
        .map(cookie -> cookie.getName() + "=" + cookie.getValue())
        .collect(Collectors.joining("; "));
  }

  /**
   * Status lines, headers and bodies of all answers so far, to this client and those made from it.
   */
  List<String> seen() {
    return seen;
  }

  /** An answer. */
  record Answer(int status, HttpResponse<String> http) {

    JsonNode json() {
      try {
        return JSON.readTree(http.body());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    String text(String name) {
      return json().path(name).asText();
    }

    String header(String name) {
      return http.headers().firstValue(name).orElse("");
    }
  }

  Answer get(String path) {
    return send("GET", path, null);
  }

  Answer delete(String path) {
    return send("DELETE", path, null);
  }

  Answer post(String path, String json) {
    return send("POST", path, json, "Content-Type", "application/json");
  }

  Answer put(String path, String json, String... headers) {
    String[] all = new String[headers.length + 2];
    all[0] = "Content-Type";
    all[1] = "application/json";
    System.arraycopy(headers, 0, all, 2, headers.length);
    return send("PUT", path, json, all);
  }

  /**
   * @param headers names and values by turns
   */
  Answer send(String method, String path, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path)).timeout(Duration.ofSeconds(60));
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    if (csrf != null && !method.equals("GET")) {
      request.header("X-CSRF-Token", csrf);
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    request.method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    try {
      HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
      seen.add(response.statusCode() + " " + response.headers().map() + " " + response.body());
      return new Answer(response.statusCode(), response);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
