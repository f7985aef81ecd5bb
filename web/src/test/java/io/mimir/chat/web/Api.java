package io.mimir.chat.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;

/** The API as one client of it. */
public final class Api {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI base;
  private final String authorization;

  private Api(URI base, String authorization) {
    this.base = base;
    this.authorization = authorization;
  }

  public static Api withPassword(URI base, String user, String password) {
    String text = user + ":" + password;
    return new Api(
        base, "Basic " + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)));
  }

  public static Api withToken(URI base, String token) {
    return new Api(base, "Bearer " + token);
  }

  /** The value of the Authorization header. */
  String authorization() {
    return authorization;
  }

  /** An answer with a body of JSON. */
  public record Answer(int status, HttpResponse<String> http) {

    public JsonNode json() {
      try {
        return JSON.readTree(http.body());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    public String text(String name) {
      return json().path(name).asText();
    }

    public String header(String name) {
      return http.headers().firstValue(name).orElse(null);
    }
  }

  public Answer get(String path) {
    return send("GET", path, null);
  }

  public Answer post(String path, String json) {
    return send("POST", path, json);
  }

  public Answer put(String path, String json) {
    return send("PUT", path, json);
  }

  public Answer delete(String path) {
    return send("DELETE", path, null);
  }

  private Answer send(String method, String path, String json) {
    return answer(request(method, path, json));
  }

  /** Opens an answer that comes piece by piece. */
  public Events stream(String path, String json) {
    return new Events(exchange(request("POST", path, json), BodyHandlers.ofInputStream()));
  }

  /** Sends something that is not JSON. */
  public Answer send(String method, String path, String type, String body) {
    return answer(
        own("/api/v1" + path)
            .header("Content-Type", type)
            .method(method, BodyPublishers.ofString(body))
            .build());
  }

  /** Sends JSON to an address beside the API, without any sign of who calls. */
  public Answer deliver(String address, Map<String, String> headers, String json) {
    HttpRequest.Builder request =
        to(address).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json));
    headers.forEach(request::header);
    return answer(request.build());
  }

  /** The list of models as clients of OpenAI get it. */
  public String listedModels() {
    return answer(own("/v1/models").build()).http().body();
  }

  /** Reads something as another type than JSON. */
  public String fetch(String path, String type) {
    return answer(own("/api/v1" + path).header("Accept", type).build()).http().body();
  }

  /** Opens a stream of events that is read. */
  public Events events(String path) {
    return new Events(exchange(request("GET", path, null), BodyHandlers.ofInputStream()));
  }

  /** To an address of the server, by nobody. */
  private HttpRequest.Builder to(String address) {
    return HttpRequest.newBuilder(base.resolve(address)).timeout(PATIENCE);
  }

  /** To an address of the server, by this client. */
  private HttpRequest.Builder own(String address) {
    return to(address).header("Authorization", authorization);
  }

  private Answer answer(HttpRequest request) {
    HttpResponse<String> response = exchange(request, BodyHandlers.ofString());
    return new Answer(response.statusCode(), response);
  }

  private HttpRequest request(String method, String path, String json) {
    HttpRequest.Builder request = own("/api/v1" + path);
    if (json != null) {
      request.header("Content-Type", "application/json");
    }
    return request
        .method(method, json == null ? BodyPublishers.noBody() : BodyPublishers.ofString(json))
        .build();
  }

  private <T> HttpResponse<T> exchange(HttpRequest request, HttpResponse.BodyHandler<T> body) {
    try {
      return http.send(request, body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** A stream of server-sent events. */
  public static final class Events implements AutoCloseable {

    private final HttpResponse<InputStream> response;
    private final BufferedReader lines;
    private int pings;

    /**
     * @param name of the event; null at the end of the stream
     */
    public record Event(String name, JsonNode data) {}

    private Events(HttpResponse<InputStream> response) {
      this.response = response;
      this.lines =
          new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    }

    public int status() {
      return response.statusCode();
    }

    public String header(String name) {
      return response.headers().firstValue(name).orElse(null);
    }

    /** The whole body, for answers that are no stream. */
    public JsonNode json() {
      try {
        return JSON.readTree(lines);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** How often the server has shown that it is still there. */
    int pings() {
      return pings;
    }

    public Event next() {
      try {
        String name = null;
        String data = "";
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.startsWith(":")) {
            pings++;
          } else if (line.startsWith("event: ")) {
            name = line.substring(7);
          } else if (line.startsWith("data: ")) {
            data = line.substring(6);
          } else if (line.isEmpty() && name != null) {
            return new Event(name, JSON.readTree(data));
          }
        }
        return new Event(null, null);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      try {
        lines.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
