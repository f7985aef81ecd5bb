package io.mimir.security.web;

import io.mimir.security.Role;
import io.mimir.security.Scope;
import io.mimir.security.service.Identity;
import java.util.Arrays;
import java.util.List;

/**
 * Who may go to an address, in words for people who are to call it.
 *
 * @param open whether nobody has to say who they are
 * @param roles the roles of those who may, when they come with a password or a session
 * @param scopes the scopes of access tokens of which one is enough
 */
public record Admission(boolean open, List<String> roles, List<String> scopes) {

  /**
   * Returns what {@link Authentication} goes by.
   *
   * @param path below the context root
   */
  public static Admission of(String method, String path) {
    Access access = Access.of(method, path);
    if (access == Access.PUBLIC) {
      return new Admission(true, List.of(), List.of());
    }
    return new Admission(
        false,
        Role.ASSIGNABLE.stream()
            .filter(role -> access.allows(Identity.groupsOfPerson(List.of(role))))
            .toList(),
        Arrays.stream(Scope.values())
            .filter(scope -> access.allows(scope.groups()))
            .map(Scope::wire)
            .toList());
  }
}
