package io.mimir.web;

import java.text.MessageFormat;
import java.util.Locale;
import java.util.Map;
import java.util.ResourceBundle;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The words of the pages, from {@code messages.properties} and its translations, in the language of
 * the page that is made. Where none is made, as for programs, they are English.
 */
public final class Texts {

  private static final Map<Locale, ResourceBundle> BUNDLES =
      Languages.ALL.stream()
          .collect(
              Collectors.toUnmodifiableMap(
                  Function.identity(),
                  language -> ResourceBundle.getBundle("io.mimir.web.messages", language)));

  private Texts() {}

  /**
   * @param arguments for the {@link MessageFormat} that the text is; without any, the text is taken
   *     as it stands
   */
  public static String of(String key, Object... arguments) {
    Locale language = Languages.spoken();
    String pattern = BUNDLES.get(language).getString(key);
    return arguments.length == 0 ? pattern : new MessageFormat(pattern, language).format(arguments);
  }

  /** {@link #of} with one argument, for pages. */
  public static String text(String key, Object argument) {
    return of(key, argument);
  }

  /** Every text whose key begins so, for scripts, under what follows in the key. */
  public static Map<String, String> below(String prefix) {
    ResourceBundle bundle = BUNDLES.get(Languages.spoken());
    Map<String, String> texts = new TreeMap<>();
    for (String key : bundle.keySet()) {
      if (key.startsWith(prefix)) {
        texts.put(key.substring(prefix.length()), bundle.getString(key));
      }
    }
    return texts;
  }
}
