package io.mimir.usage;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What usage is summed up by. */
public enum UsageGroup {
  /** Nothing is summed up: every hour, key, token and model by itself. */
  NONE,
  HOUR,
  KEY,
  TOKEN,
  MODEL;

  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The group of this name; NONE has none. */
  public static Optional<UsageGroup> ofWire(String wire) {
    return Arrays.stream(values())
        .filter(group -> group != NONE && group.wire().equals(wire))
        .findFirst();
  }

  public static List<String> words() {
    return Arrays.stream(values()).filter(group -> group != NONE).map(UsageGroup::wire).toList();
  }
}
