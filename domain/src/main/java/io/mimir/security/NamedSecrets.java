package io.mimir.security;

import java.util.LinkedHashMap;
import java.util.Map;

/** A way to seal several secrets with names as one: a line for each, with a colon in between. */
public final class NamedSecrets {

  private NamedSecrets() {}

  /**
   * Puts secrets together.
   *
   * @param secrets names without colons; the secrets are {@link Secret#isHeaderValue() one line}
   * @return empty for none; the caller closes it
   */
  public static Secret join(Map<String, Secret> secrets) {
    StringBuilder lines = new StringBuilder();
    secrets.forEach(
        (name, secret) -> {
          if (name.indexOf(':') >= 0 || !secret.isHeaderValue()) {
            throw new IllegalArgumentException("Names have no colon, and secrets one line");
          }
          lines.append(name).append(':').append(secret.reveal()).append('\n');
        });
    return Secret.of(lines.toString());
  }

  /**
   * Reads lines as people write headers, {@code Name: value}. White space around names and values
   * is none of theirs, and blank lines say nothing.
   *
   * @return the value of a name without one is null
   * @throws IllegalArgumentException without a word of the text, when a line has no colon or a name
   *     comes twice
   */
  public static Map<String, Secret> ofLines(Secret text) {
    Map<String, Secret> secrets = new LinkedHashMap<>();
    for (String line : text.reveal().split("\\R")) {
      if (line.isBlank()) {
        continue;
      }
      int colon = line.indexOf(':');
      String name = colon < 0 ? "" : line.substring(0, colon).strip();
      String value = line.substring(colon + 1).strip();
      if (name.isEmpty() || secrets.containsKey(name)) {
        throw new IllegalArgumentException("A line has a name, a colon and a value");
      }
      secrets.put(name, value.isEmpty() ? null : Secret.of(value));
    }
    return secrets;
  }

  /** Takes apart what {@link #join} put together, in the same order. */
  public static Map<String, Secret> split(Secret joined) {
    Map<String, Secret> secrets = new LinkedHashMap<>();
    joined
        .reveal()
        .lines()
        .forEach(
            line -> {
              int colon = line.indexOf(':');
              secrets.put(line.substring(0, colon), Secret.of(line.substring(colon + 1)));
            });
    return secrets;
  }
}
