package io.mimir.security.service;

import static jakarta.ejb.TransactionAttributeType.SUPPORTS;

import io.mimir.audit.AuditedAction;
import io.mimir.audit.Facts;
import io.mimir.error.ProblemException;
import io.mimir.security.AccessToken;
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
import java.util.List;
import java.util.Optional;

/** Tokens for programs: made, listed, revoked. */
@Stateless
@RolesAllowed({Role.ADMIN, Role.PERSON})
public class AccessTokens {

  @PersistenceContext EntityManager em;
  @Inject Vault vault;
  @Inject Event<AuditedAction> actions;
  @Inject Event<AccessTokenRevoked> revoked;

  /**
   * A token that was just made.
   *
   * @param text shown once, and nowhere kept
   */
  public record Issued(AccessToken token, Secret text) {}

  @RolesAllowed(Role.ADMIN)
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

  /**
   * @throws ProblemException with every field that is wrong
   */
  public Issued issue(String accountId, AccessToken.Wish wish) {
    AuditedAction deed = AuditedAction.of("token.create").on(null, wish.name());
    actions.fire(deed);
    Account owner = em.find(Account.class, accountId);
    if (owner == null) {
      throw ProblemException.notFound("user");
    }
    Secret text = AccessTokenText.generate();
    AccessToken token =
        new AccessToken(
            owner,
            wish,
            AccessToken.hashOf(text, vault),
            AccessTokenText.hint(text),
            Instant.now());
    em.persist(token);
    em.flush();
    actions.fire(
        deed.on(token.getId(), token.getName())
            .done(Facts.between(new Facts(), SecurityFacts.of(token))));
    return new Issued(token, text);
  }

  /** Takes anybody's token back. */
  @RolesAllowed(Role.ADMIN)
  public void revoke(String id) {
    AccessToken token = em.find(AccessToken.class, id);
    revoke(token, begin(id, token));
  }

  /** Takes a token back that must be the owner's own. */
  public void revokeOwn(String id, String ownerId) {
    AccessToken token = em.find(AccessToken.class, id);
    AuditedAction deed = begin(id, token);
    revoke(token == null || !token.getOwner().getId().equals(ownerId) ? null : token, deed);
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
    token.revoke(Instant.now());
    em.flush();
    actions.fire(deed.done(Facts.between(before, SecurityFacts.of(token))));
    revoked.fire(new AccessTokenRevoked(token.getId()));
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
