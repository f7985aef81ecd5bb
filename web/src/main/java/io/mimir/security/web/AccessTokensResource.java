package io.mimir.security.web;

import static jakarta.ws.rs.core.MediaType.APPLICATION_JSON;

import io.mimir.security.service.AccessTokens;
import io.mimir.security.service.AccessTokens.Issued;
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
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;

/** Everybody's tokens, for administrators. */
@Path("settings/tokens")
@RequestScoped
@Produces(APPLICATION_JSON)
public class AccessTokensResource {

  @EJB AccessTokens tokens;
  @Inject SignIn signIn;
  @Inject Caller caller;

  @GET
  public List<AccessTokenView> list() {
    return tokens.all().stream().map(token -> AccessTokenView.of(token, signIn)).toList();
  }

  @POST
  @Consumes(APPLICATION_JSON)
  public Response create(AccessTokenForm form, @Context UriInfo uri) {
    Issued issued = tokens.issue(caller.identity().accountId(), Bodies.required(form).toWish());
    return Response.created(Bodies.relative(uri, issued.token().getId()))
        .entity(AccessTokenView.of(issued))
        .build();
  }

  @DELETE
  @Path("{id}")
  public Done revoke(@PathParam("id") String id) {
    tokens.revoke(id);
    return new Done(id, "Token revoked");
  }
}
