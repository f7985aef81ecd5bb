package io.mimir.pipeline.web;

import io.mimir.pipeline.service.run.Value;

/**
 * A value of a run as a page shows it.
 *
 * @param text pretty printed, its beginning only when it is long; empty when it is in a file
 * @param whole whether this is all of it
 */
public record ShownValue(String text, boolean whole) {

  private static final int SHOWN = 4 * 1024;

  /** Returns null for none. */
  static ShownValue of(Value value) {
    if (value == null) {
      return null;
    }
    if (value.inline() == null) {
      return new ShownValue("", false);
    }
    String text = PrettyJson.of(value.inline());
    return text.length() > SHOWN
        ? new ShownValue(text.substring(0, SHOWN) + "…", false)
        : new ShownValue(text, true);
  }
}
