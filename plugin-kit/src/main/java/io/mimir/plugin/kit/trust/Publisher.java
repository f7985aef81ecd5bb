package io.mimir.plugin.kit.trust;

import java.time.Instant;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Somebody whose signature makes a plugin trusted.
 *
 * @param name for people
 * @param namePattern the plugins that it may sign: a name in which {@code *} stands for anything
 * @param validFrom null for always
 * @param validUntil null for ever
 * @param revokedAt null as long as it is not revoked; from then on nothing that it ever signed
 *     counts
 */
public record Publisher(
    String id,
    String name,
    PublisherKey key,
    String namePattern,
    Instant validFrom,
    Instant validUntil,
    Instant revokedAt) {

  private static final Pattern FORM = Pattern.compile("[a-z0-9_*-]{1,64}");

  public Publisher {
    Objects.requireNonNull(id);
    Objects.requireNonNull(name);
    Objects.requireNonNull(key);
    if (!isNamePattern(namePattern)) {
      throw new IllegalArgumentException("A name pattern has a-z, 0-9, _, - and * only");
    }
  }

  /** One without bounds in time. */
  public Publisher(String id, String name, PublisherKey key, String namePattern) {
    this(id, name, key, namePattern, null, null, null);
  }

  /** Whether a text can be a name pattern. */
  public static boolean isNamePattern(String text) {
    return text != null && FORM.matcher(text).matches();
  }

  /** Whether it may sign a plugin of this name. */
  public boolean maySign(String pluginName) {
    // Without backtracking: each piece is looked for behind the one before.
    String[] pieces = namePattern.split("\\*", -1);
    if (pieces.length == 1) {
      return pluginName.equals(namePattern);
    }
    String first = pieces[0];
    String last = pieces[pieces.length - 1];
    if (pluginName.length() < first.length() + last.length()
        || !pluginName.startsWith(first)
        || !pluginName.endsWith(last)) {
      return false;
    }
    int at = first.length();
    int end = pluginName.length() - last.length();
    for (int i = 1; i < pieces.length - 1; i++) {
      int found = pluginName.indexOf(pieces[i], at);
      if (found < 0 || found + pieces[i].length() > end) {
        return false;
      }
      at = found + pieces[i].length();
    }
    return true;
  }

  boolean isValidAt(Instant now) {
    return (validFrom == null || !now.isBefore(validFrom))
        && (validUntil == null || now.isBefore(validUntil));
  }
}
