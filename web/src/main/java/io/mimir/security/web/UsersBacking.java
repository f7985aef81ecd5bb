package io.mimir.security.web;

import io.mimir.security.Account;
import io.mimir.security.Role;
import io.mimir.security.Secret;
import io.mimir.security.service.AccessTokens;
import io.mimir.security.service.Accounts;
import io.mimir.security.service.Accounts.Changed;
import io.mimir.web.Problems;
import io.mimir.web.Sent;
import jakarta.annotation.PostConstruct;
import jakarta.ejb.EJB;
import jakarta.faces.view.ViewScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.Serializable;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.primefaces.PrimeFaces;

/** Backs {@code settings/users.xhtml}. Passwords are read from the request and held nowhere. */
@Named
@ViewScoped
public class UsersBacking implements Serializable {

  private static final long serialVersionUID = 1L;

  @EJB transient Accounts accounts;
  @EJB transient AccessTokens tokens;
  @Inject CurrentUser me;
  @Inject Problems problems;

  private transient List<Row> users;
  private transient Row chosen;
  private String username;
  private List<String> roles = List.of();

  /** An account as the list shows it. */
  public record Row(
      String id,
      String username,
      List<String> roles,
      boolean active,
      Instant createdAt,
      int tokens) {

    static Row of(Account account, Map<String, Integer> tokens) {
      return new Row(
          account.getId(),
          account.getUsername(),
          account.getRoles(),
          account.isActive(),
          account.getCreatedAt(),
          tokens.getOrDefault(account.getId(), 0));
    }
  }

  @PostConstruct
  void load() {
    users =
        problems.attempt(
            () -> {
              Map<String, Integer> live = tokens.live();
              return accounts.all().stream().map(account -> Row.of(account, live)).toList();
            });
  }

  /** Reads the list again. */
  public void refresh() {
    load();
  }

  /** Empties the form for a new user. */
  public void add() {
    choose(null);
    username = null;
    roles = List.of(Role.USER);
  }

  /** Fills the form, or the question before a deletion, with one account. */
  public void choose(Row user) {
    chosen = user;
    username = user == null ? null : user.username();
    roles = user == null ? List.of() : user.roles();
  }

  /** Keeps what the form holds; a blank password keeps the one that is there. */
  public void save() {
    boolean added = chosen == null;
    roles = Sent.all("roles");
    boolean revoking = !added && !Sent.text("revoke_tokens").isEmpty();
    Changed saved;
    try (Secret password = Secret.of(Sent.text("password"))) {
      saved =
          problems.attempt(
              () ->
                  added
                      ? new Changed(accounts.add(username, password, roles), 0, 0)
                      : accounts.change(
                          chosen.id(),
                          new Accounts.Change(
                              roles, null, password.isEmpty() ? null : password, revoking)));
    }
    PrimeFaces.current().ajax().addCallbackParam("done", saved != null);
    if (saved != null) {
      String name = saved.account().getUsername();
      if (revoking) {
        problems.done("users.saved.revoked", name, saved.revokedTokens());
      } else {
        problems.done(added ? "users.added" : "users.saved", name);
      }
      load();
    }
  }

  /** Lets a disabled account in again, or keeps an active one out. */
  public void toggle(Row user) {
    Accounts.Change change = new Accounts.Change(null, !user.active(), null, false);
    Changed changed = problems.attemptAloud(() -> accounts.change(user.id(), change));
    if (changed != null) {
      problems.done(
          user.active() ? "users.disabled" : "users.enabled",
          user.username(),
          changed.liveTokens());
    }
    load();
  }

  public void delete() {
    Boolean deleted =
        problems.attempt(
            () -> {
              accounts.delete(chosen.id());
              return true;
            });
    PrimeFaces.current().ajax().addCallbackParam("done", deleted != null);
    if (deleted != null) {
      problems.done("users.deleted", chosen.username());
    }
    load();
  }

  /** Nobody locks themselves out by a slip. */
  public boolean isSelf(Row user) {
    return user.id().equals(me.getId());
  }

  public boolean isNewUser() {
    return chosen == null;
  }

  public boolean isBroken() {
    return users == null;
  }

  public List<Row> getUsers() {
    return users == null ? List.of() : users;
  }

  public Row getChosen() {
    return chosen;
  }

  public List<String> getAssignable() {
    return Role.ASSIGNABLE;
  }

  public String getUsername() {
    return username;
  }

  public void setUsername(String username) {
    this.username = username;
  }

  public List<String> getRoles() {
    return roles;
  }
}
