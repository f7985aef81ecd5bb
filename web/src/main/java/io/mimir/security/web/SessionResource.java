package io.mimir.security.web;

import static jakarta.ws.rs.core.MediaType.APPLICATION_JSON;

import io.mimir.security.service.Identity;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
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

  @GET
  public SessionView get() {
    Identity identity = caller.identity();
    return new SessionView(identity.username(), identity.roles(), caller.csrfToken());
  }
}
