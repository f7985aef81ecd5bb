package io.mimir.pipeline.service;

import static jakarta.ejb.TransactionAttributeType.NOT_SUPPORTED;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.pipeline.Pipeline;
import io.mimir.pipeline.RunStatus;
import io.mimir.pipeline.service.language.DefinitionReader;
import io.mimir.pipeline.service.language.Finding;
import io.mimir.pipeline.service.language.Step;
import io.mimir.pipeline.service.run.PinnedScope;
import io.mimir.pipeline.service.run.RunControl;
import io.mimir.pipeline.service.run.RunFacts;
import io.mimir.pipeline.service.run.RunJson;
import io.mimir.pipeline.service.run.StepFailure;
import io.mimir.pipeline.service.run.StepTry;
import io.mimir.security.Role;
import io.mimir.security.service.Identity;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ejb.EJB;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * Tries one step of a pipeline on values that are given with it, with the rights of whoever tries
 * it. A model is asked and paid for, and an action does what it does; the journal has no word of
 * it.
 */
@Stateless
@RolesAllowed(Role.PIPELINES)
@TransactionAttribute(NOT_SUPPORTED)
public class StepTries {

  /** What a step is put into to be read. */
  private static final String STEPS = "steps";

  @EJB Pipelines pipelines;
  @Inject RunDispatch dispatch;
  @Inject RunActions actions;
  @Inject RunModels models;

  /**
   * What came of a try.
   *
   * @param result null when it failed
   * @param failure null when it did not
   * @param millis how long it took
   */
  public record Tried(StepTry.Result result, StepFailure failure, long millis) {}

  /**
   * Tries a step once, as it is written, saved or not. Blocks until it has ended.
   *
   * @param step as definitions have it; its retries and what follows a failure are not looked at
   * @param pinned an object with {@code input}, {@code steps}, {@code item} and {@code index}
   * @throws ProblemException NOT_FOUND; FORBIDDEN for those who may not change the pipeline: a step
   *     may fetch the addresses that are allowed for it; REFUSED when the step cannot be read
   */
  public Tried attempt(Identity caller, String pipelineId, ObjectNode step, ObjectNode pinned) {
    Pipeline pipeline = pipelines.get(caller, pipelineId);
    if (!Pipelines.mayChange(caller, pipeline)) {
      throw new ProblemException(
          Problem.FORBIDDEN, "Only its owner and administrators try steps of a shared pipeline");
    }
    Step read = read(step);
    String id = "try_" + UUID.randomUUID().toString().replace("-", "");
    Instant now = Instant.now();
    ObjectNode run =
        RunJson.object()
            .put("id", id)
            .put("started_at", now.toString())
            .put("pipeline", pipeline.getName());
    long start = System.nanoTime();
    StepTry.Result result = null;
    StepFailure failure = null;
    try {
      result =
          new StepTry(dispatch.expressions(), actions, models, actions::tool)
              .attempt(
                  read,
                  new PinnedScope(pinned, run),
                  facts(id, pipeline, caller, now),
                  new RunControl());
    } catch (StepFailure e) {
      failure = e;
    }
    return new Tried(result, failure, (System.nanoTime() - start) / 1_000_000);
  }

  private static RunFacts facts(String id, Pipeline pipeline, Identity caller, Instant now) {
    return new RunFacts(
        id,
        pipeline.getId(),
        pipeline.getName(),
        pipeline.getRevision(),
        RunStatus.RUNNING,
        caller.accountId(),
        caller.tokenId(),
        "manual",
        null,
        null,
        now.toEpochMilli(),
        now.toEpochMilli(),
        0);
  }

  private static Step read(JsonNode step) {
    ObjectNode around = RunJson.object().put("name", "try");
    around.putArray(STEPS).add(step);
    DefinitionReader.Reading reading = DefinitionReader.read(around);
    List<FieldError> errors =
        reading.findings().stream().filter(one -> !one.isWarning()).map(StepTries::error).toList();
    if (!errors.isEmpty() || reading.definition() == null) {
      throw ProblemException.of(Problem.REFUSED, errors);
    }
    return reading.definition().steps().get(0);
  }

  private static FieldError error(Finding finding) {
    return new FieldError(finding.path(), finding.code(), finding.message());
  }
}
