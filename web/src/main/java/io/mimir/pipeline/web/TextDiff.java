package io.mimir.pipeline.web;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What has changed from one text to another, line by line, with some unchanged lines around. */
final class TextDiff {

  private static final int CONTEXT = 3;

  /** The names of the two texts, which nobody reads here. */
  private static final int HEAD = 2;

  private static final Pattern GAP = Pattern.compile("@@ -\\d+(?:,\\d+)? \\+(\\d+).*");

  private TextDiff() {}

  /**
   * A line to show.
   *
   * @param kind {@code added}, {@code removed}, {@code same}, or {@code gap} where lines were left
   *     out before it
   * @param sign what tells the kind without its colour; empty for most
   * @param text of the line; of a gap the number that its next line has in the newer text
   */
  public record Line(String kind, String sign, String text) {}

  /** Returns nothing where the two are the same. */
  static List<Line> between(String older, String newer) {
    List<String> before = older.lines().toList();
    List<String> after = newer.lines().toList();
    return UnifiedDiffUtils.generateUnifiedDiff(
            "", "", before, DiffUtils.diff(before, after), CONTEXT)
        .stream()
        .skip(HEAD)
        .map(TextDiff::line)
        .toList();
  }

  private static Line line(String marked) {
    Matcher gap = GAP.matcher(marked);
    if (gap.matches()) {
      return new Line("gap", "", gap.group(1));
    }
    String text = marked.substring(1);
    return switch (marked.charAt(0)) {
      case '+' -> new Line("added", "+", text);
      case '-' -> new Line("removed", "−", text);
      default -> new Line("same", "", text);
    };
  }
}
