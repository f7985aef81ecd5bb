package io.mimir.llm;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * The verdict of a test call.
 *
 * @param message a sentence that says what to do next; never the other side's words
 * @param latencyMs rounded to 10 ms, so that a test measures no network (T16)
 * @param models ids that the endpoint offers, sorted; empty unless the test succeeded
 */
public record Probe(CallOutcome reason, String message, long latencyMs, List<String> models) {

  public Probe {
    requireNonNull(reason);
    requireNonNull(message);
    models = List.copyOf(models);
  }

  public boolean isSuccess() {
    return reason == CallOutcome.OK;
  }
}
