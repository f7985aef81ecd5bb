package io.mimir.gateway.service;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Why there is no answer, in the words of the client's own protocol.
 *
 * @param status HTTP
 * @param code our word for it, or the provider's
 * @param param the field that is to blame, or null
 * @param retryAfter when to come back, or null
 * @param retried whether the gateway has tried again already, so that the client should not
 */
public record Refusal(
    Family family,
    int status,
    String code,
    String message,
    String param,
    Duration retryAfter,
    boolean retried) {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int BAD_REQUEST = 400;
  private static final int UNPROCESSABLE = 422;
  private static final int OVERLOADED = 529;

  /** A refusal of ours. */
  public static Refusal of(Family family, ProblemException e, boolean retried) {
    return new Refusal(
        family,
        statusOf(e.problem()),
        e.problem().code(),
        e.getMessage(),
        e.errors().size() == 1 ? e.errors().get(0).field() : null,
        e.retryAfter().orElse(null),
        retried);
  }

  /** Clients of providers know no 422: what is understood and refused is 400 to them. */
  private static int statusOf(Problem problem) {
    return problem.status() == UNPROCESSABLE ? BAD_REQUEST : problem.status();
  }

  /**
   * The body of an answer.
   *
   * @param requestId for Anthropic's clients
   */
  public byte[] body(String requestId) {
    return bytes(object(requestId));
  }

  private ObjectNode object(String requestId) {
    ObjectNode object = JSON.createObjectNode();
    switch (family) {
      case OPENAI ->
          object
              .putObject("error")
              .put("message", message)
              .put("type", openAiType())
              .put("param", param)
              .put("code", code);
      case ANTHROPIC -> {
        object.put("type", "error");
        object.putObject("error").put("type", anthropicType()).put("message", message);
        object.put("request_id", requestId);
      }
      case OLLAMA -> object.put("error", message);
    }
    return object;
  }

  /** What ends a stream that has begun. */
  byte[] event(String requestId) {
    String data = new String(bytes(object(requestId)), StandardCharsets.UTF_8);
    String event =
        switch (family) {
          case OPENAI -> "data: " + data + "\n\n";
          case ANTHROPIC -> "event: error\ndata: " + data + "\n\n";
          case OLLAMA -> data + "\n";
        };
    return event.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] bytes(ObjectNode object) {
    return object.toString().getBytes(StandardCharsets.UTF_8);
  }

  private String openAiType() {
    return switch (status) {
      case 401 -> "authentication_error";
      case 403 -> "permission_error";
      case 429 -> "rate_limit_error";
      default -> status < 500 ? "invalid_request_error" : "server_error";
    };
  }

  private String anthropicType() {
    return switch (status) {
      case 401 -> "authentication_error";
      case 403 -> "permission_error";
      case 404 -> "not_found_error";
      case 413 -> "request_too_large";
      case 429 -> "rate_limit_error";
      case 503, OVERLOADED -> "overloaded_error";
      case 504 -> "timeout_error";
      default -> status < 500 ? "invalid_request_error" : "api_error";
    };
  }
}
