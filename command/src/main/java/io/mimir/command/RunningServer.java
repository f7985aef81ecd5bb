package io.mimir.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.lifecycle.service.StartException;
import io.mimir.lifecycle.service.StartException.Exit;
import io.mimir.security.service.LocalOperator;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The server that has the data folder, asked over REST as its local operator: who can read the
 * folder may.
 */
final class RunningServer {

  private static final Duration CONNECT = Duration.ofSeconds(5);

  /** A large database is copied before the first byte of a backup comes. */
  private static final Duration ANSWER = Duration.ofMinutes(30);

  private final URI address;
  private final String token;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .proxy(HttpClient.Builder.NO_PROXY)
          .connectTimeout(CONNECT)
          .build();

  private RunningServer(URI address, String token) {
    this.address = address;
    this.token = token;
  }

  /**
   * Finds the server of a data folder that is in use.
   *
   * @throws StartException when it does not say where it is: it starts, or stops, or is another
   *     user's
   */
  static RunningServer of(Path folder) {
    Path file = folder.resolve(LocalOperator.FILE);
    try {
      JsonNode json = Output.JSON.readTree(Files.readString(file));
      return new RunningServer(URI.create(json.path("url").asText()), json.path("token").asText());
    } catch (IOException | IllegalArgumentException e) {
      throw new StartException(
          Exit.DATA_FOLDER_IN_USE,
          "A Mimir has the data folder %s, and %s cannot be read: wait until it has started, or run this as the user that it runs as"
              .formatted(folder, file.getFileName()),
          e);
    }
  }

  URI address() {
    return address;
  }

  /**
   * Asks for something.
   *
   * @param method {@code GET} or {@code POST}
   * @return the answer's body; the caller closes it
   * @throws CommandException when the server does not answer, or refuses
   */
  InputStream ask(String method, String path) throws CommandException {
    HttpRequest request =
        HttpRequest.newBuilder(address.resolve(path))
            .method(method, BodyPublishers.noBody())
            .header("Authorization", "Bearer " + token)
            .timeout(ANSWER)
            .build();
    try {
      HttpResponse<InputStream> answer = client.send(request, BodyHandlers.ofInputStream());
      if (answer.statusCode() == 200) {
        return answer.body();
      }
      try (InputStream body = answer.body()) {
        throw new CommandException(
            "The server answered %d: %s".formatted(answer.statusCode(), detail(body)));
      }
    } catch (IOException e) {
      throw new CommandException("The server at %s does not answer".formatted(address), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("Interrupted", e);
    }
  }

  /** Asks for something in JSON. */
  JsonNode json(String method, String path) throws CommandException {
    try (InputStream body = ask(method, path)) {
      return Output.JSON.readTree(body);
    } catch (IOException e) {
      throw new CommandException("The server's answer broke off", e);
    }
  }

  private static String detail(InputStream body) throws IOException {
    try {
      return Output.JSON.readTree(body).path("detail").asText("no reason is given");
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      return "no reason is given";
    }
  }
}
