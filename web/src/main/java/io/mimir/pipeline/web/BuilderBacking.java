package io.mimir.pipeline.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.credential.service.ModelCatalog;
import io.mimir.pipeline.Pipeline;
import io.mimir.pipeline.service.Pipelines;
import io.mimir.pipeline.service.language.Finding;
import io.mimir.pipeline.service.run.RunJson;
import io.mimir.plugin.service.PluginActions;
import io.mimir.security.web.Caller;
import io.mimir.web.ETags;
import io.mimir.web.PageAddress;
import io.mimir.web.Problems;
import io.mimir.web.Sent;
import jakarta.ejb.EJB;
import jakarta.faces.context.FacesContext;
import jakarta.faces.view.ViewScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.function.Function;
import org.primefaces.PrimeFaces;

/** Backs {@code pipeline.xhtml}: the definition, as a text and as the tree of its steps. */
@Named
@ViewScoped
public class BuilderBacking implements Serializable {

  private static final long serialVersionUID = 1L;

  @EJB transient Pipelines pipelines;
  @EJB transient PluginActions plugins;
  @Inject ModelCatalog catalog;
  @Inject Caller caller;
  @Inject Problems problems;

  private final BuilderView view = new BuilderView();
  private String template;

  /** Reads the pipeline, or begins a new one. */
  public void load() throws IOException {
    String id = PageAddress.id();
    view.offer(NewSteps.groups(plugins.all()));
    if ("new".equals(id)) {
      show((ObjectNode) Starters.read(template, model()));
      return;
    }
    Pipeline pipeline =
        id == null ? null : problems.attempt(() -> pipelines.get(caller.identity(), id));
    if (pipeline == null) {
      FacesContext.getCurrentInstance().getExternalContext().responseSendError(404, null);
      FacesContext.getCurrentInstance().responseComplete();
      return;
    }
    took(pipeline);
    show((ObjectNode) pipelines.definitionOf(pipeline));
  }

  private void took(Pipeline pipeline) {
    view.take(pipeline, Pipelines.mayChange(caller.identity(), pipeline));
  }

  private String model() {
    return catalog.models().stream().findFirst().map(ModelCatalog.Model::id).orElse("model");
  }

  private void show(ObjectNode definition) {
    view.show(definition, validate(definition));
  }

  /** Reads the text again, and tells what is wrong with it; it stays as it was written. */
  public void apply() {
    ObjectNode definition = definition();
    if (definition != null) {
      view.show(view.getText(), definition, validate(definition));
      view.setChanged(true);
    }
  }

  /** Reads the definition as it stands in the text; null, and told, when it cannot be read. */
  ObjectNode definition() {
    return problems.attempt(view::read);
  }

  /** Takes a definition that a person has changed. */
  void changed(ObjectNode definition) {
    show(definition);
    view.setChanged(true);
  }

  /** What is wrong with one step, or with the pipeline itself where it is empty. */
  List<Finding> about(String pointer) {
    ObjectNode definition = view.readable();
    return definition == null
        ? List.of()
        : new StepTree(definition).about(pointer, view.findings());
  }

  private List<Finding> validate(ObjectNode definition) {
    return pipelines.validate(caller.identity(), definition);
  }

  /** Moves a step towards the first or the last of its list. */
  public void move() {
    boolean isUp = Sent.text("by").equals("up");
    change(tree -> tree.move(Sent.text("at"), isUp ? -1 : 1));
    PrimeFaces.current().ajax().addCallbackParam("button", isUp ? "up" : "down");
  }

  /** Moves a step to where it was dropped. */
  public void drop() {
    change(
        tree -> tree.drop(Sent.text("from"), Sent.text("to"), Sent.text("behind").equals("true")));
  }

  /** Takes a step out. */
  public void remove() {
    change(
        tree -> {
          tree.remove(Sent.text("at"));
          return null;
        });
  }

  /** Adds the step that is chosen, at the end of the list that is chosen. */
  public void add() {
    change(
        tree ->
            tree.add(Sent.text("place"), NewSteps.step(Sent.text("kind"), model(), plugins.all())));
  }

  /** Changes the steps of the text as it stands; a text that cannot be read is told beside it. */
  private void change(Function<StepTree, String> deed) {
    ObjectNode definition = definition();
    if (definition != null) {
      String at = deed.apply(new StepTree(definition));
      changed(definition);
      PrimeFaces.current().ajax().addCallbackParam("at", at);
    }
  }

  /** Saves the text as a new revision, or as a new pipeline. */
  public void save() throws IOException {
    Pipelines.Saved saved =
        problems.attempt(
            () -> {
              Pipelines.Wish wish = new Pipelines.Wish(view.read(), null, null);
              return view.isFresh()
                  ? pipelines.create(caller.identity(), wish)
                  : pipelines.change(
                      caller.identity(), view.getId(), wish, ETags.only(view.getVersion()));
            });
    boolean fresh = view.isFresh();
    if (saved != null) {
      took(saved.pipeline());
      view.show(view.getText(), view.read(), validate(view.read()));
      view.setChanged(false);
      problems.done("pipeline.saved", saved.pipeline().getRevision());
    } else {
      ObjectNode definition = view.readable();
      if (definition != null) {
        view.show(view.getText(), definition, validate(definition));
      }
    }
    if (saved != null && fresh) {
      Moves.to("/pipelines/" + saved.pipeline().getId());
    }
  }

  /** Lets all run it, or only its owner and administrators. */
  public void share() {
    Pipeline shared =
        problems.attemptAloud(
            () ->
                pipelines
                    .change(
                        caller.identity(),
                        view.getId(),
                        new Pipelines.Wish(null, !view.isShared(), null),
                        ETags.only(view.getVersion()))
                    .pipeline());
    if (shared != null) {
      took(shared);
      problems.done(shared.isShared() ? "pipeline.shared.now" : "pipeline.private.now");
    }
  }

  /** Puts an older revision into the text; it counts once it is saved. */
  public void goBack(int revision) {
    changed(
        (ObjectNode)
            RunJson.stored(
                pipelines.revision(caller.identity(), view.getId(), revision).getDefinition()));
    problems.done("pipeline.went.back", revision);
  }

  public BuilderView getView() {
    return view;
  }

  public String getTemplate() {
    return template;
  }

  public void setTemplate(String template) {
    this.template = template;
  }
}
