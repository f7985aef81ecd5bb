package io.mimir.pipeline.service;

import io.mimir.pipeline.Pipeline;
import io.mimir.pipeline.service.language.Definition;
import io.mimir.pipeline.service.language.LatelyUsed;
import io.mimir.pipeline.service.language.Step;
import io.mimir.pipeline.service.run.Definitions;
import io.mimir.pipeline.service.run.RunFacts;
import io.mimir.pipeline.service.run.StepFailure;
import io.mimir.security.service.Identity;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;

/** The definitions that runs follow, the lately used ones in memory: revisions never change. */
@ApplicationScoped
public class RunDefinitions implements Definitions {

  /** More than most servers have pipelines: a list of models goes through all of them. */
  private static final int KEPT = 200;

  @Inject StoredDefinitions stored;
  @Inject RunRights rights;

  private final LatelyUsed<Key, Definition> known = new LatelyUsed<>(KEPT);

  private record Key(String pipelineId, int revision) {}

  @Override
  public Known newest(RunFacts run, Step.Nested step) throws StepFailure {
    Identity who = rights.of(run);
    Optional<Pipeline> pipeline =
        stored.named(step.pipeline()).filter(one -> RunRights.mayRun(who, one));
    return pipeline
        .map(one -> new Known(one.getId(), one.getRevision()))
        .orElseThrow(
            () ->
                StepFailure.lasting(
                    "not_found",
                    "There is no pipeline %s that this run may use".formatted(step.pipeline())));
  }

  @Override
  public Definition revision(String pipelineId, int revision) throws StepFailure {
    return find(pipelineId, revision)
        .orElseThrow(
            () ->
                StepFailure.lasting(
                    "not_found", "The revision of the pipeline that this run follows is gone"));
  }

  /** Reads a revision; empty when it is gone, or this version cannot read it. */
  Optional<Definition> find(String pipelineId, int revision) {
    return Optional.ofNullable(
        known.get(
            new Key(pipelineId, revision),
            key -> stored.revision(key.pipelineId(), key.revision()).orElse(null)));
  }

  /** Reads the newest revision, as {@link #find} does. */
  Optional<Definition> newestOf(Pipeline pipeline) {
    return find(pipeline.getId(), pipeline.getRevision());
  }
}
