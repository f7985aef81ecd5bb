package io.mimir.pipeline.service.run;

import io.mimir.pipeline.service.language.Definition;
import io.mimir.pipeline.service.language.Step;

/** Finds the definitions that runs follow. */
public interface Definitions {

  /** A pipeline as it is now. */
  record Known(String pipelineId, int revision) {}

  /**
   * Finds the newest revision of the pipeline that a step names.
   *
   * @throws StepFailure not_found when there is none, or the run may not use it
   */
  Known newest(RunFacts run, Step.Nested step) throws StepFailure;

  /**
   * Reads a revision.
   *
   * @throws StepFailure not_found when it is gone
   */
  Definition revision(String pipelineId, int revision) throws StepFailure;
}
