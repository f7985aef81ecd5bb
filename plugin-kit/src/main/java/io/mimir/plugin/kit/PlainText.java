package io.mimir.plugin.kit;

import java.util.stream.Collectors;

/**
 * Text of strangers that people will read. What could hide or turn round the rest of a line is not
 * plain: control characters, bidirectional overrides, tags, and halves of characters.
 */
public final class PlainText {

  private static final int SHOWN = 80;
  private static final int ZERO_WIDTH_NON_JOINER = 0x200C;
  private static final int ZERO_WIDTH_JOINER = 0x200D;

  private PlainText() {}

  /** Whether every character can be shown on one line as it is. */
  public static boolean isPlain(String text) {
    return text.codePoints().allMatch(PlainText::isPlain);
  }

  /** The same, where line ends and tabs may be in it. */
  public static boolean isPlainOverLines(String text) {
    return text.codePoints().allMatch(c -> c == '\n' || c == '\t' || isPlain(c));
  }

  /** The text with all that is not plain written out, quoted and cut to a line's length. */
  public static String quoted(String text) {
    String cut = text.codePointCount(0, text.length()) <= SHOWN ? text : cut(text) + "…";
    return '"' + cut.codePoints().mapToObj(PlainText::shown).collect(Collectors.joining()) + '"';
  }

  private static String cut(String text) {
    return text.substring(0, text.offsetByCodePoints(0, SHOWN));
  }

  private static String shown(int c) {
    return isPlain(c) ? Character.toString(c) : "\\u{%x}".formatted(c);
  }

  private static boolean isPlain(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED,
          Character.PRIVATE_USE ->
          false;
      // Several scripts, and many emoji, need the joiners.
      case Character.FORMAT -> c == ZERO_WIDTH_JOINER || c == ZERO_WIDTH_NON_JOINER;
      default -> true;
    };
  }
}
