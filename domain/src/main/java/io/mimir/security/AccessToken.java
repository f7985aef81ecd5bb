package io.mimir.security;

import static java.util.Objects.requireNonNull;

import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.id.Ids;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.NamedQuery;
import jakarta.persistence.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/** A token that lets a program in. Its text is shown once; here only a keyed hash of it is held. */
@Entity
@Table(name = "access_tokens")
@NamedQuery(
    name = AccessToken.ALL,
    query = "select t from AccessToken t join fetch t.owner order by t.createdAt desc, t.id")
@NamedQuery(
    name = AccessToken.OWNED,
    query =
        "select t from AccessToken t join fetch t.owner where t.owner.id = :owner"
            + " order by t.createdAt desc, t.id")
@NamedQuery(
    name = AccessToken.HASHED,
    query = "select t from AccessToken t join fetch t.owner where t.hash = :hash")
@NamedQuery(
    name = AccessToken.MADE_WITH,
    query = "select t from AccessToken t where t.parent = :parent")
@NamedQuery(
    name = AccessToken.LIVE,
    query =
        "select t.owner.id, count(t) from AccessToken t"
            + " where t.revokedAt is null and t.expiresAt > :now group by t.owner.id")
@NamedQuery(
    name = AccessToken.TOUCH,
    query = "update AccessToken t set t.lastUsedAt = :at where t.id = :id")
public class AccessToken {

  public static final String ALL = "AccessToken.all";
  public static final String OWNED = "AccessToken.owned";
  public static final String HASHED = "AccessToken.hashed";
  public static final String MADE_WITH = "AccessToken.madeWith";
  public static final String LIVE = "AccessToken.live";
  public static final String TOUCH = "AccessToken.touch";

  static final Duration DEFAULT_LIFE = Duration.ofDays(90);
  private static final Duration MAX_LIFE = Duration.ofDays(366);
  private static final int MAX_NAME_CHARS = 100;
  private static final int MAX_MODELS = 100;

  @Id private String id = Ids.random("tok_");

  @ManyToOne(optional = false, fetch = FetchType.EAGER)
  @JoinColumn(name = "account_id", nullable = false, updatable = false)
  private Account owner;

  /**
   * The token that this one was made with; null when a person made it. What ends that one ends this
   * one, so that nobody outlives a revocation by a token made in time.
   */
  @ManyToOne(fetch = FetchType.EAGER)
  @JoinColumn(name = "parent_id", updatable = false)
  private AccessToken parent;

  @Column(nullable = false, updatable = false)
  private String name;

  @Column(name = "token_hash", nullable = false, updatable = false)
  private String hash;

  @Column(nullable = false, updatable = false)
  private String hint;

  @Column(nullable = false, updatable = false)
  private String scopes;

  @Column(updatable = false)
  private String models;

  @Column(name = "requests_per_minute", updatable = false)
  private Integer requestsPerMinute;

  /** Whether hints that a provider's protocol has no word for are refused, not left out. */
  @Column(name = "is_strict", nullable = false, updatable = false)
  private boolean strict;

  @Column(name = "created_at", nullable = false, updatable = false)
  private Instant createdAt;

  @Column(name = "expires_at", nullable = false, updatable = false)
  private Instant expiresAt;

  @Column(name = "last_used_at")
  private Instant lastUsedAt;

  @Column(name = "revoked_at")
  private Instant revokedAt;

  protected AccessToken() {}

  /**
   * What somebody asks for.
   *
   * @param scopes words of {@link Scope}
   * @param expiresAt null for 90 days from now; at most 366 days away
   * @param models ids that the token may ask; null for all
   * @param requestsPerMinute null for no limit of its own
   * @param strict whether hints that a provider's protocol has no word for are refused; null means
   *     no
   */
  public record Wish(
      String name,
      List<String> scopes,
      Instant expiresAt,
      List<String> models,
      Integer requestsPerMinute,
      Boolean strict) {}

  /**
   * A token that a person makes.
   *
   * @param hash of {@link #hashOf}
   * @throws ProblemException with every field that is wrong
   */
  public AccessToken(Account owner, Wish wish, String hash, String hint, Instant now) {
    this(owner, null, wish, hash, hint, now);
  }

  /**
   * A token that is made with another one; whether it may be is for {@link AccessTokenBounds} to
   * say.
   *
   * @param parent null when a person makes it
   * @param hash of {@link #hashOf}
   * @throws ProblemException with every field that is wrong
   */
  public AccessToken(
      Account owner, AccessToken parent, Wish wish, String hash, String hint, Instant now) {
    List<FieldError> errors = new ArrayList<>();
    String wishedName = wish.name() == null ? "" : wish.name().strip();
    if (wishedName.isEmpty()) {
      throw ProblemException.of(
          Problem.MISSING_FIELD, "name", "missing", "Say what the token is for");
    }
    if (wishedName.length() > MAX_NAME_CHARS
        || wishedName.chars().anyMatch(Character::isISOControl)) {
      errors.add(new FieldError("name", "invalid", "Use 1 to 100 characters in one line"));
    }
    Set<Scope> wishedScopes = scopes(wish, owner, errors);
    Instant end = wish.expiresAt() == null ? now.plus(DEFAULT_LIFE) : wish.expiresAt();
    if (!end.isAfter(now) || end.isAfter(now.plus(MAX_LIFE))) {
      errors.add(
          new FieldError("expires_at", "out_of_range", "Choose a time within the next 366 days"));
    }
    if (wish.requestsPerMinute() != null
        && (wish.requestsPerMinute() < 1 || wish.requestsPerMinute() > 1_000_000)) {
      errors.add(
          new FieldError("requests_per_minute", "out_of_range", "Use a number from 1 to 1000000"));
    }
    List<String> wishedModels = wish.models() == null ? List.of() : wish.models();
    if (wishedModels.size() > MAX_MODELS
        || wishedModels.stream()
            .anyMatch(m -> m == null || !m.matches("[\\x21-\\x7E&&[^,]]{1,200}"))) {
      errors.add(
          new FieldError(
              "models", "invalid", "Use at most 100 model ids, without spaces or commas"));
    }
    if (!errors.isEmpty()) {
      throw ProblemException.of(Problem.REFUSED, errors);
    }
    this.owner = requireNonNull(owner);
    this.parent = parent;
    this.name = wishedName;
    this.scopes = String.join(",", wishedScopes.stream().map(Scope::wire).toList());
    this.models = wishedModels.isEmpty() ? null : String.join(",", wishedModels);
    this.requestsPerMinute = wish.requestsPerMinute();
    this.strict = Boolean.TRUE.equals(wish.strict());
    this.hash = requireNonNull(hash);
    this.hint = requireNonNull(hint);
    this.createdAt = now;
    this.expiresAt = end;
  }

  private static Set<Scope> scopes(Wish wish, Account owner, List<FieldError> errors) {
    if (wish.scopes() == null || wish.scopes().isEmpty()) {
      throw ProblemException.of(
          Problem.MISSING_FIELD, "scopes", "missing", "Give at least one of " + words());
    }
    Set<Scope> found = EnumSet.noneOf(Scope.class);
    for (String word : wish.scopes()) {
      Scope scope =
          Scope.ofWire(word)
              .orElseThrow(
                  () ->
                      ProblemException.of(
                          Problem.INVALID, "scopes", "unknown_value", "Scopes are " + words()));
      if (!Role.including(owner.getRoles()).contains(scope.role())) {
        errors.add(
            new FieldError(
                "scopes", "role_missing", "The scope " + word + " needs the role " + scope.role()));
      }
      found.add(scope);
    }
    return found;
  }

  private static String words() {
    return String.join(", ", Scope.words());
  }

  /** The keyed hash under which a token is stored and found, in hex. */
  public static String hashOf(Secret token, Vault vault) {
    return HexFormat.of().formatHex(vault.mac("access_tokens", token));
  }

  /** Whether it lets anybody in now, and so do all that it descends from. */
  public boolean isUsable(Instant now) {
    return isLive(now) && owner.isActive() && (parent == null || parent.isUsable(now));
  }

  /** Whether it was neither revoked nor has expired; its owner may be disabled all the same. */
  public boolean isLive(Instant now) {
    return revokedAt == null && now.isBefore(expiresAt);
  }

  /** Whether this is that token, or was made with it or with one that descends from it. */
  public boolean descendsFrom(String tokenId) {
    return id.equals(tokenId) || (parent != null && parent.descendsFrom(tokenId));
  }

  public void revoke(Instant now) {
    if (revokedAt == null) {
      revokedAt = now;
    }
  }

  /** The scopes whose role the owner still has: taking a role away takes it from the tokens too. */
  public Set<Scope> effectiveScopes() {
    Set<String> roles = Role.including(owner.getRoles());
    Set<Scope> effective = EnumSet.noneOf(Scope.class);
    for (String word : getScopes()) {
      Scope.ofWire(word).filter(scope -> roles.contains(scope.role())).ifPresent(effective::add);
    }
    return effective;
  }

  public String getId() {
    return id;
  }

  public Account getOwner() {
    return owner;
  }

  /** The token that this one was made with, or null. */
  public AccessToken getParent() {
    return parent;
  }

  public String getName() {
    return name;
  }

  public String getHint() {
    return hint;
  }

  public List<String> getScopes() {
    return List.of(scopes.split(","));
  }

  /** The models that may be asked; empty means all. */
  public List<String> getModels() {
    return models == null ? List.of() : List.of(models.split(","));
  }

  public boolean isStrict() {
    return strict;
  }

  public Integer getRequestsPerMinute() {
    return requestsPerMinute;
  }

  public Instant getCreatedAt() {
    return createdAt;
  }

  public Instant getExpiresAt() {
    return expiresAt;
  }

  public Instant getLastUsedAt() {
    return lastUsedAt;
  }

  public Instant getRevokedAt() {
    return revokedAt;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof AccessToken other && id.equals(other.id);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }
}
