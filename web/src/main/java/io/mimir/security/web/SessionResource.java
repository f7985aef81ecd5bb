package io.mimir.security.web;

import static jakarta.ws.rs.core.MediaType.APPLICATION_JSON;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.Secret;
import io.mimir.security.service.Identity;
import io.mimir.web.Bodies;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import java.time.Instant;
import java.util.List;

/** Who the caller is. */
@Path("session")
@RequestScoped
@Produces(APPLICATION_JSON)
public class SessionResource {

  @Inject Caller caller;

  /**
   * @param csrfToken for the scripts of our pages; null for programs, which need none
   */
  public record SessionView(String user, List<String> roles, String csrfToken) {}

  /**
   * @param password the caller's own
   */
  public record ConfirmationForm(Secret password) {

    @Override
    public String toString() {
      return "ConfirmationForm[]";
    }
  }

  /**
   * @param confirmedUntil how long what needs the password may be done in this session
   */
  public record Confirmation(Instant confirmedUntil, String message) {}

  @GET
  public SessionView get() {
    Identity identity = caller.identity();
    return new SessionView(identity.username(), identity.roles(), caller.csrfToken());
  }

  /** Takes the password again, for what a session alone may not do. */
  @POST
  @Path("password")
  @Consumes(APPLICATION_JSON)
  public Confirmation confirm(ConfirmationForm form, @Context HttpServletResponse response) {
    Secret password = Bodies.required(form).password();
    if (password == null) {
      throw ProblemException.of(
          Problem.MISSING_FIELD, "password", "missing", "Send your own password");
    }
    return new Confirmation(caller.confirm(password, response), "Password confirmed");
  }
}
