package io.mimir.pipeline.service.language;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds what somebody may have meant. */
final class Names {

  /** Longer names are compared by nobody's mistake, and would cost time. */
  private static final int MAX_CHARS = 100;

  private Names() {}

  /** The known name that differs in at most a third of its letters; empty when none is as near. */
  static Optional<String> nearest(String name, Collection<String> known) {
    if (name.length() > MAX_CHARS) {
      return Optional.empty();
    }
    return known.stream()
        .filter(each -> distance(name, each) <= Math.max(1, Math.min(3, each.length() / 3)))
        .min(Comparator.comparingInt((String each) -> distance(name, each)).thenComparing(e -> e));
  }

  /** A sentence that names the nearest; empty when there is none. Begins with a space. */
  static String didYouMean(String name, Collection<String> known) {
    return nearest(name, known).map(each -> " Did you mean " + each + "?").orElse("");
  }

  /** How many letters have to be put in, taken out, changed, or swapped with the next one. */
  private static int distance(String first, String second) {
    String a = first.toLowerCase(Locale.ROOT);
    String b = second.toLowerCase(Locale.ROOT);
    int[][] costs = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        costs[i][j] = i == 0 || j == 0 ? i + j : step(a, b, i, j, costs);
      }
    }
    return costs[a.length()][b.length()];
  }

  private static int step(String a, String b, int i, int j, int[][] costs) {
    int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
    int cost = Math.min(costs[i - 1][j - 1] + same, 1 + Math.min(costs[i - 1][j], costs[i][j - 1]));
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(cost, costs[i - 2][j - 2] + 1) : cost;
  }
}
