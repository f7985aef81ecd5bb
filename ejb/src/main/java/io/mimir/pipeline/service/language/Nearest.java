package io.mimir.pipeline.service.language;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Guesses what somebody meant by a name that there is not. */
final class Nearest {

  private Nearest() {}

  /** Returns the known name that is closest, if any is close. */
  static Optional<String> of(String name, Collection<String> known) {
    return known.stream()
        .filter(one -> distance(name, one) <= Math.max(1, Math.min(name.length(), 9) / 3))
        .min(
            Comparator.comparingInt((String one) -> distance(name, one)).thenComparing(one -> one));
  }

  /** How many characters have to be changed, added or left out (Levenshtein). */
  private static int distance(String one, String other) {
    if (Math.abs(one.length() - other.length()) > 3) {
      return Integer.MAX_VALUE;
    }
    int[] before = new int[other.length() + 1];
    for (int j = 0; j < before.length; j++) {
      before[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int[] row = new int[before.length];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int change = before[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(change, Math.min(row[j - 1], before[j]) + 1);
      }
      before = row;
    }
    return before[other.length()];
  }
}
