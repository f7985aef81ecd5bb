package io.mimir.security.web;

import static jakarta.ws.rs.core.MediaType.APPLICATION_JSON;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.Secret;
import io.mimir.security.service.AccessTokens;
import io.mimir.security.service.AccessTokens.Issued;
import io.mimir.security.service.Accounts;
import io.mimir.security.service.SignIn;
import io.mimir.web.Bodies;
import io.mimir.web.Done;
import jakarta.ejb.EJB;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;

/** What people do with their own account. */
@Path("account")
@RequestScoped
@Produces(APPLICATION_JSON)
public class AccountResource {

  @EJB Accounts accounts;
  @EJB AccessTokens tokens;
  @Inject SignIn signIn;
  @Inject Caller caller;

  /**
   * A change of the own password; {@code new} is a word of Java, so the member is named by hand.
   */
  public record PasswordForm(
      Secret current, @com.fasterxml.jackson.annotation.JsonProperty("new") Secret replacement) {

    @Override
    public String toString() {
      return "PasswordForm[]";
    }
  }

  @PUT
  @Path("password")
  @Consumes(APPLICATION_JSON)
  public Done changePassword(PasswordForm form) {
    PasswordForm sent = Bodies.required(form);
    if (sent.current() == null || sent.replacement() == null) {
      String missing = sent.current() == null ? "current" : "new";
      throw ProblemException.of(
          Problem.MISSING_FIELD, missing, "missing", "Send both current and new");
    }
    String id = caller.identity().accountId();
    accounts.changeOwnPassword(id, sent.current(), sent.replacement());
    caller.passwordChanged();
    return new Done(id, "Password changed; other sessions have to sign in again");
  }

  @GET
  @Path("tokens")
  public List<AccessTokenView> list() {
    return tokens.ownedBy(caller.identity().accountId()).stream()
        .map(token -> AccessTokenView.of(token, signIn))
        .toList();
  }

  @POST
  @Path("tokens")
  @Consumes(APPLICATION_JSON)
  public Response create(AccessTokenForm form, @Context UriInfo uri) {
    Issued issued = tokens.issue(caller.identity().accountId(), Bodies.required(form).toWish());
    return Response.created(Bodies.relative(uri, issued.token().getId()))
        .entity(AccessTokenView.of(issued))
        .build();
  }

  @DELETE
  @Path("tokens/{id}")
  public Done revoke(@PathParam("id") String id) {
    tokens.revokeOwn(id, caller.identity().accountId());
    return new Done(id, "Token revoked");
  }
}
