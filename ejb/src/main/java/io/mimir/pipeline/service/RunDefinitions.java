package io.mimir.pipeline.service;

import io.mimir.pipeline.Pipeline;
import io.mimir.pipeline.service.language.Definition;
import io.mimir.pipeline.service.language.Step;
import io.mimir.pipeline.service.run.Definitions;
import io.mimir.pipeline.service.run.RunFacts;
import io.mimir.pipeline.service.run.StepFailure;
import io.mimir.security.service.Identity;
import jakarta.ejb.EJB;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The definitions that runs follow, the lately used ones in memory: revisions never change. */
@ApplicationScoped
public class RunDefinitions implements Definitions {

  private static final int KEPT = 100;

  @EJB StoredDefinitions stored;
  @Inject RunRights rights;

  private final Map<String, Definition> known =
      Collections.synchronizedMap(
          new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Definition> eldest) {
              return size() > KEPT;
            }
          });

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
    String key = pipelineId + "/" + revision;
    Definition definition = known.get(key);
    if (definition == null) {
      definition =
          stored
              .revision(pipelineId, revision)
              .orElseThrow(
                  () ->
                      StepFailure.lasting(
                          "not_found",
                          "The revision of the pipeline that this run follows is gone"));
      known.put(key, definition);
    }
    return definition;
  }
}
