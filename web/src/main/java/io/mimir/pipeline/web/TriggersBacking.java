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
import java.time.ZoneId;
import java.util.List;
import org.primefaces.PrimeFaces;

/**
 * Backs the triggers of {@code pipeline.xhtml}. The secret of a new webhook lives in the answer
 * that shows it, and in no bean that lasts.
 */
@Named
@ViewScoped
public class TriggersBacking implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final String SHOWN = "mimir.trigger";

  @EJB transient PipelineTriggers triggers;
  @Inject SecurityConfig config;
  @Inject Caller caller;
  @Inject Problems problems;

  private final String id = PageAddress.id();
  private transient List<TriggerRow> list;
  private transient TriggerRow chosen;
  private NewTrigger form;

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

  /** Empties the form for a new trigger. */
  public void add() {
    form = new NewTrigger();
  }

  /** Makes a trigger, and shows the secret of a webhook, this once. */
  public void create() {
    PipelineTriggers.Made made =
        problems.attempt(() -> triggers.add(caller.identity(), id, form.toWish()));
    PrimeFaces.Ajax answer = PrimeFaces.current().ajax();
    answer.addCallbackParam("done", made != null);
    if (made == null) {
      return;
    }
    if (made.secret() == null) {
      problems.done("trigger.created");
    } else {
      answer.addCallbackParam("secret", true);
      FacesContext.getCurrentInstance().getAttributes().put(SHOWN, made.secret());
    }
    refresh();
  }

  /** The secret of the new webhook, while the answer to its making is written; else null. */
  public String getShown() {
    return (String) FacesContext.getCurrentInstance().getAttributes().get(SHOWN);
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

  /** Whether the list could not be read. */
  public boolean isBroken() {
    return list == null;
  }

  public TriggerRow getChosen() {
    return chosen;
  }

  /** Null until a new trigger is wanted. */
  public NewTrigger getForm() {
    return form;
  }

  /** Zones to choose from: regions with a city, and UTC. */
  public List<String> getZones() {
    return ZoneId.getAvailableZoneIds().stream()
        .filter(zone -> zone.equals("UTC") || zone.matches("[A-Z][a-z]+/.*"))
        .filter(zone -> !zone.startsWith("Etc/"))
        .sorted()
        .toList();
  }
}
