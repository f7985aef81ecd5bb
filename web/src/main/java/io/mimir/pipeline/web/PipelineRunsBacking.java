package io.mimir.pipeline.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.pipeline.Pipeline;
import io.mimir.pipeline.service.Pipelines;
import io.mimir.pipeline.service.RunStarts;
import io.mimir.pipeline.service.Runs;
import io.mimir.pipeline.service.run.RunJson;
import io.mimir.security.web.Caller;
import io.mimir.web.PageAddress;
import io.mimir.web.Problems;
import io.mimir.web.Texts;
import jakarta.ejb.EJB;
import jakarta.faces.view.ViewScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Backs what {@code pipeline.xhtml} shows below the builder: revisions, and a new run. */
@Named
@ViewScoped
public class PipelineRunsBacking implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final int SHOWN = 20;

  @EJB transient Pipelines pipelines;
  @EJB transient Runs runs;
  @Inject Caller caller;
  @Inject Problems problems;

  private final String id = PageAddress.id();
  private String input;

  public List<RevisionView> getRevisions() {
    return pipelines.revisions(caller.identity(), id).stream()
        .limit(SHOWN)
        .map(one -> RevisionView.of(one, false))
        .toList();
  }

  /** Fills in what a run needs, by the input that the saved definition asks for. */
  public void ask() {
    Pipeline pipeline = pipelines.get(caller.identity(), id);
    ObjectNode wanted = RunJson.object();
    pipelines
        .definitionOf(pipeline)
        .path("input")
        .path("properties")
        .properties()
        .forEach(one -> wanted.set(one.getKey(), NewSteps.empty(one.getValue())));
    input = PrettyJson.of(wanted);
  }

  /** Runs what is saved. */
  public void start() throws IOException {
    String run =
        problems.attempt(
            () ->
                runs.start(
                    caller.identity(), id, new RunStarts.Wish(read(input), null, "manual", null)));
    if (run != null) {
      Moves.to("/runs/" + run);
    }
  }

  private static JsonNode read(String text) {
    try {
      return text == null ? RunJson.object() : RunJson.read(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw ProblemException.of(Problem.INVALID, "input", "invalid", Texts.of("step.pinned.wrong"));
    }
  }

  public String getInput() {
    return input;
  }

  public void setInput(String input) {
    this.input = input;
  }
}
