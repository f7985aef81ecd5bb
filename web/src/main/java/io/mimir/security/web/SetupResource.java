package io.mimir.security.web;

import static jakarta.ws.rs.core.MediaType.APPLICATION_JSON;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.Account;
import io.mimir.security.Secret;
import io.mimir.security.service.Setup;
import io.mimir.web.Bodies;
import io.mimir.web.Done;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Response;

/** The first administrator. */
@Path("setup")
@RequestScoped
@Produces(APPLICATION_JSON)
public class SetupResource {

  @Inject Setup setup;

  /** The token of the setup link, and who the administrator is to be. */
  public record SetupForm(Secret token, String username, Secret password) {

    @Override
    public String toString() {
      return "SetupForm[]";
    }
  }

  @POST
  @Consumes(APPLICATION_JSON)
  public Response complete(SetupForm form) {
    SetupForm sent = Bodies.required(form);
    if (!setup.isOpen()) {
      throw new ProblemException(Problem.NOT_FOUND, "Mimir is set up already: sign in");
    }
    if (sent.token() == null) {
      throw ProblemException.of(
          Problem.MISSING_FIELD, "token", "missing", "Send the token of the setup link");
    }
    Account account = setup.complete(sent.token(), sent.username(), sent.password());
    return Response.status(Response.Status.CREATED)
        .entity(new Done(account.getId(), "Administrator created: sign in"))
        .build();
  }
}
