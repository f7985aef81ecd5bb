package io.mimir.security.service;

import io.mimir.audit.DeniedAction;
import io.mimir.audit.service.TestEvents;
import io.mimir.security.Account;
import io.mimir.security.Role;
import jakarta.ejb.SessionContext;
import java.lang.reflect.Proxy;
import java.security.Principal;
import java.time.Instant;
import java.util.List;

/** Callers for tests. */
public final class TestIdentities {

  private TestIdentities() {}

  /** An administrator who has entered the password just now. */
  public static Authority person(List<DeniedAction> denials) {
    return administrator(true, denials);
  }

  /** An administrator whose password was entered a while ago. */
  public static Authority staleSession(List<DeniedAction> denials) {
    return administrator(false, denials);
  }

  private static Authority administrator(boolean entered, List<DeniedAction> denials) {
    Authority authority = new Authority();
    authority.denials = TestEvents.into(denials);
    authority.set(
        Identity.person(new Account("ada", "hash", List.of(Role.ADMIN), Instant.EPOCH)), entered);
    return authority;
  }

  /** What the server tells a bean of its caller: the name, and nothing else. */
  public static SessionContext sessionOf(String caller) {
    Principal principal = () -> caller;
    return (SessionContext)
        Proxy.newProxyInstance(
            SessionContext.class.getClassLoader(),
            new Class<?>[] {SessionContext.class},
            (proxy, method, arguments) -> {
              if (!method.getName().equals("getCallerPrincipal")) {
                throw new UnsupportedOperationException(method.getName());
              }
              return principal;
            });
  }
}
