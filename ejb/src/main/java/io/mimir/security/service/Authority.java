package io.mimir.security.service;

import io.mimir.audit.DeniedAction;
import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.Role;
import jakarta.enterprise.context.RequestScoped;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;

/**
 * What the caller of the current request may do beyond what roles say, by what was shown at the
 * door: a token, a session, or a password that was entered just now (T70, T71). The web module
 * fills it before anything else happens; where nobody did, nothing is allowed. Each refusal is
 * written down as denied.
 */
@RequestScoped
public class Authority {

  @Inject Event<DeniedAction> denials;

  private Identity caller;
  private boolean passwordEntered;

  /**
   * @param entered whether the password came with this request, or was entered in this session a
   *     few minutes ago
   */
  public void set(Identity identity, boolean entered) {
    this.caller = identity;
    this.passwordEntered = entered && identity.isPerson();
  }

  /** The token that the caller came with; empty for people. */
  Optional<String> tokenId() {
    return Optional.ofNullable(caller).map(Identity::tokenId);
  }

  /** Whether a role counts for this call. */
  boolean has(String group) {
    return caller != null && caller.groups().contains(group);
  }

  /**
   * For what makes and changes accounts of users and auditors.
   *
   * @throws ProblemException FORBIDDEN
   */
  void requireAccounts(String action, String id, String name) {
    if (!has(Role.ACCOUNTS)) {
      throw refusal(action, id, name, "This needs a password, a session or the scope accounts");
    }
  }

  /**
   * For what makes administrators, or native code that runs: no token is enough.
   *
   * @throws ProblemException PASSWORD_REQUIRED for a person, FORBIDDEN for a token
   */
  public void requirePassword(String action, String id, String name) {
    if (passwordEntered) {
      return;
    }
    if (caller == null || !caller.isPerson()) {
      throw refusal(
          action, id, name, "No token may do this: it needs a password, by Basic or in a session");
    }
    denials.fire(new DeniedAction(action, id, name));
    throw new ProblemException(
        Problem.PASSWORD_REQUIRED,
        "Enter your password again: POST /api/v1/session/password, then repeat this within five"
            + " minutes");
  }

  /** Says no, and leaves a trace of it. */
  ProblemException refusal(String action, String id, String name, String why) {
    denials.fire(new DeniedAction(action, id, name));
    return new ProblemException(Problem.FORBIDDEN, why);
  }

  /** Says no to some fields, and leaves a trace of it. */
  ProblemException refusal(String action, String id, String name, List<FieldError> errors) {
    denials.fire(new DeniedAction(action, id, name));
    return ProblemException.of(Problem.FORBIDDEN, errors);
  }
}
