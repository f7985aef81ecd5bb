package io.mimir.security;

import static java.util.Objects.requireNonNull;

import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.id.Ids;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.NamedQuery;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Someone who can sign in. */
@Entity
@Table(name = "accounts")
@NamedQuery(name = Account.ALL, query = "select a from Account a order by a.username")
@NamedQuery(
    name = Account.NAMED,
    query = "select a from Account a where a.usernameKey = :usernameKey")
@NamedQuery(
    name = Account.ADMINS,
    query = "select a from Account a where a.active = true and a.roles like '%admin%'")
@NamedQuery(name = Account.COUNT, query = "select count(a) from Account a")
public class Account {

  public static final String ALL = "Account.all";
  public static final String NAMED = "Account.named";
  public static final String ADMINS = "Account.admins";
  public static final String COUNT = "Account.count";

  private static final Pattern USERNAME =
      Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N}._@+-]{0,63}");

  @Id private String id = Ids.random("usr_");

  @Version private long version;

  @Column(nullable = false, updatable = false)
  private String username;

  /**
   * The name in lower case: two accounts that differ in case only would be mistaken for one
   * another.
   */
  @Column(name = "username_key", nullable = false, updatable = false)
  private String usernameKey;

  @Column(name = "password_hash", nullable = false)
  private String passwordHash;

  @Column(nullable = false)
  private String roles;

  @Column(name = "is_active", nullable = false)
  private boolean active = true;

  @Column(name = "created_at", nullable = false, updatable = false)
  private Instant createdAt;

  @Column(name = "updated_at", nullable = false)
  private Instant updatedAt;

  @Column(name = "password_changed_at", nullable = false)
  private Instant passwordChangedAt;

  protected Account() {}

  /**
   * @param passwordHash from {@link PasswordHash#of}; computed before the transaction, it takes
   *     long
   * @throws ProblemException when the name or the roles are refused
   */
  public Account(String username, String passwordHash, Collection<String> roles, Instant now) {
    String name = username == null ? "" : username.strip();
    if (!USERNAME.matcher(name).matches()) {
      throw ProblemException.of(
          Problem.REFUSED,
          "username",
          "invalid",
          "Use 1 to 64 letters, digits, and . _ @ + - after the first");
    }
    this.username = name;
    this.usernameKey = keyOf(name);
    this.createdAt = requireNonNull(now);
    changePassword(passwordHash, now);
    changeRoles(roles, now);
  }

  /** The form under which a name is looked up. */
  public static String keyOf(String username) {
    return username.strip().toLowerCase(Locale.ROOT);
  }

  public final void changePassword(String hash, Instant now) {
    this.passwordHash = requireNonNull(hash);
    this.passwordChangedAt = now;
    this.updatedAt = now;
  }

  public final void changeRoles(Collection<String> wanted, Instant now) {
    if (wanted == null || wanted.isEmpty()) {
      throw ProblemException.of(
          Problem.MISSING_FIELD, "roles", "missing", "Give at least one role: " + assignable());
    }
    if (!Role.ASSIGNABLE.containsAll(wanted)) {
      throw ProblemException.of(
          Problem.INVALID,
          List.of(new FieldError("roles", "unknown_value", "Roles are " + assignable())));
    }
    Set<String> ordered = new LinkedHashSet<>(Role.ASSIGNABLE);
    ordered.retainAll(wanted);
    this.roles = String.join(",", ordered);
    this.updatedAt = now;
  }

  private static String assignable() {
    return String.join(", ", Role.ASSIGNABLE);
  }

  public void setActive(boolean active, Instant now) {
    this.active = active;
    this.updatedAt = now;
  }

  public boolean isAdmin() {
    return active && getRoles().contains(Role.ADMIN);
  }

  /** Takes long, on purpose. */
  public boolean accepts(Secret password) {
    return PasswordHash.matches(password, passwordHash);
  }

  public String getId() {
    return id;
  }

  public long getVersion() {
    return version;
  }

  public String getUsername() {
    return username;
  }

  public List<String> getRoles() {
    return List.of(roles.split(","));
  }

  public boolean isActive() {
    return active;
  }

  public Instant getCreatedAt() {
    return createdAt;
  }

  public Instant getUpdatedAt() {
    return updatedAt;
  }

  public Instant getPasswordChangedAt() {
    return passwordChangedAt;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Account other && id.equals(other.id);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }
}
