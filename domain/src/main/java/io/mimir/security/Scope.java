package io.mimir.security;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What an access token may be used for, and the role that its owner needs and that it lends. */
public enum Scope {
  GATEWAY(Role.USER),
  CHAT(Role.USER),
  PIPELINES(Role.USER),
  SETTINGS(Role.ADMIN),
  ACCOUNTS(Role.ADMIN),
  AUDIT(Role.AUDITOR),
  METRICS(Role.ADMIN);

  private final String role;

  Scope(String role) {
    this.role = role;
  }

  /** The role that the owner must have. */
  public String role() {
    return role;
  }

  /**
   * What the caller of this token becomes: {@code scope:gateway} and the like for scopes that open
   * one door only.
   */
  public Set<String> groups() {
    return switch (this) {
      case CHAT -> Set.of(Role.USER);
      case SETTINGS -> Set.of(Role.ADMIN);
      case ACCOUNTS -> Set.of(Role.ACCOUNTS);
      case AUDIT -> Set.of(Role.AUDITOR);
      case PIPELINES -> Set.of(Role.PIPELINES);
      case GATEWAY, METRICS -> Set.of("scope:" + wire());
    };
  }

  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<Scope> ofWire(String wire) {
    return Arrays.stream(values()).filter(scope -> scope.wire().equals(wire)).findFirst();
  }

  public static List<String> words() {
    return Arrays.stream(values()).map(Scope::wire).toList();
  }
}
