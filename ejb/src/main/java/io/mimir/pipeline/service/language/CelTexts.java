package io.mimir.pipeline.service.language;

import java.util.ArrayList;
import java.util.List;

/** What CEL can do with texts here. Positions count characters of Unicode, as they do in CEL. */
final class CelTexts {

  /** Up to here the library's own search is as good as any. */
  private static final int SHORT = 8;

  private CelTexts() {}

  static String plus(String first, String second) {
    CelBudget.current().chars((long) first.length() + second.length());
    return first + second;
  }

  static String upper(String text) {
    return ascii(text, 'a', 'z', -32);
  }

  static String lower(String text) {
    return ascii(text, 'A', 'Z', 32);
  }

  private static String ascii(String text, char from, char to, int shift) {
    CelBudget.current().chars(text.length());
    char[] chars = text.toCharArray();
    for (int i = 0; i < chars.length; i++) {
      if (chars[i] >= from && chars[i] <= to) {
        chars[i] = (char) (chars[i] + shift);
      }
    }
    return new String(chars);
  }

  static String trim(String text) {
    CelBudget.current().chars(text.length());
    return text.strip();
  }

  static List<Object> split(String text, String by) {
    return split(text, by, -1);
  }

  /**
   * Cuts a text wherever another one is in it; an empty one cuts between all characters.
   *
   * @param most how many parts there are at most; less than 0 for any number
   */
  static List<Object> split(String text, String by, long most) {
    CelBudget budget = CelBudget.current();
    budget.chars(text.length());
    List<Object> parts = new ArrayList<>();
    if (most == 0 || text.isEmpty() && by.isEmpty()) {
      return parts;
    }
    Search search = new Search(by);
    int from = 0;
    for (int at = search.next(text, 0); at >= 0 && (most < 0 || parts.size() < most - 1); ) {
      int end = by.isEmpty() ? Math.min(text.length(), text.offsetByCodePoints(at, 1)) : at;
      if (by.isEmpty() && end >= text.length()) {
        break;
      }
      budget.elements(1);
      parts.add(text.substring(from, end));
      from = end + by.length();
      at = search.next(text, from);
    }
    budget.elements(1);
    parts.add(text.substring(from));
    return parts;
  }

  static String join(List<?> parts) {
    return join(parts, "");
  }

  static String join(List<?> parts, String with) {
    CelBudget budget = CelBudget.current();
    StringBuilder joined = new StringBuilder();
    boolean isFirst = true;
    for (Object part : parts) {
      if (!(part instanceof String text)) {
        throw new CelFault("wrong_type", "join takes a list of texts. string(…) makes texts.");
      }
      String before = isFirst ? "" : with;
      isFirst = false;
      budget.chars((long) before.length() + text.length());
      joined.append(before).append(text);
    }
    return joined.toString();
  }

  static String replace(String text, String old, String by) {
    return replace(text, old, by, -1);
  }

  /**
   * @param most how often at most; less than 0 for any number
   */
  static String replace(String text, String old, String by, long most) {
    CelBudget budget = CelBudget.current();
    budget.chars(text.length());
    if (old.isEmpty()) {
      throw new CelFault("wrong_value", "replace needs a text to look for, and this one is empty.");
    }
    Search search = new Search(old);
    StringBuilder replaced = new StringBuilder();
    int from = 0;
    long times = 0;
    for (int at = search.next(text, 0); at >= 0 && (most < 0 || times < most); times++) {
      budget.chars(by.length());
      replaced.append(text, from, at).append(by);
      from = at + old.length();
      at = search.next(text, from);
    }
    return replaced.append(text, from, text.length()).toString();
  }

  static boolean contains(String text, String part) {
    CelBudget.current().tick();
    return new Search(part).next(text, 0) >= 0;
  }

  static long indexOf(String text, String part) {
    return indexOf(text, part, 0);
  }

  /** The place of a text in another one, from 0 on; -1 when it is not there. */
  static long indexOf(String text, String part, long from) {
    CelBudget.current().tick();
    int found = new Search(part).next(text, offset(text, from, "indexOf"));
    return found < 0 ? -1 : text.codePointCount(0, found);
  }

  static String substring(String text, long from) {
    CelBudget.current().chars(text.length());
    return text.substring(offset(text, from, "substring"));
  }

  static String substring(String text, long from, long to) {
    CelBudget.current().chars(text.length());
    if (to < from) {
      throw new CelFault("wrong_value", "substring ends before it begins.");
    }
    return text.substring(offset(text, from, "substring"), offset(text, to, "substring"));
  }

  private static int offset(String text, long characters, String function) {
    if (characters >= 0 && characters <= text.length()) {
      try {
        return text.offsetByCodePoints(0, (int) characters);
      } catch (IndexOutOfBoundsException e) {
        // Said below, in words.
      }
    }
    throw new CelFault(
        "wrong_value",
        function + " is asked for a place outside of the text. size(…) tells how long it is.");
  }

  /**
   * Looks for a text in time that grows with both lengths and not with their product, which is what
   * somebody would use to keep a thread busy.
   */
  private static final class Search {

    private final String part;
    private final int[] shared;

    Search(String part) {
      this.part = part;
      this.shared = part.length() > SHORT ? shared(part) : null;
    }

    /** For each beginning of the text, how much of its end is a beginning of it as well. */
    private static int[] shared(String part) {
      CelBudget.current().chars(2L * part.length());
      int[] shared = new int[part.length()];
      for (int i = 1, length = 0; i < part.length(); i++) {
        while (length > 0 && part.charAt(i) != part.charAt(length)) {
          length = shared[length - 1];
        }
        length += part.charAt(i) == part.charAt(length) ? 1 : 0;
        shared[i] = length;
      }
      return shared;
    }

    int next(String text, int from) {
      if (shared == null) {
        return text.indexOf(part, from);
      }
      for (int i = from, length = 0; i < text.length(); i++) {
        while (length > 0 && text.charAt(i) != part.charAt(length)) {
          length = shared[length - 1];
        }
        length += text.charAt(i) == part.charAt(length) ? 1 : 0;
        if (length == part.length()) {
          return i - length + 1;
        }
      }
      return -1;
    }
  }
}
