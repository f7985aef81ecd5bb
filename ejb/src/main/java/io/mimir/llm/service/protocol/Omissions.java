package io.mimir.llm.service.protocol;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The names of what one request lost on its way into another protocol. They go into a header and
 * come from callers, so each is cut down to {@code [A-Za-z0-9_.-]}, without the places in arrays,
 * and no more than 20 are kept.
 */
final class Omissions {

  static final int MAX_NAMES = 20;

  private static final int MAX_NAME_CHARS = 64;
  private static final Pattern INDEX = Pattern.compile("\\[\\d+]");
  private static final Pattern FOREIGN = Pattern.compile("[^A-Za-z0-9_.-]");

  /** It marks many places of one request and means the same in each. */
  private static final String CACHE_CONTROL = "cache_control";

  private final Set<String> names = new LinkedHashSet<>();
  private boolean strict;

  void strict(boolean now) {
    strict = now;
  }

  /** Whether the caller wants a refusal where something would be left out. */
  boolean isStrict() {
    return strict;
  }

  /**
   * @param field where it stands in the client's body
   */
  void add(String field) {
    keep(clean(field));
  }

  /**
   * @param value what was put in place of the client's value, a word of our own
   */
  void add(String field, String value) {
    keep(clean(field) + "=" + value);
  }

  private void keep(String name) {
    if (!name.isEmpty() && names.size() < MAX_NAMES) {
      names.add(name);
    }
  }

  private static String clean(String field) {
    String name = FOREIGN.matcher(INDEX.matcher(field).replaceAll("")).replaceAll("");
    if (name.endsWith("." + CACHE_CONTROL)) {
      return CACHE_CONTROL;
    }
    return name.substring(0, Math.min(MAX_NAME_CHARS, name.length()));
  }

  List<String> names() {
    return List.copyOf(names);
  }
}
