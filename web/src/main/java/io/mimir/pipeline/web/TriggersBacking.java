package io.mimir.pipeline.web;

import io.mimir.pipeline.service.PipelineTriggers;
import io.mimir.security.web.Caller;
import io.mimir.security.web.SecurityConfig;
import io.mimir.web.PageAddress;
import io.mimir.web.Problems;
import jakarta.ejb.EJB;
import jakarta.faces.context.FacesContext;
import jakarta.faces.view.ViewScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import jakarta.servlet.http.HttpServletRequest;
import java.io.Serializable;
import java.util.List;
import org.primefaces.PrimeFaces;

/** Backs the triggers of {@code pipeline.xhtml}: their list, and what a row can do. */
@Named
@ViewScoped
public class TriggersBacking implements Serializable {

  private static final long serialVersionUID = 1L;

  @EJB transient PipelineTriggers triggers;
  @Inject SecurityConfig config;
  @Inject Caller caller;
  @Inject Problems problems;

  private final String id = PageAddress.id();
  private transient List<TriggerRow> list;
  private transient TriggerRow chosen;

  /** Reads the list again. */
  public void refresh() {
    var request =
        (HttpServletRequest) FacesContext.getCurrentInstance().getExternalContext().getRequest();
    String base = config.baseUrl(request) + request.getContextPath();
    list =
        problems.attempt(
            () ->
                triggers.all(caller.identity(), id).stream()
                    .map(one -> TriggerRow.of(one, base))
                    .toList());
  }

  /** Switches a trigger on or off. */
  public void toggle(TriggerRow trigger) {
    problems.attemptAloud(
        () -> triggers.change(caller.identity(), id, trigger.id(), !trigger.active()));
    refresh();
  }

  /** Before the question whether it is to be deleted. */
  public void choose(TriggerRow trigger) {
    chosen = trigger;
  }

  /** Deletes the chosen one. */
  public void delete() {
    Boolean deleted =
        problems.attempt(
            () -> {
              triggers.delete(caller.identity(), id, chosen.id());
              return true;
            });
    PrimeFaces.current().ajax().addCallbackParam("done", deleted != null);
    if (deleted != null) {
      problems.done("trigger.deleted");
    }
    refresh();
  }

  public List<TriggerRow> getList() {
    if (list == null) {
      refresh();
    }
    return list == null ? List.of() : list;
  }

  /** Whether the list cannot be read. */
  public boolean isBroken() {
    getList();
    return list == null;
  }

  public TriggerRow getChosen() {
    return chosen;
  }
}
