package io.mimir.pipeline.web;

import io.mimir.pipeline.service.PipelineTriggers;
import io.mimir.security.web.Caller;
import io.mimir.web.PageAddress;
import io.mimir.web.Problems;
import jakarta.ejb.EJB;
import jakarta.faces.context.FacesContext;
import jakarta.faces.view.ViewScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.Serializable;
import org.primefaces.PrimeFaces;

/**
 * Backs the form for a new trigger. The secret of a new webhook lives in the answer that shows it,
 * and in no bean that lasts.
 */
@Named
@ViewScoped
public class NewTriggerBacking implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final String SHOWN = "mimir.trigger";

  @EJB transient PipelineTriggers triggers;
  @Inject TriggersBacking list;
  @Inject Caller caller;
  @Inject Problems problems;

  private final String id = PageAddress.id();
  private NewTrigger form;

  /** Empties the form. */
  public void add() {
    form = new NewTrigger();
  }

  /** Makes the trigger, and shows the secret of a webhook, this once. */
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
    list.refresh();
  }

  /** The secret of the new webhook, while the answer to its making is written; else null. */
  public String getShown() {
    return (String) FacesContext.getCurrentInstance().getAttributes().get(SHOWN);
  }

  /** Null until a new trigger is wanted. */
  public NewTrigger getForm() {
    return form;
  }
}
