package io.mimir.security.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.security.Role;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessTest {

  private static final Set<String> PERSON =
      Set.of(Role.ADMIN, Role.AUDITOR, Role.USER, Role.PERSON, Role.ACCOUNTS);

  /** An administrator in person, then tokens of the scopes settings and accounts. */
  @ParameterizedTest
  @CsvSource({
    "GET, /api/v1/settings/users, true, true, true",
    "HEAD, /api/v1/settings/users, true, true, true",
    "POST, /api/v1/settings/users, true, false, true",
    "PUT, /api/v1/settings/users/x, true, false, true",
    "DELETE, /api/v1/settings/users/x, true, false, true",
    "PATCH, /api/v1/settings/users/x/y, true, false, true",
    "POST, /api/v1/settings/tokens, true, true, true",
    "DELETE, /api/v1/settings/tokens/x, true, true, true",
    "GET, /api/v1/settings/plugins/publishers, true, true, false",
    "POST, /api/v1/settings/plugins/publishers, true, false, false",
    "DELETE, /api/v1/settings/plugins/publishers/x, true, false, false",
    "POST, /api/v1/settings/plugins/x/trust, true, false, false",
    "POST, /api/v1/settings/plugins/x/reload, true, true, false",
    "POST, /api/v1/settings/plugins/upload, true, true, false",
    "GET, /api/v1/settings/usersx, true, true, false",
    "POST, /api/v1/session/password, true, false, false",
    "POST, /api/v1/account/tokens, true, false, false",
    "GET, /api/v1/session, true, true, true"
  })
  void theDoorKnowsWhoMayChangeWhat(
      String method, String path, boolean person, boolean settings, boolean accounts) {
    Access access = Access.of(method, path);

    assertThat(access.allows(PERSON)).as("person").isEqualTo(person);
    assertThat(access.allows(Set.of(Role.ADMIN))).as("settings").isEqualTo(settings);
    assertThat(access.allows(Set.of(Role.ACCOUNTS))).as("accounts").isEqualTo(accounts);
    assertThat(access.allows(Set.of()))
        .as("a token of another scope")
        .isEqualTo(path.equals("/api/v1/session"));
  }

  @Test
  void whatIsBelowIsBelowWhateverItsNameHolds() {
    for (String name : new String[] {"\n", "\r", "\u0085", "\u2028", "", "a/b", "*"}) {
      assertThat(Access.of("GET", "/api/v1/settings/" + name)).as(name).isEqualTo(Access.ADMIN);
      assertThat(Access.of("PUT", "/api/v1/settings/users/" + name)).isEqualTo(Access.ACCOUNTS);
    }
  }
}
