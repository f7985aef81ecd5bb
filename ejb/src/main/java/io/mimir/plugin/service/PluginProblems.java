package io.mimir.plugin.service;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** The answers to calls of plugins that failed. */
final class PluginProblems {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MAX_MESSAGE_CHARS = 500;

  private PluginProblems() {}

  static ProblemException of(PluginCallException e) {
    return switch (e.kind()) {
      case UNKNOWN_ACTION -> ProblemException.notFound("action");
      case NOT_RUNNING -> new ProblemException(Problem.NOT_RUNNING, e.getMessage());
      case REFUSED, BAD_INPUT ->
          ProblemException.of(
              Problem.PLUGIN_FAILED, List.of(new FieldError("plugin", "refused", said(e))));
      case BUSY ->
          ProblemException.retryable(Problem.PLUGIN_BUSY, e.getMessage(), Duration.ofSeconds(1));
      case CRASHED -> new ProblemException(Problem.PLUGIN_CRASHED, e.getMessage());
      case DEADLINE -> new ProblemException(Problem.PLUGIN_DEADLINE, e.getMessage());
      case STOPPING ->
          ProblemException.retryable(Problem.DRAINING, e.getMessage(), Duration.ofSeconds(10));
    };
  }

  /** The plugin's own message, as far as it is a line of plain text. */
  private static String said(PluginCallException e) {
    try {
      String message = JSON.readTree(e.detail()).path("message").asText("");
      String plain = message.replaceAll("[\\p{Cc}\\p{Cf}]", " ").strip();
      if (!plain.isEmpty()) {
        return "The plugin says: "
            + (plain.length() > MAX_MESSAGE_CHARS ? plain.substring(0, MAX_MESSAGE_CHARS) : plain);
      }
    } catch (IOException unreadable) {
      // It said nothing that could be shown.
    }
    return e.getMessage();
  }
}
