package io.mimir.usage;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** A member of {@link UsageCell} that usage is summed up by; several may be chosen together. */
public enum UsageGroup {
  HOUR,
  KEY,
  TOKEN,
  MODEL,
  PIPELINE,
  CLIENT,
  ACCOUNT;

  /** Returns the word that stands for this group outside of the program. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns the group of this word. */
  public static Optional<UsageGroup> ofWire(String wire) {
    return Arrays.stream(values()).filter(group -> group.wire().equals(wire)).findFirst();
  }

  /**
   * Returns the groups that are summed up by: of no chosen ones every member counts by itself, so
   * that these are all there are.
   *
   * @param chosen may be empty
   */
  public static Set<UsageGroup> effective(Set<UsageGroup> chosen) {
    return chosen.isEmpty() ? EnumSet.allOf(UsageGroup.class) : EnumSet.copyOf(chosen);
  }

  /** Returns the words of all groups. */
  public static List<String> words() {
    return Arrays.stream(values()).map(UsageGroup::wire).toList();
  }
}
