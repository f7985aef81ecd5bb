package io.mimir.security.web;

import static jakarta.ws.rs.core.MediaType.APPLICATION_JSON;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.Account;
import io.mimir.security.Secret;
import io.mimir.security.service.Accounts;
import io.mimir.security.service.Accounts.Changed;
import io.mimir.web.Bodies;
import io.mimir.web.Done;
import jakarta.ejb.EJB;
import jakarta.enterprise.context.RequestScoped;
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
import java.time.Instant;
import java.util.List;

/** Accounts, for administrators. */
@Path("settings/users")
@RequestScoped
@Produces(APPLICATION_JSON)
public class UsersResource {

  @EJB Accounts accounts;

  /** An account as clients send it. */
  public record UserForm(
      String username,
      Secret password,
      List<String> roles,
      Boolean isActive,
      Boolean revokeTokens) {

    @Override
    public String toString() {
      return "UserForm[]";
    }
  }

  /** What a client sees of an account. */
  public record UserView(
      String id,
      String username,
      List<String> roles,
      boolean isActive,
      Instant createdAt,
      Instant updatedAt,
      @JsonInclude(JsonInclude.Include.NON_NULL) String message) {

    static UserView of(Account account, String message) {
      return new UserView(
          account.getId(),
          account.getUsername(),
          account.getRoles(),
          account.isActive(),
          account.getCreatedAt(),
          account.getUpdatedAt(),
          message);
    }
  }

  @GET
  public List<UserView> list() {
    return accounts.all().stream().map(account -> UserView.of(account, null)).toList();
  }

  @POST
  @Consumes(APPLICATION_JSON)
  public Response create(UserForm form, @Context UriInfo uri) {
    UserForm sent = Bodies.required(form);
    if (sent.isActive() != null) {
      throw ProblemException.of(
          Problem.UNKNOWN_FIELD, "is_active", "unknown", "A new user is active");
    }
    if (sent.revokeTokens() != null) {
      throw ProblemException.of(
          Problem.UNKNOWN_FIELD, "revoke_tokens", "unknown", "A new user has no tokens");
    }
    Account account = accounts.add(sent.username(), sent.password(), sent.roles());
    return Response.created(Bodies.relative(uri, account.getId()))
        .entity(UserView.of(account, "User created"))
        .build();
  }

  @GET
  @Path("{id}")
  public UserView get(@PathParam("id") String id) {
    return UserView.of(accounts.get(id), null);
  }

  @PUT
  @Path("{id}")
  @Consumes(APPLICATION_JSON)
  public UserView change(@PathParam("id") String id, UserForm form) {
    UserForm sent = Bodies.required(form);
    if (sent.username() != null) {
      throw ProblemException.of(
          Problem.REFUSED, "username", "immutable", "A user name cannot be changed");
    }
    Changed changed =
        accounts.change(
            id,
            new Accounts.Change(
                sent.roles(),
                sent.isActive(),
                sent.password(),
                Boolean.TRUE.equals(sent.revokeTokens())));
    return UserView.of(changed.account(), messageOf(sent, changed));
  }

  /** What was done, and what became of the tokens: a new password does not end them. */
  private static String messageOf(UserForm sent, Changed changed) {
    String done = sent.password() == null ? "User updated" : "User updated, password reset";
    if (Boolean.TRUE.equals(sent.revokeTokens())) {
      return done + "; tokens revoked: " + changed.revokedTokens();
    }
    if (sent.password() == null && sent.isActive() == null) {
      return done;
    }
    String live = done + "; live tokens of this user: " + changed.liveTokens();
    if (changed.liveTokens() == 0) {
      return live;
    }
    if (!changed.account().isActive()) {
      return live + ", which do not work while the user is disabled";
    }
    String work = sent.isActive() == null ? "go on working" : "work now";
    return live + ", which " + work + ": send revoke_tokens to end them";
  }

  @DELETE
  @Path("{id}")
  public Done delete(@PathParam("id") String id) {
    accounts.delete(id);
    return new Done(id, "User deleted");
  }
}
