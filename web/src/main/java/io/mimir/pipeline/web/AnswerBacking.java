package io.mimir.pipeline.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
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
import java.util.concurrent.Callable;
import org.primefaces.PrimeFaces;

/** Backs what a person says about a step: yes or no to its question, or what became of it. */
@Named
@ViewScoped
public class AnswerBacking implements Serializable {

  private static final long serialVersionUID = 1L;

  @EJB transient Runs runs;
  @Inject Caller caller;
  @Inject Problems problems;
  @Inject RunBacking run;

  private final String id = PageAddress.id();
  private String path;
  private String question;
  private String note;
  private String how = "result";
  private String result;

  /** Before a person answers, or says what became of a step. */
  public void choose(RunStep step) {
    path = step.path();
    question = step.question();
    note = null;
    how = "result";
    result = "{}";
  }

  /** Answers what the chosen step asks. */
  public void answer(boolean approved) {
    if (answered(
        () -> {
          runs.approve(caller.identity(), id, path, approved, note);
          return true;
        })) {
      problems.done(approved ? "run.approved" : "run.rejected");
    }
    run.refresh();
  }

  /** Says what became of the chosen step. */
  public void resolve() {
    if (answered(
        () -> {
          JsonNode given = how.equals("result") ? read(result) : null;
          runs.resolve(caller.identity(), id, path, how, given);
          return true;
        })) {
      problems.done("run.resolved");
    }
    run.refresh();
  }

  private static JsonNode read(String text) {
    try {
      return RunJson.read((text == null ? "null" : text).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw ProblemException.of(Problem.INVALID, "result", "invalid", Texts.of("run.result.wrong"));
    }
  }

  private boolean answered(Callable<Boolean> deed) {
    boolean good = problems.attempt(deed) != null;
    PrimeFaces.current().ajax().addCallbackParam("done", good);
    return good;
  }

  public List<String> getWays() {
    return List.of("result", "repeat", "skip");
  }

  public String getQuestion() {
    return question;
  }

  public String getNote() {
    return note;
  }

  public void setNote(String note) {
    this.note = note;
  }

  public String getHow() {
    return how;
  }

  public void setHow(String how) {
    this.how = how;
  }

  public String getResult() {
    return result;
  }

  public void setResult(String result) {
    this.result = result;
  }
}
