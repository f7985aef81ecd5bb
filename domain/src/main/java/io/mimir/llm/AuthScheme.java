package io.mimir.llm;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The way in which a key travels to a provider, written {@code bearer}, {@code none} or {@code
 * header:<name>}.
 *
 * @param kind what carries the key
 * @param header the header's name; null unless the kind is {@link Kind#HEADER}
 */
public record AuthScheme(Kind kind, String header) {

  /** What carries a key. */
  public enum Kind {
    /** The header Authorization, after the word Bearer. */
    BEARER,
    /** A header that holds nothing else. */
    HEADER,
    /** Nothing: calls go without the key. */
    NONE
  }

  public static final AuthScheme BEARER = new AuthScheme(Kind.BEARER, null);
  public static final AuthScheme NONE = new AuthScheme(Kind.NONE, null);

  private static final String HEADER_PREFIX = "header:";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}");

  public AuthScheme {
    requireNonNull(kind);
    if ((kind == Kind.HEADER) != (header != null)) {
      throw new IllegalArgumentException("A header's name belongs to the kind HEADER");
    }
  }

  /** Reads the written form; empty for anything else. */
  public static Optional<AuthScheme> of(String text) {
    if (text.equals("bearer")) {
      return Optional.of(BEARER);
    }
    if (text.equals("none")) {
      return Optional.of(NONE);
    }
    String name = text.startsWith(HEADER_PREFIX) ? text.substring(HEADER_PREFIX.length()) : "";
    return NAME.matcher(name).matches()
        ? Optional.of(new AuthScheme(Kind.HEADER, name))
        : Optional.empty();
  }

  /** Returns the written form. */
  @Override
  public String toString() {
    return switch (kind) {
      case BEARER -> "bearer";
      case NONE -> "none";
      case HEADER -> HEADER_PREFIX + header;
    };
  }
}
