package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.StepStatus;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a step of a run is, as the events about it say. Guarded by the {@link RunState} it is in.
 */
public final class StepState {

  private final String path;
  private StepStatus status = StepStatus.RUNNING;
  private int attempt;
  private int failures;
  private long startedAt;
  private long finishedAt;
  private Value input;
  private Value result;
  private ObjectNode begun = RunJson.object();
  private ObjectNode failure;
  private long wakeAt;
  private ObjectNode asked;
  private ObjectNode approved;
  private ObjectNode resolved;
  private String takenOverFrom;
  private long inputTokens;
  private long outputTokens;
  private boolean usesModel;
  private List<RunEvent> rounds = List.of();

  StepState(String path) {
    this.path = path;
  }

  void apply(RunEvent event) {
    ObjectNode data = event.data();
    switch (event.kind()) {
      case BEGUN -> begun(event);
      case FINISHED -> finished(StepStatus.SUCCEEDED, event);
      case TAKEN_OVER -> {
        takenOverFrom = data.path("from").asText();
        input = data.has("input") ? Value.of(data.get("input")) : null;
        finished(StepStatus.SUCCEEDED, event);
      }
      case SKIPPED -> finished(StepStatus.SKIPPED, event);
      case FAILED -> failed(event);
      case ANSWERED, TOOL -> round(event);
      case WAITING -> {
        status = StepStatus.WAITING;
        startedAt = startedAt == 0 ? event.at() : startedAt;
        wakeAt = data.path("until").asLong();
      }
      case ASKED -> {
        status = StepStatus.WAITING;
        startedAt = startedAt == 0 ? event.at() : startedAt;
        asked = data;
      }
      case APPROVED -> approved = data;
      case IN_DOUBT -> status = StepStatus.IN_DOUBT;
      case RESOLVED -> resolved = data;
      case QUEUED, STARTED, RESTED, CANCELLING, ENDED -> {
        // These are about the run.
      }
    }
  }

  private void begun(RunEvent event) {
    status = StepStatus.RUNNING;
    attempt = event.attempt();
    startedAt = startedAt == 0 ? event.at() : startedAt;
    finishedAt = 0;
    begun = event.data();
    input = begun.has("input") ? Value.of(begun.get("input")) : null;
    wakeAt = 0;
    resolved = null;
    rounds = List.of();
  }

  private void finished(StepStatus as, RunEvent event) {
    status = as;
    startedAt = startedAt == 0 ? event.at() : startedAt;
    finishedAt = event.at();
    failure = null;
    result = event.data().has("result") ? Value.of(event.data().get("result")) : null;
  }

  private void failed(RunEvent event) {
    failure = event.data();
    failures++;
    startedAt = startedAt == 0 ? event.at() : startedAt;
    wakeAt = failure.path("retry_at").asLong();
    if (wakeAt == 0) {
      status = StepStatus.FAILED;
      finishedAt = event.at();
    } else {
      status = StepStatus.RETRYING;
    }
  }

  private void round(RunEvent event) {
    status = StepStatus.RUNNING;
    resolved = null;
    List<RunEvent> more = new ArrayList<>(rounds);
    more.add(event);
    rounds = List.copyOf(more);
    if (event.kind() == RunEvent.Kind.ANSWERED) {
      usesModel = true;
      inputTokens += event.data().path("usage").path("input_tokens").asLong();
      outputTokens += event.data().path("usage").path("output_tokens").asLong();
    }
  }

  public String path() {
    return path;
  }

  /** The last part of the path, which is the step's own name. */
  public String name() {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  public StepStatus status() {
    return status;
  }

  /** The number of the last attempt, from 1 on; 0 before the first. */
  public int attempt() {
    return attempt;
  }

  /** How many attempts failed, those of a crash left out. */
  int failures() {
    return failures;
  }

  /** Milliseconds since 1970; 0 before the first attempt. */
  public long startedAt() {
    return startedAt;
  }

  /** Milliseconds since 1970; 0 while it goes on. */
  public long finishedAt() {
    return finishedAt;
  }

  /** Null when it takes none, or has not begun. */
  public Value input() {
    return input;
  }

  /** Null when it gave none. */
  public Value result() {
    return result;
  }

  /** What the last attempt was begun with; empty before the first. */
  ObjectNode begun() {
    return begun;
  }

  /** {@code code} and {@code message} of the last failure; null when there is none. */
  public ObjectNode failure() {
    return failure;
  }

  /** When it goes on, in milliseconds since 1970; 0 when no time is set. */
  public long wakeAt() {
    return wakeAt;
  }

  /** {@code role} and {@code message}; null when nobody was asked. */
  public ObjectNode asked() {
    return asked;
  }

  /** {@code approved}, {@code note} and {@code by}; null when nobody has answered. */
  public ObjectNode approved() {
    return approved;
  }

  /** {@code how}, {@code result} and {@code by}; null when nobody has said. */
  ObjectNode resolved() {
    return resolved;
  }

  /** The run that its result comes from; null for this one. */
  public String takenOverFrom() {
    return takenOverFrom;
  }

  /** Whether a model answered, so that the tokens mean something. */
  public boolean usesModel() {
    return usesModel;
  }

  public long inputTokens() {
    return inputTokens;
  }

  public long outputTokens() {
    return outputTokens;
  }

  /** What models and tools gave in the last attempt, in order. */
  List<RunEvent> rounds() {
    return rounds;
  }
}
