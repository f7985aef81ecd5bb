package io.mimir.pipeline.service;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.pipeline.Pipeline;
import io.mimir.pipeline.PipelineTrigger;
import io.mimir.security.Role;
import io.mimir.security.service.Identity;
import io.mimir.security.service.SignIn;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/** Starts runs for triggers, with the rights that their makers have by now. */
@ApplicationScoped
public class TriggeredRuns {

  @Inject StoredDefinitions stored;
  @Inject SignIn signIn;
  @Inject RunStarts starts;

  /**
   * @param key by which a repetition is known; null for none
   * @return the id of the run
   * @throws ProblemException FORBIDDEN when the maker may not run it any more, and as {@link
   *     RunStarts#start}
   */
  String start(PipelineTrigger trigger, JsonNode input, String key) {
    Pipeline pipeline =
        stored
            .find(trigger.getPipelineId())
            .orElseThrow(() -> ProblemException.notFound("pipeline"));
    Identity maker =
        signIn
            .account(trigger.getAccountId())
            .filter(who -> who.has(Role.USER))
            .filter(who -> RunRights.mayRun(who, pipeline))
            .orElseThrow(
                () ->
                    new ProblemException(
                        Problem.FORBIDDEN,
                        "Whoever made this trigger may not run the pipeline any more"));
    return starts.start(
        maker, pipeline, new RunStarts.Wish(input, key, trigger.getKind(), trigger.getId()));
  }
}
