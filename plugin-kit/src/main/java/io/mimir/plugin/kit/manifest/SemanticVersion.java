package io.mimir.plugin.kit.manifest;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version as Semantic Versioning 2.0.0 writes and orders them. What follows a plus sign does not
 * count in the order, so a version may equal another in {@code compareTo} and not in {@code
 * equals}.
 */
public final class SemanticVersion implements Comparable<SemanticVersion> {

  /** The most characters of a version. */
  public static final int MAX_LENGTH = 64;

  private static final String NUMBER = "(0|[1-9][0-9]*)";
  private static final Pattern FORM =
      Pattern.compile(
          NUMBER
              + "\\."
              + NUMBER
              + "\\."
              + NUMBER
              + "(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?");
  private static final Pattern DIGITS = Pattern.compile("[0-9]+");

  /** Numbers of any size, which have no leading zero: the longer one is greater. */
  private static final Comparator<String> BY_NUMBER =
      Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder());

  private final String text;
  private final List<String> release;
  private final List<String> preRelease;

  private SemanticVersion(String text, List<String> release, List<String> preRelease) {
    this.text = text;
    this.release = release;
    this.preRelease = preRelease;
  }

  /** Empty when the text is no version. */
  public static Optional<SemanticVersion> of(String text) {
    Matcher matcher = FORM.matcher(text);
    if (text.length() > MAX_LENGTH || !matcher.matches()) {
      return Optional.empty();
    }
    List<String> release = List.of(matcher.group(1), matcher.group(2), matcher.group(3));
    List<String> preRelease = new ArrayList<>();
    if (matcher.group(4) != null) {
      preRelease.addAll(List.of(matcher.group(4).split("\\.")));
    }
    boolean leadingZero =
        preRelease.stream()
            .anyMatch(part -> part.length() > 1 && part.startsWith("0") && isNumber(part));
    return leadingZero
        ? Optional.empty()
        : Optional.of(new SemanticVersion(text, release, List.copyOf(preRelease)));
  }

  public boolean isPreRelease() {
    return !preRelease.isEmpty();
  }

  @Override
  public int compareTo(SemanticVersion other) {
    for (int i = 0; i < release.size(); i++) {
      int order = BY_NUMBER.compare(release.get(i), other.release.get(i));
      if (order != 0) {
        return order;
      }
    }
    if (preRelease.isEmpty() || other.preRelease.isEmpty()) {
      return Boolean.compare(preRelease.isEmpty(), other.preRelease.isEmpty());
    }
    int shared = Math.min(preRelease.size(), other.preRelease.size());
    for (int i = 0; i < shared; i++) {
      int order = compareParts(preRelease.get(i), other.preRelease.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(preRelease.size(), other.preRelease.size());
  }

  private static int compareParts(String one, String other) {
    if (isNumber(one) && isNumber(other)) {
      return BY_NUMBER.compare(one, other);
    }
    if (isNumber(one) || isNumber(other)) {
      return isNumber(one) ? -1 : 1;
    }
    return one.compareTo(other);
  }

  private static boolean isNumber(String part) {
    return DIGITS.matcher(part).matches();
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof SemanticVersion other && text.equals(other.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
