package io.mimir.security;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The names of the roles, and what each of them includes. */
public final class Role {

  /** May do everything. */
  public static final String ADMIN = "admin";

  /** May read audit and usage. */
  public static final String AUDITOR = "auditor";

  /** May chat and run pipelines. */
  public static final String USER = "user";

  /**
   * Not given to anyone: held by whoever signed in with a password, so that an access token cannot
   * act as its owner in person: no token changes a password or trusts a plugin.
   */
  public static final String PERSON = "person";

  /**
   * Not given to anyone: held by administrators in person and by tokens of the scope {@code
   * accounts}, and by no token of the scope {@code settings}, which would make itself a successor.
   */
  public static final String ACCOUNTS = "accounts";

  /**
   * Not given to anyone: held by users in person and by tokens of the scope {@code pipelines}, and
   * by no token of the scope {@code chat}.
   */
  public static final String PIPELINES = "pipelines";

  /** Not given to anyone: held by whoever can read the data folder of the running server. */
  public static final String OPERATOR = "operator";

  /** What an administrator can give. */
  public static final List<String> ASSIGNABLE = List.of(ADMIN, AUDITOR, USER);

  private Role() {}

  /**
   * The given roles and all that they include: an administrator is an auditor and a user as well.
   */
  public static Set<String> including(Collection<String> roles) {
    Set<String> all = new LinkedHashSet<>(roles);
    if (all.contains(ADMIN)) {
      all.addAll(ASSIGNABLE);
    }
    return all;
  }
}
