package io.mimir.gateway.service;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.CallOutcome;
import io.mimir.upstream.service.CallFailure;
import io.mimir.upstream.service.ProviderWords;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Why there is no answer, in the words of the client's own protocol.
 *
 * @param status HTTP
 * @param code our word for it, or the provider's
 * @param param the field that is to blame, or null
 * @param retryAfter when to come back, or null
 * @param isFinal whether the client should not try again: it is of no use, or was done here
 */
public record ErrorResponse(
    ClientProtocol protocol,
    int status,
    String code,
    String message,
    String param,
    Duration retryAfter,
    boolean isFinal) {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int BAD_REQUEST = 400;
  private static final int UNPROCESSABLE = 422;
  private static final int PAYMENT_REQUIRED = 402;
  private static final int REQUEST_TIMEOUT = 408;
  private static final int TOO_MANY = 429;
  private static final int SERVER_ERROR = 500;
  private static final int UNAVAILABLE = 503;
  private static final int OVERLOADED = 529;

  /** A refusal of ours. */
  public static ErrorResponse of(ClientProtocol protocol, ProblemException e, boolean isFinal) {
    return new ErrorResponse(
        protocol,
        statusOf(e.problem()),
        e.problem().code(),
        e.getMessage(),
        e.errors().size() == 1 ? e.errors().get(0).field() : null,
        e.retryAfter().orElse(null),
        isFinal);
  }

  /** Tells of a failed call what the provider told: its kind of error stays what it was. */
  public static ErrorResponse of(ClientProtocol protocol, CallFailure failure) {
    ErrorResponse ours = of(protocol, failure.problem(), failure.isFinal());
    CallOutcome outcome = failure.outcome();
    if (outcome == null) {
      return ours;
    }
    int status = failure.status();
    if (outcome == CallOutcome.QUOTA_EXCEEDED) {
      return ours.with(status == PAYMENT_REQUIRED ? status : TOO_MANY, "insufficient_quota");
    }
    if (outcome != CallOutcome.UPSTREAM_ERROR
        || status < BAD_REQUEST
        || status == REQUEST_TIMEOUT) {
      return ours;
    }
    if (status < SERVER_ERROR) {
      return ours.ofTheQuestion(status, failure.words());
    }
    boolean overloaded = status == OVERLOADED && protocol != ClientProtocol.ANTHROPIC;
    return ours.with(overloaded ? UNAVAILABLE : status, ours.code);
  }

  private ErrorResponse with(int otherStatus, String otherCode) {
    return new ErrorResponse(protocol, otherStatus, otherCode, message, param, retryAfter, isFinal);
  }

  private ErrorResponse ofTheQuestion(int providersStatus, ProviderWords words) {
    return new ErrorResponse(
        protocol,
        providersStatus,
        words == null || words.code() == null ? "provider_refused" : words.code(),
        words == null
            ? "The provider refused the question: the conversation may be too long, or the model may not take it"
            : words.message(),
        words == null ? null : words.param(),
        null,
        false);
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
    switch (protocol) {
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
  public byte[] event(String requestId) {
    String data = new String(bytes(object(requestId)), StandardCharsets.UTF_8);
    String event =
        switch (protocol) {
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
