package io.mimir.pipeline.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.pipeline.Pipeline;
import io.mimir.pipeline.PipelineLimits;
import io.mimir.pipeline.service.language.Definition;
import io.mimir.pipeline.service.run.JournalException;
import io.mimir.pipeline.service.run.RunStore;
import io.mimir.pipeline.service.run.StepFailure;
import io.mimir.pipeline.service.run.Value;
import io.mimir.security.service.Identity;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;

/** Starts runs, whatever the occasion. */
@ApplicationScoped
public class RunStarts {

  private static final Duration COME_BACK = Duration.ofSeconds(5);
  private static final int LONGEST_KEY = 200;

  @Inject RunDefinitions definitions;
  @Inject RunDispatch dispatch;

  /**
   * A run that somebody wants.
   *
   * @param input null for an empty object
   * @param idempotencyKey null for none
   * @param kind of what starts it: {@code manual}, {@code api}, {@code cron}, {@code webhook} or
   *     {@code model}
   * @param triggerId null for none
   */
  public record Wish(JsonNode input, String idempotencyKey, String kind, String triggerId) {}

  /**
   * Has a pipeline run, with the rights of somebody who may run it.
   *
   * @return the id of the run; of the one before, when the same key was used before
   * @throws ProblemException REFUSED when the input does not fit, RATE_LIMITED when too many wait,
   *     STORAGE_UNAVAILABLE
   */
  String start(Identity who, Pipeline pipeline, Wish wish) {
    String key = wish.idempotencyKey();
    if (key != null && (key.isBlank() || key.length() > LONGEST_KEY)) {
      throw ProblemException.of(
          Problem.INVALID,
          "idempotency_key",
          "invalid",
          "An idempotency key has 1 to %d characters".formatted(LONGEST_KEY));
    }
    Definition definition =
        definitions
            .newestOf(pipeline)
            .orElseThrow(
                () ->
                    new ProblemException(
                        Problem.REFUSED,
                        "This version of Mimir cannot read the definition: save it again"));
    ObjectNode input = RunInput.fitting(definition, wish.input());
    requireRoom();
    String id = RunStore.newId();
    return insert(
        new RunStore.Wish(
            id,
            pipeline.getId(),
            pipeline.getName(),
            pipeline.getRevision(),
            who.accountId(),
            who.tokenId(),
            wish.kind(),
            wish.triggerId(),
            key,
            null,
            kept(id, input),
            List.of()));
  }

  /** Stores a run and has it worked on. */
  String insert(RunStore.Wish run) {
    try {
      String id = dispatch.runs().insert(run);
      dispatch.dispatcher().wake(id);
      return id;
    } catch (JournalException e) {
      throw unavailable();
    }
  }

  static ProblemException unavailable() {
    return ProblemException.retryable(
        Problem.STORAGE_UNAVAILABLE, "The database does not take runs now: try again", COME_BACK);
  }

  private Value kept(String id, ObjectNode input) {
    try {
      return dispatch.values().keep(id, input);
    } catch (StepFailure e) {
      throw new ProblemException(Problem.TOO_LARGE, e.getMessage());
    }
  }

  /**
   * @throws ProblemException RATE_LIMITED when as many runs wait as may
   */
  void requireRoom() {
    if (dispatch.runs().queued() >= PipelineLimits.QUEUED) {
      throw ProblemException.retryable(
          Problem.RATE_LIMITED,
          "%,d runs wait already, which is the most: try again when some have begun"
              .formatted(PipelineLimits.QUEUED),
          COME_BACK);
    }
  }
}
