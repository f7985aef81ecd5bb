package io.mimir.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What services say, in the language of the page. Their sentences are English, for programs and
 * logs; here the sentence itself is what its translation is found by, and one that has none stays
 * as it is. {@code sentences_de.json} has them; {@code {0}} stands for what a service fills in.
 */
public final class Sentences {

  private static final Pattern PLACE = Pattern.compile("\\{(\\d)}");

  private static final Map<String, String> WHOLE = new LinkedHashMap<>();
  private static final Map<Pattern, String> FILLED = new LinkedHashMap<>();

  static {
    read()
        .forEach(
            (english, german) -> {
              if (PLACE.matcher(english).find()) {
                FILLED.put(pattern(english), german);
              } else {
                WHOLE.put(english, german);
              }
            });
  }

  private Sentences() {}

  /**
   * @param sentence of a service, or null
   * @return what to show in its place
   */
  public static String said(String sentence) {
    if (sentence == null || !Languages.spoken().equals(Locale.GERMAN)) {
      return sentence;
    }
    String german = WHOLE.get(sentence);
    return german != null ? german : filled(sentence);
  }

  private static String filled(String sentence) {
    for (Map.Entry<Pattern, String> each : FILLED.entrySet()) {
      Matcher values = each.getKey().matcher(sentence);
      if (values.matches()) {
        return PLACE
            .matcher(each.getValue())
            .replaceAll(
                place ->
                    Matcher.quoteReplacement(values.group(Integer.parseInt(place.group(1)) + 1)));
      }
    }
    return sentence;
  }

  private static Pattern pattern(String english) {
    StringBuilder pattern = new StringBuilder();
    int from = 0;
    Matcher places = PLACE.matcher(english);
    while (places.find()) {
      pattern.append(Pattern.quote(english.substring(from, places.start()))).append("(.+?)");
      from = places.end();
    }
    return Pattern.compile(pattern.append(Pattern.quote(english.substring(from))).toString());
  }

  /** The translations by the English sentence, in the order of the file. */
  static Map<String, String> read() {
    try (InputStream in = Sentences.class.getResourceAsStream("sentences_de.json")) {
      Map<String, String> sentences = new LinkedHashMap<>();
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      Json.readObject(text, "sentences")
          .forEach((english, german) -> sentences.put(english, (String) german));
      return sentences;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
