package io.mimir.security.web;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.Secret;
import io.mimir.web.Problems;
import io.mimir.web.Sent;
import jakarta.enterprise.context.RequestScoped;
import jakarta.faces.context.FacesContext;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import jakarta.servlet.http.HttpServletResponse;
import org.primefaces.PrimeFaces;

/**
 * Backs the question for one's own password, which comes before what makes administrators or runs
 * native code. The script of the page asks it, and then does again what was refused.
 */
@Named
@RequestScoped
public class ConfirmationBacking {

  private static final String FIELD = "own_password";

  @Inject Caller caller;
  @Inject Problems problems;

  public void confirm() {
    HttpServletResponse response =
        (HttpServletResponse) FacesContext.getCurrentInstance().getExternalContext().getResponse();
    try (Secret password = Secret.of(Sent.text(FIELD))) {
      caller.confirm(password, response);
    } catch (ProblemException e) {
      if (e.problem() == Problem.WRONG_PASSWORD) {
        problems.add(FIELD, e.getMessage());
      } else {
        problems.take(e);
      }
    }
    PrimeFaces.current().ajax().addCallbackParam("done", problems.isNone());
  }
}
