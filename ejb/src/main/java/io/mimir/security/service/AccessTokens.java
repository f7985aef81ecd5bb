package io.mimir.security.service;

import static jakarta.ejb.TransactionAttributeType.MANDATORY;
import static jakarta.ejb.TransactionAttributeType.SUPPORTS;

import io.mimir.audit.AuditedAction;
import io.mimir.audit.Facts;
import io.mimir.error.FieldError;
import io.mimir.error.ProblemException;
import io.mimir.security.AccessToken;
import io.mimir.security.AccessTokenBounds;
import io.mimir.security.AccessTokenText;
import io.mimir.security.Account;
import io.mimir.security.Role;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tokens for programs: made, listed, revoked. */
@Stateless
@RolesAllowed({Role.ADMIN, Role.PERSON, Role.ACCOUNTS})
public class AccessTokens {

  @PersistenceContext EntityManager em;
  @Inject Vault vault;
  @Inject Authority authority;
  @Inject Event<AuditedAction> actions;
  @Inject Event<AccessTokenRevoked> revoked;

  /**
   * A token that was just made.
   *
   * @param text shown once, and nowhere kept
   */
  public record Issued(AccessToken token, Secret text) {}

  @RolesAllowed({Role.ADMIN, Role.ACCOUNTS})
  @TransactionAttribute(SUPPORTS)
  public List<AccessToken> all() {
    return em.createNamedQuery(AccessToken.ALL, AccessToken.class).getResultList();
  }

  @TransactionAttribute(SUPPORTS)
  public List<AccessToken> ownedBy(String accountId) {
    return em.createNamedQuery(AccessToken.OWNED, AccessToken.class)
        .setParameter("owner", accountId)
        .getResultList();
  }

  /** How many tokens of each account were neither revoked nor have expired, by the account's id. */
  @RolesAllowed({Role.ADMIN, Role.ACCOUNTS})
  @TransactionAttribute(SUPPORTS)
  public Map<String, Integer> live() {
    Map<String, Integer> counts = new HashMap<>();
    em.createNamedQuery(AccessToken.LIVE, Object[].class)
        .setParameter("now", Instant.now())
        .getResultList()
        .forEach(row -> counts.put(row[0].toString(), ((Number) row[1]).intValue()));
    return counts;
  }

  /**
   * Makes a token for the caller's own account. With a token it is a child of that one.
   *
   * @throws ProblemException with every field that is wrong; FORBIDDEN for what the caller's token
   *     may not do itself
   */
  public Issued issue(String accountId, AccessToken.Wish wish) {
    Account owner = em.find(Account.class, accountId);
    if (owner == null) {
      throw ProblemException.notFound("user");
    }
    Instant now = Instant.now();
    AccessToken parent = authority.tokenId().map(id -> em.find(AccessToken.class, id)).orElse(null);
    AccessToken.Wish bounded =
        authority.tokenId().isEmpty() ? wish : bounded(wish, owner, parent, now);
    AuditedAction deed = AuditedAction.of("token.create").on(null, wish.name());
    actions.fire(deed);
    Secret text = AccessTokenText.generate();
    AccessToken token =
        new AccessToken(
            owner,
            parent,
            bounded,
            AccessToken.hashOf(text, vault),
            AccessTokenText.hint(text),
            now);
    em.persist(token);
    em.flush();
    actions.fire(
        deed.on(token.getId(), token.getName())
            .done(Facts.between(new Facts(), SecurityFacts.of(token))));
    return new Issued(token, text);
  }

  private AccessToken.Wish bounded(
      AccessToken.Wish wish, Account owner, AccessToken parent, Instant now) {
    if (parent == null || !parent.isUsable(now) || !parent.getOwner().equals(owner)) {
      throw authority.refusal(
          "token.create", null, wish.name(), "This token was revoked or has expired");
    }
    AccessToken.Wish filled = AccessTokenBounds.filled(wish, parent, now);
    List<FieldError> excess = AccessTokenBounds.excess(filled, parent);
    if (!excess.isEmpty()) {
      throw authority.refusal("token.create", null, wish.name(), excess);
    }
    return filled;
  }

  /**
   * Takes anybody's token back, and those that were made with it.
   *
   * @throws ProblemException FORBIDDEN for a token of the scope accounts and the token of an
   *     administrator, but for itself and what it made
   */
  @RolesAllowed({Role.ADMIN, Role.ACCOUNTS})
  public void revoke(String id) {
    AccessToken token = em.find(AccessToken.class, id);
    if (token != null
        && !authority.has(Role.ADMIN)
        && token.getOwner().getRoles().contains(Role.ADMIN)
        && !authority.tokenId().map(token::descendsFrom).orElse(false)) {
      throw authority.refusal(
          "token.revoke",
          id,
          token.getName(),
          "This token may revoke those of users and auditors, and what was made with it");
    }
    revoke(token, begin(id, token));
  }

  /** Takes a token back that must be the owner's own, and those that were made with it. */
  @RolesAllowed(Role.PERSON)
  public void revokeOwn(String id, String ownerId) {
    AccessToken token = em.find(AccessToken.class, id);
    AuditedAction deed = begin(id, token);
    revoke(token == null || !token.getOwner().getId().equals(ownerId) ? null : token, deed);
  }

  /**
   * Takes back all tokens of an account, as part of what is done to the account.
   *
   * @return how many were live
   */
  @RolesAllowed({Role.ADMIN, Role.ACCOUNTS})
  @TransactionAttribute(MANDATORY)
  public int revokeAllOf(String accountId) {
    Instant now = Instant.now();
    List<AccessToken> live =
        ownedBy(accountId).stream().filter(token -> token.isLive(now)).toList();
    for (AccessToken token : live) {
      revoke(token, begin(token.getId(), token));
    }
    return live.size();
  }

  private AuditedAction begin(String id, AccessToken token) {
    AuditedAction deed =
        AuditedAction.of("token.revoke").on(id, token == null ? null : token.getName());
    actions.fire(deed);
    return deed;
  }

  private void revoke(AccessToken token, AuditedAction deed) {
    if (token == null) {
      throw ProblemException.notFound("token");
    }
    Facts before = SecurityFacts.of(token);
    Instant now = Instant.now();
    Deque<AccessToken> line = new ArrayDeque<>(List.of(token));
    while (!line.isEmpty()) {
      AccessToken each = line.remove();
      each.revoke(now);
      line.addAll(
          em.createNamedQuery(AccessToken.MADE_WITH, AccessToken.class)
              .setParameter("parent", each)
              .getResultList());
      revoked.fire(new AccessTokenRevoked(each.getId()));
    }
    em.flush();
    actions.fire(deed.done(Facts.between(before, SecurityFacts.of(token))));
  }

  @PermitAll
  @TransactionAttribute(SUPPORTS)
  public Optional<AccessToken> find(String hash) {
    return em.createNamedQuery(AccessToken.HASHED, AccessToken.class)
        .setParameter("hash", hash)
        .getResultStream()
        .findFirst();
  }

  /**
   * Returns what a token lets its caller do, for work that goes on after the call that it came
   * with.
   *
   * @return empty when it does not count any more
   */
  @PermitAll
  @TransactionAttribute(SUPPORTS)
  public Optional<Identity> identityOf(String tokenId) {
    return Optional.ofNullable(em.find(AccessToken.class, tokenId))
        .filter(token -> token.isUsable(Instant.now()))
        .map(Identity::program);
  }

  /**
   * Writes down that a token was used; its caller sees to it that this is not done for every call.
   */
  @PermitAll
  public void touch(String id, Instant at) {
    em.createNamedQuery(AccessToken.TOUCH)
        .setParameter("at", at)
        .setParameter("id", id)
        .executeUpdate();
  }
}
