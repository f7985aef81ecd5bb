package io.mimir.security.web;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.AccessToken;
import io.mimir.security.Role;
import io.mimir.security.Scope;
import io.mimir.security.service.AccessTokens;
import io.mimir.security.service.AccessTokens.Issued;
import io.mimir.security.service.SignIn;
import io.mimir.web.Problems;
import io.mimir.web.Sent;
import io.mimir.web.Texts;
import jakarta.annotation.PostConstruct;
import jakarta.ejb.EJB;
import jakarta.faces.context.FacesContext;
import jakarta.faces.view.ViewScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.primefaces.PrimeFaces;

/**
 * Backs the tokens of {@code settings/tokens.xhtml}, everybody's, and of {@code account.xhtml}, the
 * own ones. The text of a new token lives in the answer that shows it, and in no bean that lasts.
 */
@Named
@ViewScoped
public class AccessTokensBacking implements Serializable {

  private static final long serialVersionUID = 1L;

  private static final String SHOWN = "mimir.token";

  /** How long a token may live, in days. */
  private static final List<Integer> LIVES = List.of(7, 30, 90, 365);

  private static final int USUAL_LIFE = 90;

  @EJB transient AccessTokens tokens;
  @Inject SignIn signIn;
  @Inject CurrentUser me;
  @Inject Problems problems;

  private transient List<Row> list;
  private transient Row chosen;
  private boolean everybodys;
  private String name;
  private List<String> scopes = List.of();
  private int days = USUAL_LIFE;
  private String models;
  private String requestsPerMinute;

  /** A token as the list shows it. */
  public record Row(
      String id,
      String name,
      String hint,
      String owner,
      List<String> scopes,
      List<String> models,
      Integer requestsPerMinute,
      Instant createdAt,
      Instant expiresAt,
      Instant lastUsedAt,
      boolean revoked) {

    static Row of(AccessToken token, SignIn signIn) {
      return new Row(
          token.getId(),
          token.getName(),
          token.getHint(),
          token.getOwner().getUsername(),
          token.getScopes(),
          token.getModels(),
          token.getRequestsPerMinute(),
          token.getCreatedAt(),
          token.getExpiresAt(),
          signIn.lastUse(token.getId()).orElse(token.getLastUsedAt()),
          token.getRevokedAt() != null);
    }

    /** {@code active}, {@code revoked} or {@code expired}. */
    public String state() {
      return revoked ? "revoked" : expiresAt.isBefore(Instant.now()) ? "expired" : "active";
    }
  }

  @PostConstruct
  void load() {
    String view = FacesContext.getCurrentInstance().getViewRoot().getViewId();
    everybodys = view.startsWith("/settings/");
    list =
        problems.attempt(
            () ->
                (everybodys ? tokens.all() : tokens.ownedBy(me.getId()))
                    .stream().map(token -> Row.of(token, signIn)).toList());
  }

  /** Reads the list again. */
  public void refresh() {
    load();
  }

  /** Empties the form for a new token. */
  public void add() {
    name = null;
    scopes = List.of(me.isUser() ? Scope.GATEWAY.wire() : Scope.AUDIT.wire());
    days = USUAL_LIFE;
    models = null;
    requestsPerMinute = null;
  }

  /** Makes a token and shows it, this once. */
  public void create() {
    scopes = Sent.all("scopes");
    Issued issued = problems.attempt(() -> tokens.issue(me.getId(), wish()));
    PrimeFaces.current().ajax().addCallbackParam("done", issued != null);
    if (issued != null) {
      FacesContext faces = FacesContext.getCurrentInstance();
      faces.getAttributes().put(SHOWN, issued.text().reveal());
      load();
    }
  }

  private AccessToken.Wish wish() {
    List<String> wanted =
        models == null
            ? null
            : Arrays.stream(models.split("[\\s,]+")).filter(word -> !word.isEmpty()).toList();
    return new AccessToken.Wish(
        name, scopes, Instant.now().plus(Duration.ofDays(days)), wanted, limit(), null);
  }

  private Integer limit() {
    try {
      return requestsPerMinute == null ? null : Integer.valueOf(requestsPerMinute.strip());
    } catch (NumberFormatException e) {
      throw ProblemException.of(
          Problem.REFUSED, "requests_per_minute", "out_of_range", Texts.of("keys.number.whole"));
    }
  }

  /** The new token's text, while the answer to its making is written; null ever after. */
  public String getShown() {
    return (String) FacesContext.getCurrentInstance().getAttributes().get(SHOWN);
  }

  public void choose(Row token) {
    chosen = token;
  }

  public void revoke() {
    Boolean revoked =
        problems.attempt(
            () -> {
              if (everybodys) {
                tokens.revoke(chosen.id());
              } else {
                tokens.revokeOwn(chosen.id(), me.getId());
              }
              return true;
            });
    PrimeFaces.current().ajax().addCallbackParam("done", revoked != null);
    if (revoked != null) {
      problems.done("tokens.revoked", chosen.name());
    }
    load();
  }

  /** The scopes that the visitor's roles allow. */
  public List<String> getPossibleScopes() {
    return Arrays.stream(Scope.values())
        .filter(
            scope ->
                switch (scope.role()) {
                  case Role.ADMIN -> me.isAdmin();
                  case Role.AUDITOR -> me.isAuditor();
                  default -> me.isUser();
                })
        .map(Scope::wire)
        .toList();
  }

  public List<Integer> getLives() {
    return LIVES;
  }

  public boolean isEverybodys() {
    return everybodys;
  }

  public boolean isBroken() {
    return list == null;
  }

  public List<Row> getList() {
    return list == null ? List.of() : list;
  }

  public Row getChosen() {
    return chosen;
  }

  public String getName() {
    return name;
  }

  public void setName(String name) {
    this.name = name;
  }

  public List<String> getScopes() {
    return scopes;
  }

  public int getDays() {
    return days;
  }

  public void setDays(int days) {
    this.days = days;
  }

  public String getModels() {
    return models;
  }

  public void setModels(String models) {
    this.models = models;
  }

  public String getRequestsPerMinute() {
    return requestsPerMinute;
  }

  public void setRequestsPerMinute(String requestsPerMinute) {
    this.requestsPerMinute = requestsPerMinute;
  }
}
