package io.mimir.web;

import java.text.MessageFormat;
import java.util.Locale;
import java.util.Map;
import java.util.ResourceBundle;
import java.util.TreeMap;

/** The words of the pages, from {@code messages.properties}. */
public final class Texts {

  private static final ResourceBundle BUNDLE =
      ResourceBundle.getBundle("io.mimir.web.messages", Locale.ROOT);

  private Texts() {}

  /**
   * @param arguments for the {@link MessageFormat} that the text is; without any, the text is taken
   *     as it stands
   */
  public static String of(String key, Object... arguments) {
    String pattern = BUNDLE.getString(key);
    return arguments.length == 0
        ? pattern
        : new MessageFormat(pattern, Locale.ENGLISH).format(arguments);
  }

  /** {@link #of} with one argument, for pages. */
  public static String text(String key, Object argument) {
    return of(key, argument);
  }

  /** Every text whose key begins so, for scripts, under what follows in the key. */
  public static Map<String, String> below(String prefix) {
    Map<String, String> texts = new TreeMap<>();
    for (String key : BUNDLE.keySet()) {
      if (key.startsWith(prefix)) {
        texts.put(key.substring(prefix.length()), BUNDLE.getString(key));
      }
    }
    return texts;
  }
}
