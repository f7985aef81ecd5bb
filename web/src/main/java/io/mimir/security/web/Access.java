package io.mimir.security.web;

import io.mimir.security.Role;
import io.mimir.security.Scope;
import java.util.List;
import java.util.Set;

/**
 * Who may go where. The first line that fits decides; what fits none is for people and programs
 * that are known, and finds nothing there.
 */
enum Access {
  PUBLIC(Set.of()),
  KNOWN(Set.of()),
  PERSON(Set.of(Role.PERSON)),
  USER(Set.of(Role.USER)),
  AUDITOR(Set.of(Role.AUDITOR)),
  /** People see their own; programs need a token for all of it. */
  USAGE(Set.of(Role.AUDITOR, Role.PERSON)),
  METRICS(Scope.METRICS.groups()),
  /** All data at once: for administrators in person, and no token of theirs. */
  OPERATOR(Set.of(Role.OPERATOR)),
  ADMIN(Set.of(Role.ADMIN));

  private record Line(String path, boolean below, Access access) {
    boolean fits(String asked) {
      return asked.equals(path) || (below && asked.startsWith(path + "/"));
    }
  }

  private static final List<Line> LINES =
      List.of(
          new Line("/health", true, PUBLIC),
          new Line("/login", false, PUBLIC),
          new Line("/setup", false, PUBLIC),
          new Line("/jakarta.faces.resource", true, PUBLIC),
          new Line("/assets", true, PUBLIC),
          new Line("/favicon.ico", false, PUBLIC),
          new Line("/api/v1/setup", false, PUBLIC),
          new Line("/api/v1/session", false, KNOWN),
          new Line("/api/v1/account", true, PERSON),
          new Line("/api/v1/settings", true, ADMIN),
          new Line("/api/v1/audit", true, AUDITOR),
          new Line("/api/v1/usage", true, USAGE),
          new Line("/api/v1/chat", true, USER),
          new Line("/api/v1/models", true, USER),
          new Line("/api/v1/status", false, METRICS),
          new Line("/api/v1/backup", false, OPERATOR),
          new Line("/metrics", false, METRICS),
          new Line("/openapi", false, METRICS),
          new Line("/help/api", false, ADMIN),
          new Line("/account", false, PERSON),
          new Line("/chat", false, USER),
          new Line("/usage", false, USAGE),
          new Line("/settings/audit", false, AUDITOR),
          new Line("/settings", false, AUDITOR),
          new Line("/settings", true, ADMIN));

  private final Set<String> groups;

  Access(Set<String> groups) {
    this.groups = groups;
  }

  /**
   * @param path below the context root
   */
  static Access of(String path) {
    return LINES.stream()
        .filter(line -> line.fits(path))
        .map(Line::access)
        .findFirst()
        .orElse(KNOWN);
  }

  boolean allows(Set<String> callersGroups) {
    return groups.isEmpty()
        || groups.stream().anyMatch(callersGroups::contains)
        || ((this == METRICS || this == OPERATOR) && isAdminInPerson(callersGroups));
  }

  /**
   * A token for the settings has the role of an administrator, and no business with the numbers.
   */
  private static boolean isAdminInPerson(Set<String> callersGroups) {
    return callersGroups.contains(Role.ADMIN) && callersGroups.contains(Role.PERSON);
  }
}
