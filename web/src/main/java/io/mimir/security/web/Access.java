package io.mimir.security.web;

import io.mimir.security.Role;
import io.mimir.security.Scope;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Who may go where. The first line that fits decides; what fits none is for people and programs
 * that are known, and finds nothing there.
 */
enum Access {
  PUBLIC(Set.of()),
  KNOWN(Set.of()),
  PERSON(Set.of(Role.PERSON)),
  USER(Set.of(Role.USER)),
  /** People who are users, and tokens of the scope of the same name. */
  PIPELINES(Set.of(Role.PIPELINES)),
  AUDITOR(Set.of(Role.AUDITOR)),
  /** People see their own; programs need a token for all of it. */
  USAGE(Set.of(Role.AUDITOR, Role.PERSON)),
  METRICS(Scope.METRICS.groups()),
  /** All data at once: for administrators in person, and no token of theirs. */
  OPERATOR(Set.of(Role.OPERATOR)),
  /** Of whose account what may be changed is told by the services. */
  ACCOUNTS(Set.of(Role.ACCOUNTS)),
  ACCOUNTS_OR_ADMIN(Set.of(Role.ACCOUNTS, Role.ADMIN)),
  /** No token: what is done here lets native code run, or says whose code that is. */
  ADMIN_IN_PERSON(Set.of()),
  ADMIN(Set.of(Role.ADMIN));

  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

  /**
   * A path, in which {@code *} stands for one segment.
   *
   * @param below whether what is below it is meant as well
   * @param changes whether only requests are meant that change something
   */
  private record Line(Pattern path, boolean changes, Access access) {
    Line(String path, boolean below, Access access) {
      this(path, below, false, access);
    }

    Line(String path, boolean below, boolean changes, Access access) {
      this(
          Pattern.compile(
              ("\\Q" + path + "\\E").replace("*", "\\E[^/]+\\Q") + (below ? "(/.*)?" : ""),
              Pattern.DOTALL),
          changes,
          access);
    }

    boolean fits(String method, String asked) {
      return path.matcher(asked).matches() && !(changes && isSafe(method));
    }
  }

  private static final List<Line> LINES =
      List.of(
          new Line("/health", true, PUBLIC),
          new Line("/login", false, PUBLIC),
          new Line("/setup", false, PUBLIC),
          new Line("/language", false, PUBLIC),
          new Line("/jakarta.faces.resource", true, PUBLIC),
          new Line("/assets", true, PUBLIC),
          new Line("/favicon.ico", false, PUBLIC),
          new Line("/hooks", true, PUBLIC),
          new Line("/api/v1/setup", false, PUBLIC),
          new Line("/api/v1/session", false, KNOWN),
          new Line("/api/v1/session/password", false, PERSON),
          new Line("/api/v1/account", true, PERSON),
          new Line("/api/v1/settings/users", true, true, ACCOUNTS),
          new Line("/api/v1/settings/users", true, ACCOUNTS_OR_ADMIN),
          new Line("/api/v1/settings/tokens", true, ACCOUNTS_OR_ADMIN),
          new Line("/api/v1/settings/plugins/publishers", true, true, ADMIN_IN_PERSON),
          new Line("/api/v1/settings/plugins/*/trust", false, ADMIN_IN_PERSON),
          new Line("/api/v1/settings", true, ADMIN),
          new Line("/api/v1/audit", true, AUDITOR),
          new Line("/api/v1/usage", true, USAGE),
          new Line("/api/v1/chat", true, USER),
          new Line("/api/v1/models", true, USER),
          new Line("/api/v1/pipelines", true, PIPELINES),
          new Line("/api/v1/runs", true, PIPELINES),
          new Line("/api/v1/plugins", false, PIPELINES),
          new Line("/api/v1/status", false, METRICS),
          new Line("/api/v1/backup", false, OPERATOR),
          new Line("/metrics", false, METRICS),
          new Line("/openapi", false, METRICS),
          new Line("/help/api", false, ADMIN),
          new Line("/account", false, PERSON),
          new Line("/chat", false, USER),
          new Line("/pipelines", true, PIPELINES),
          new Line("/runs", true, PIPELINES),
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
  static Access of(String method, String path) {
    return LINES.stream()
        .filter(line -> line.fits(method, path))
        .map(Line::access)
        .findFirst()
        .orElse(KNOWN);
  }

  /** Whether a request of this method changes nothing. */
  static boolean isSafe(String method) {
    return SAFE.contains(method);
  }

  boolean allows(Set<String> callersGroups) {
    return switch (this) {
      case PUBLIC, KNOWN -> true;
      case ADMIN_IN_PERSON -> isAdminInPerson(callersGroups);
      case METRICS, OPERATOR -> hasAny(callersGroups) || isAdminInPerson(callersGroups);
      default -> hasAny(callersGroups);
    };
  }

  private boolean hasAny(Set<String> callersGroups) {
    return groups.stream().anyMatch(callersGroups::contains);
  }

  /**
   * A token for the settings has the role of an administrator, and no business with the numbers.
   */
  private static boolean isAdminInPerson(Set<String> callersGroups) {
    return callersGroups.contains(Role.ADMIN) && callersGroups.contains(Role.PERSON);
  }
}
