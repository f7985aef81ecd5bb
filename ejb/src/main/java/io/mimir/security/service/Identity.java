package io.mimir.security.service;

import io.mimir.security.AccessToken;
import io.mimir.security.Account;
import io.mimir.security.Role;
import io.mimir.security.Scope;
import java.time.Instant;
import java.util.ArrayList;
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
 * @param allowances every limit that each question counts against: of the token and of those that
 *     it descends from, so that many tokens made with one ask no more often than that one
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
    boolean strict,
    List<Allowance> allowances) {

  /** So many questions a minute by a token and all that descend from it. */
  public record Allowance(String tokenId, int perMinute) {}

  /** Somebody who is not strict, and whose token was made by a person. */
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
        false,
        tokenId == null || requestsPerMinute == null
            ? List.of()
            : List.of(new Allowance(tokenId, requestsPerMinute)));
  }

  static Identity person(Account account) {
    return new Identity(
        account.getId(),
        account.getUsername(),
        groupsOfPerson(account.getRoles()),
        account.getRoles(),
        account.getPasswordChangedAt(),
        null,
        List.of(),
        null);
  }

  /** The roles that count for somebody of these roles who comes with a password or a session. */
  public static Set<String> groupsOfPerson(List<String> roles) {
    Set<String> groups = new LinkedHashSet<>(Role.including(roles));
    groups.add(Role.PERSON);
    if (groups.contains(Role.ADMIN)) {
      groups.add(Role.ACCOUNTS);
    }
    if (groups.contains(Role.USER)) {
      groups.add(Role.PIPELINES);
    }
    return Set.copyOf(groups);
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
        token.isStrict(),
        allowances(token));
  }

  private static List<Allowance> allowances(AccessToken token) {
    List<Allowance> all = new ArrayList<>();
    for (AccessToken each = token; each != null; each = each.getParent()) {
      if (each.getRequestsPerMinute() != null) {
        all.add(new Allowance(each.getId(), each.getRequestsPerMinute()));
      }
    }
    return List.copyOf(all);
  }

  public boolean isPerson() {
    return tokenId == null;
  }

  /** Whether the account has a role, given to it or included in another one. */
  public boolean has(String role) {
    return Role.including(roles).contains(role);
  }
}
