package io.mimir.security.service;

import static jakarta.ejb.TransactionAttributeType.NOT_SUPPORTED;
import static jakarta.ejb.TransactionAttributeType.SUPPORTS;

import io.mimir.audit.AuditedAction;
import io.mimir.audit.Facts;
import io.mimir.audit.service.RequestOrigin;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.Account;
import io.mimir.security.PasswordHash;
import io.mimir.security.PasswordRule;
import io.mimir.security.Role;
import io.mimir.security.Secret;
import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ejb.EJB;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import jakarta.persistence.PersistenceContext;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Who can sign in. Hashing a password takes long, so it is done before the transaction begins: the
 * methods that take a password have none, and hand the hash to those that do. Who may do what to
 * whom is looked at within the transaction, on what is stored then (T70).
 */
@Stateless
@RolesAllowed({Role.ADMIN, Role.ACCOUNTS})
public class Accounts {

  @PersistenceContext EntityManager em;
  @Inject Event<AuditedAction> actions;
  @Inject Event<AccountChanged> changed;
  @Inject Authority authority;
  @Inject PasswordCheck passwords;
  @Inject RequestOrigin origin;
  @EJB AccessTokens tokens;

  /**
   * This bean again, through the container, so that the transaction of the called method counts.
   */
  @EJB Accounts self;

  /**
   * What an administrator changes; null members stay as they are.
   *
   * @param password a new password, or null
   * @param revokeTokens whether all tokens of the account are revoked as well
   */
  public record Change(List<String> roles, Boolean active, Secret password, boolean revokeTokens) {}

  /**
   * An account after a change.
   *
   * @param liveTokens how many of its tokens were neither revoked nor have expired
   * @param revokedTokens how many of them this change has revoked
   */
  public record Changed(Account account, int liveTokens, int revokedTokens) {}

  @TransactionAttribute(SUPPORTS)
  public List<Account> all() {
    return em.createNamedQuery(Account.ALL, Account.class).getResultList();
  }

  @TransactionAttribute(SUPPORTS)
  public Account get(String id) {
    Account account = em.find(Account.class, id);
    if (account == null) {
      throw ProblemException.notFound("user");
    }
    return account;
  }

  @TransactionAttribute(NOT_SUPPORTED)
  public Account add(String username, Secret password, List<String> roles) {
    requirePower("user.create", null, username, isAdmin(roles));
    return self.store(username, hashOf(password, username, "password"), roles);
  }

  /** The second half of {@link #add}. */
  public Account store(String username, String passwordHash, List<String> roles) {
    requirePower("user.create", null, username, isAdmin(roles));
    AuditedAction deed = AuditedAction.of("user.create").on(null, username);
    actions.fire(deed);
    return persist(new Account(username, passwordHash, roles, Instant.now()), deed);
  }

  /** An administrator who is disabled is one all the same: to let one in again is to make one. */
  private static boolean isAdmin(List<String> roles) {
    return roles != null && roles.contains(Role.ADMIN);
  }

  private void requirePower(String action, String id, String name, boolean overAnAdministrator) {
    authority.requireAccounts(action, id, name);
    if (overAnAdministrator) {
      authority.requirePassword(action, id, name);
    }
  }

  private void requirePower(String action, Account account, Change change) {
    requirePower(
        action,
        account.getId(),
        account.getUsername(),
        isAdmin(account.getRoles()) || (change != null && isAdmin(change.roles())));
  }

  private Account persist(Account account, AuditedAction deed) {
    if (named(account.getUsername()).isPresent()) {
      throw ProblemException.of(
          Problem.NAME_TAKEN, "username", "name_taken", "There is already a user of this name");
    }
    em.persist(account);
    em.flush();
    actions.fire(
        deed.on(account.getId(), account.getUsername())
            .done(SecurityFacts.changes(new Facts(), account, true)));
    return account;
  }

  @TransactionAttribute(NOT_SUPPORTED)
  public Changed change(String id, Change change) {
    Account account = get(id);
    requirePower("user.update", account, change);
    String hash =
        change.password() == null
            ? null
            : hashOf(change.password(), account.getUsername(), "password");
    return self.apply(id, change, hash);
  }

  /** The second half of {@link #change}. */
  public Changed apply(String id, Change change, String passwordHash) {
    Account account = em.find(Account.class, id, LockModeType.OPTIMISTIC_FORCE_INCREMENT);
    if (account != null) {
      requirePower("user.update", account, change);
    }
    AuditedAction deed = begin("user.update", id);
    if (account == null) {
      throw ProblemException.notFound("user");
    }
    boolean wasAdmin = account.isAdmin();
    Facts before = SecurityFacts.of(account);
    Instant now = Instant.now();
    if (change.roles() != null) {
      account.changeRoles(change.roles(), now);
    }
    if (change.active() != null) {
      account.setActive(change.active(), now);
    }
    if (passwordHash != null) {
      account.changePassword(passwordHash, now);
    }
    if (wasAdmin && !account.isAdmin()) {
      keepAnAdmin(account);
    }
    em.flush();
    actions.fire(deed.done(SecurityFacts.changes(before, account, passwordHash != null)));
    changed.fire(new AccountChanged(id));
    return changed(account, change.revokeTokens());
  }

  private Changed changed(Account account, boolean revokeTokens) {
    if (revokeTokens) {
      int revoked = tokens.revokeAllOf(account.getId());
      return new Changed(account, 0, revoked);
    }
    return new Changed(account, tokens.live().getOrDefault(account.getId(), 0), 0);
  }

  public void delete(String id) {
    Account account = em.find(Account.class, id);
    if (account != null) {
      requirePower("user.delete", account, null);
    }
    AuditedAction deed = begin("user.delete", id);
    if (account == null) {
      throw ProblemException.notFound("user");
    }
    if (account.isAdmin()) {
      keepAnAdmin(account);
    }
    em.remove(account);
    em.flush();
    actions.fire(deed.done(Facts.between(SecurityFacts.of(account), new Facts())));
    changed.fire(new AccountChanged(id));
  }

  /** Begins what is done to an account that may not be there. */
  private AuditedAction begin(String action, String id) {
    Account account = em.find(Account.class, id);
    AuditedAction deed =
        AuditedAction.of(action).on(id, account == null ? null : account.getUsername());
    actions.fire(deed);
    return deed;
  }

  private void keepAnAdmin(Account leaving) {
    boolean another =
        em.createNamedQuery(Account.ADMINS, Account.class)
            .getResultStream()
            .anyMatch(account -> account.isAdmin() && !account.equals(leaving));
    if (!another) {
      throw new ProblemException(
          Problem.LAST_ADMIN, "This is the last active administrator: make another one first");
    }
  }

  /**
   * People change their own password.
   *
   * @throws ProblemException WRONG_PASSWORD when the current one is wrong, LOCKED_OUT after too
   *     many of those
   */
  @PermitAll
  @TransactionAttribute(NOT_SUPPORTED)
  public void changeOwnPassword(String id, Secret current, Secret replacement) {
    Account account = get(id);
    passwords.check(
        account.getUsername(),
        current,
        origin.address(),
        "user.password",
        ProblemException.of(
            Problem.WRONG_PASSWORD,
            "current",
            "wrong_password",
            "This is not your current password"));
    self.storeOwnPassword(id, hashOf(replacement, account.getUsername(), "new"));
  }

  /** The second half of {@link #changeOwnPassword}. */
  @PermitAll
  public void storeOwnPassword(String id, String passwordHash) {
    AuditedAction deed = begin("user.password", id);
    em.find(Account.class, id).changePassword(passwordHash, Instant.now());
    em.flush();
    actions.fire(deed.done(List.of(SecurityFacts.PASSWORD)));
    changed.fire(new AccountChanged(id));
  }

  /** Whether anybody can sign in at all. */
  @PermitAll
  @TransactionAttribute(SUPPORTS)
  public boolean isEmpty() {
    return em.createNamedQuery(Account.COUNT, Long.class).getSingleResult() == 0;
  }

  /**
   * The first administrator, made by whoever holds the setup link.
   *
   * @throws ProblemException NOT_FOUND when there is an account already
   */
  @PermitAll
  @TransactionAttribute(NOT_SUPPORTED)
  public Account addFirst(String username, Secret password) {
    return self.storeFirst(username, hashOf(password, username, "password"));
  }

  /** The second half of {@link #addFirst}. */
  @PermitAll
  public Account storeFirst(String username, String passwordHash) {
    AuditedAction deed = AuditedAction.of("setup.complete").on(null, username);
    actions.fire(deed);
    if (!isEmpty()) {
      throw new ProblemException(Problem.NOT_FOUND, "Mimir is set up already: sign in");
    }
    return persist(new Account(username, passwordHash, List.of(Role.ADMIN), Instant.now()), deed);
  }

  @PermitAll
  @TransactionAttribute(SUPPORTS)
  public Optional<Account> named(String username) {
    return em.createNamedQuery(Account.NAMED, Account.class)
        .setParameter("usernameKey", Account.keyOf(username))
        .getResultStream()
        .findFirst();
  }

  @PermitAll
  @TransactionAttribute(SUPPORTS)
  public Optional<Account> find(String id) {
    return Optional.ofNullable(em.find(Account.class, id));
  }

  private static String hashOf(Secret password, String username, String field) {
    if (password == null || password.isEmpty()) {
      throw ProblemException.of(Problem.MISSING_FIELD, field, "missing", "Give a password");
    }
    PasswordRule.check(password, username == null ? "" : username, field);
    return PasswordHash.of(password);
  }
}
