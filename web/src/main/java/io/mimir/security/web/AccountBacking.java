package io.mimir.security.web;

import io.mimir.security.Secret;
import io.mimir.security.service.Accounts;
import io.mimir.web.Problems;
import io.mimir.web.Sent;
import io.mimir.web.Texts;
import jakarta.ejb.EJB;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import org.primefaces.PrimeFaces;

/** Backs the password form of {@code account.xhtml}. */
@Named
@RequestScoped
public class AccountBacking {

  @EJB Accounts accounts;
  @Inject CurrentUser me;
  @Inject Caller caller;
  @Inject Problems problems;

  public void changePassword() {
    if (!Sent.text("new").equals(Sent.text("repeat"))) {
      problems.add("repeat", Texts.of("password.differs"));
      return;
    }
    Boolean changed;
    try (Secret current = Secret.of(Sent.text("current"));
        Secret replacement = Secret.of(Sent.text("new"))) {
      changed =
          problems.attempt(
              () -> {
                accounts.changeOwnPassword(me.getId(), current, replacement);
                caller.passwordChanged();
                return true;
              });
    }
    PrimeFaces.current().ajax().addCallbackParam("done", changed != null);
    if (changed != null) {
      problems.done("account.password.changed");
    }
  }
}
