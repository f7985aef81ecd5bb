package io.mimir.security.service;

import io.mimir.security.AccessToken;
import io.mimir.security.Account;
import io.mimir.security.Role;
import io.mimir.security.Scope;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Who is calling.
 *
 * @param groups the roles that count for this call
 * @param roles the roles of the account, as administrators gave them
 * @param credentialsSince when the password was last changed: older sessions end
 * @param tokenId the access token that was used, or null for a person
 * @param models the models that the token may ask; empty means all
 * @param requestsPerMinute the token's own limit, or null
 * @param strict whether hints that a provider's protocol has no word for are refused
 */
public record Identity(
    String accountId,
    String username,
    Set<String> groups,
    List<String> roles,
    Instant credentialsSince,
    String tokenId,
    List<String> models,
    Integer requestsPerMinute,
    boolean strict) {

  /** Somebody who is not strict. */
  public Identity(
      String accountId,
      String username,
      Set<String> groups,
      List<String> roles,
      Instant credentialsSince,
      String tokenId,
      List<String> models,
      Integer requestsPerMinute) {
    this(
        accountId,
        username,
        groups,
        roles,
        credentialsSince,
        tokenId,
        models,
        requestsPerMinute,
        false);
  }

  static Identity person(Account account) {
    Set<String> groups = new LinkedHashSet<>(Role.including(account.getRoles()));
    groups.add(Role.PERSON);
    return new Identity(
        account.getId(),
        account.getUsername(),
        Set.copyOf(groups),
        account.getRoles(),
        account.getPasswordChangedAt(),
        null,
        List.of(),
        null);
  }

  static Identity program(AccessToken token) {
    Set<String> groups = new LinkedHashSet<>();
    for (Scope scope : token.effectiveScopes()) {
      groups.addAll(scope.groups());
    }
    Account owner = token.getOwner();
    return new Identity(
        owner.getId(),
        owner.getUsername(),
        Set.copyOf(groups),
        owner.getRoles(),
        owner.getPasswordChangedAt(),
        token.getId(),
        token.getModels(),
        token.getRequestsPerMinute(),
        token.isStrict());
  }

  public boolean isPerson() {
    return tokenId == null;
  }
}
