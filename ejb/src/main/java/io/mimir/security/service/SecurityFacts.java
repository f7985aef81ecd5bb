package io.mimir.security.service;

import io.mimir.audit.Change;
import io.mimir.audit.Facts;
import io.mimir.security.AccessToken;
import io.mimir.security.Account;
import java.util.ArrayList;
import java.util.List;

/** What the audit log may tell of accounts and tokens. */
final class SecurityFacts {

  static final Change PASSWORD = Change.ofSecret("password");

  private SecurityFacts() {}

  /** What became of an account. */
  static List<Change> changes(Facts before, Account account, boolean setsPassword) {
    List<Change> changes = new ArrayList<>(Facts.between(before, of(account)));
    if (setsPassword) {
      changes.add(PASSWORD);
    }
    return changes;
  }

  static Facts of(Account account) {
    return new Facts()
        .tell("username", account.getUsername())
        .tell("roles", account.getRoles())
        .tell("is_active", account.isActive());
  }

  static Facts of(AccessToken token) {
    return new Facts()
        .tell("name", token.getName())
        .tell("owner", token.getOwner().getUsername())
        .tell("scopes", token.getScopes())
        .tell("expires_at", token.getExpiresAt())
        .tell("models", token.getModels().isEmpty() ? null : token.getModels())
        .tell("requests_per_minute", token.getRequestsPerMinute())
        .tell("strict", token.isStrict())
        .tell("revoked_at", token.getRevokedAt());
  }
}
