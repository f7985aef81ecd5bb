package io.mimir.pipeline.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.pipeline.service.StepTries;
import io.mimir.pipeline.service.language.Finding;
import io.mimir.pipeline.service.run.RunJson;
import io.mimir.security.web.Caller;
import io.mimir.web.PageAddress;
import io.mimir.web.Problems;
import io.mimir.web.Sent;
import io.mimir.web.Texts;
import jakarta.ejb.EJB;
import jakarta.faces.application.FacesMessage;
import jakarta.faces.view.ViewScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.primefaces.PrimeFaces;

/** Backs the form of one step, and the trying of it. */
@Named
@ViewScoped
public class StepBacking implements Serializable {

  private static final long serialVersionUID = 1L;

  @EJB transient StepTries tries;
  @Inject Caller caller;
  @Inject Problems problems;
  @Inject BuilderBacking builder;
  @Inject StepSurroundings surroundings;

  private final String id = PageAddress.id();
  private StepForm form = new StepForm("", List.of());
  private String title = "";
  private String list = "";
  private List<NamesInSight.Name> names = List.of();
  private String pinned = "{}";
  private transient TriedStep tried;

  /** Shows the form of the step that was pressed. */
  public void openSent() {
    open(Sent.text("at"));
  }

  /**
   * Shows the form of a step.
   *
   * @param pointer its place in the definition as it stands in the text; empty for the pipeline
   */
  public void open(String pointer) {
    ObjectNode definition = builder.definition();
    if (definition == null || !(at(definition, pointer) instanceof ObjectNode step)) {
      problems.tell(FacesMessage.SEVERITY_ERROR, Texts.of("pipeline.text.wrong"));
      return;
    }
    form = new StepForm(pointer, surroundings.fields(definition, pointer));
    form.tell(builder.about(pointer));
    title = step.path("name").asText();
    list = pointer.isEmpty() ? "" : pointer.substring(0, pointer.lastIndexOf('/'));
    names = surroundings.names(definition, pointer);
    pinned =
        pointer.isEmpty() || builder.getView().isFresh()
            ? "{}"
            : PrettyJson.of(surroundings.pinned(caller.identity(), id, definition, pointer, names));
    tried = null;
    PrimeFaces.current().ajax().addCallbackParam("opened", true);
  }

  private static JsonNode at(JsonNode definition, String pointer) {
    return pointer.isEmpty() ? definition : definition.at(pointer);
  }

  /** Puts what was entered into the definition; it counts once the pipeline is saved. */
  public void apply() {
    ObjectNode definition = builder.definition();
    ObjectNode step = entered(definition);
    if (step == null) {
      return;
    }
    String wanted = Sent.text("step-list");
    String pointer = form.pointer();
    if (!pointer.isEmpty() && !wanted.isEmpty() && !wanted.equals(list)) {
      pointer = new StepTree(definition).relocate(pointer, wanted);
      form = new StepForm(pointer, form.fields());
      list = pointer.substring(0, pointer.lastIndexOf('/'));
    }
    builder.changed(definition);
    List<Finding> about = builder.about(pointer);
    form.tell(about);
    PrimeFaces.current().ajax().addCallbackParam("at", pointer);
    PrimeFaces.current()
        .ajax()
        .addCallbackParam("done", about.stream().allMatch(Finding::isWarning));
  }

  /** Returns null when it cannot be read, or is not there any more; both are told. */
  private ObjectNode entered(ObjectNode definition) {
    if (definition == null || !(at(definition, form.pointer()) instanceof ObjectNode step)) {
      problems.take(new ProblemException(Problem.STALE, Texts.of("pipeline.step.gone")));
      return null;
    }
    return form.apply(step, Sent::text) ? step : null;
  }

  /** Does the step as it is entered on the values that are entered. */
  public void attempt() {
    pinned = Sent.text("pinned");
    ObjectNode step = entered(builder.definition());
    ObjectNode data = problems.attempt(() -> read(pinned));
    if (step == null || data == null) {
      return;
    }
    StepTries.Tried result =
        problems.attempt(() -> tries.attempt(caller.identity(), id, step, data));
    tried = result == null ? null : TriedStep.of(result);
  }

  private static ObjectNode read(String text) {
    try {
      if (RunJson.read(text.getBytes(StandardCharsets.UTF_8)) instanceof ObjectNode object) {
        return object;
      }
    } catch (IOException e) {
      // Said below, as for every other text that is no object.
    }
    throw ProblemException.of(Problem.INVALID, "pinned", "invalid", Texts.of("step.pinned.wrong"));
  }

  public List<FormField> getFields() {
    return form.fields().stream().filter(one -> !one.isRare()).toList();
  }

  /** Those that all steps have. */
  public List<FormField> getMore() {
    return form.fields().stream().filter(FormField::isRare).toList();
  }

  /** Whether one of those says something, and is to be seen. */
  public boolean isMoreUsed() {
    return getMore().stream().anyMatch(one -> one.error() != null || !one.value().matches("|stop"));
  }

  /** Whether it is the pipeline itself. */
  public boolean isWhole() {
    return form.pointer().isEmpty();
  }

  public String getTitle() {
    return title;
  }

  public String getList() {
    return list;
  }

  public List<NamesInSight.Name> getNames() {
    return names;
  }

  public String getPinned() {
    return pinned;
  }

  public TriedStep getTried() {
    return tried;
  }
}
