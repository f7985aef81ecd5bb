package io.mimir.pipeline.service.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where a run is: what its journal says, and nothing else. Safe for any number of threads. */
public final class RunState {

  private final Map<String, StepState> steps = new LinkedHashMap<>();
  private long seq;
  private long tokens;
  private long workedMillis;
  private boolean cancelling;

  /** Reads a journal from its beginning. */
  public static RunState of(Iterable<RunEvent> events) {
    RunState state = new RunState();
    events.forEach(state::apply);
    return state;
  }

  /** Goes on with the next event; one that is known already changes nothing. */
  public synchronized void apply(RunEvent event) {
    if (event.seq() <= seq) {
      return;
    }
    seq = event.seq();
    switch (event.kind()) {
      case CANCELLING -> cancelling = true;
      case RESTED -> workedMillis += event.data().path("worked_ms").asLong();
      case ANSWERED -> {
        var usage = event.data().path("usage");
        tokens += usage.path("input_tokens").asLong() + usage.path("output_tokens").asLong();
      }
      default -> {
        // The step has it.
      }
    }
    if (event.path() != null) {
      steps.computeIfAbsent(event.path(), StepState::new).apply(event);
    }
  }

  /** What is asked about a step. */
  interface Question<T, X extends Exception> {

    /**
     * @param step null before it began
     */
    T ask(StepState step) throws X;
  }

  /** Looks at a step while nothing changes it. */
  synchronized <T, X extends Exception> T look(String path, Question<T, X> question) throws X {
    return question.ask(steps.get(path));
  }

  /** All steps that began, in the order in which they did. */
  public synchronized List<StepState> steps() {
    return new ArrayList<>(steps.values());
  }

  /** Finds a step that began; null when it did not. */
  public synchronized StepState find(String path) {
    return steps.get(path);
  }

  /** The place of the last event. */
  public synchronized long seq() {
    return seq;
  }

  /** Tokens of all answers so far, input and output. */
  synchronized long tokens() {
    return tokens;
  }

  /** How long the run was worked on before it last rested. */
  synchronized long workedMillis() {
    return workedMillis;
  }

  synchronized boolean isCancelling() {
    return cancelling;
  }
}
