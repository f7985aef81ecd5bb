package io.mimir.pipeline.web;

import io.mimir.pipeline.Pipeline;
import io.mimir.pipeline.service.Pipelines;
import io.mimir.security.web.Caller;
import io.mimir.web.ETags;
import io.mimir.web.PageAddress;
import io.mimir.web.Problems;
import jakarta.ejb.EJB;
import jakarta.faces.view.ViewScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.Serializable;
import java.util.List;

/** Backs the part of {@code pipeline.xhtml} that says which addresses the pipeline may fetch. */
@Named
@ViewScoped
public class AddressesBacking implements Serializable {

  private static final long serialVersionUID = 1L;

  @EJB transient Pipelines pipelines;
  @Inject BuilderBacking builder;
  @Inject Caller caller;
  @Inject Problems problems;

  private final String id = PageAddress.id();
  private String text;

  /**
   * Saves what an administrator has said. The builder of the page learns the new version, so that
   * it does not take this for a change by somebody else.
   */
  public void save() {
    BuilderView view = builder.getView();
    List<String> wanted = lines(text);
    Pipeline saved =
        problems.attempt(
            () ->
                pipelines
                    .change(
                        caller.identity(),
                        id,
                        new Pipelines.Wish(null, null, wanted),
                        ETags.only(view.getVersion()))
                    .pipeline());
    if (saved != null) {
      view.take(saved, true);
      text = String.join("\n", saved.getAllowedAddresses());
      problems.done("pipeline.addresses.saved");
    }
  }

  private static List<String> lines(String text) {
    return text == null
        ? List.of()
        : text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }

  /** What it may fetch, as it is stored or as it is being edited. */
  public List<String> getList() {
    return lines(getText());
  }

  public String getText() {
    if (text == null) {
      Pipeline pipeline = problems.attempt(() -> pipelines.get(caller.identity(), id));
      text = pipeline == null ? "" : String.join("\n", pipeline.getAllowedAddresses());
    }
    return text;
  }

  public void setText(String text) {
    this.text = text == null ? "" : text;
  }
}
