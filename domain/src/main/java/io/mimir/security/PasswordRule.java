package io.mimir.security;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import java.util.Locale;
import java.util.Set;

/**
 * What a password must be: long, and not the first thing that everybody tries (NIST SP 800-63B).
 */
public final class PasswordRule {

  private static final int SHORTEST = 12;
  private static final int MAX_CHARS = 256;
  private static final int FEWEST_DISTINCT = 5;
  private static final Set<String> TRIED_FIRST =
      Set.of(
          "password",
          "passwort",
          "qwertyuiop",
          "qwerty",
          "letmein",
          "welcome",
          "administrator",
          "admin",
          "mimir",
          "changeme",
          "iloveyou",
          "abc",
          "monkey",
          "dragon");

  private PasswordRule() {}

  /**
   * @param field the name of the field that the error belongs to
   * @throws ProblemException WEAK_PASSWORD with what to do; the password is not in it
   */
  public static void check(Secret password, String username, String field) {
    String text = password.reveal();
    if (text.length() < SHORTEST) {
      throw weak(field, "Use at least " + SHORTEST + " characters");
    }
    if (text.length() > MAX_CHARS) {
      throw weak(field, "Use at most " + MAX_CHARS + " characters");
    }
    String lower = text.toLowerCase(Locale.ROOT);
    String user = username.toLowerCase(Locale.ROOT);
    String letters = lower.replaceAll("[^a-z]", "");
    if (text.chars().distinct().count() < FEWEST_DISTINCT
        || text.chars().allMatch(Character::isDigit)
        || TRIED_FIRST.contains(letters)
        || lower.equals(user)
        || (user.length() >= 4 && lower.replace(user, "").length() < SHORTEST / 2)) {
      throw weak(field, "This is among the first passwords that are tried: use several words");
    }
  }

  private static ProblemException weak(String field, String message) {
    return ProblemException.of(Problem.WEAK_PASSWORD, field, "weak_password", message);
  }
}
