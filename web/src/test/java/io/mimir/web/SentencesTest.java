package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SentencesTest {

  private static final Pattern PLACE = Pattern.compile("\\{\\d}");

  @AfterEach
  void speakNothing() {
    Languages.speak(null);
  }

  @Test
  void programsReadWhatTheServiceSaid() {
    assertThat(Sentences.said("This is not your password")).isEqualTo("This is not your password");
  }

  @Test
  void peopleReadItInTheirLanguage() {
    Languages.speak(Locale.GERMAN);

    assertThat(Sentences.said("This is not your password")).isEqualTo("Das ist nicht Ihr Passwort");
    assertThat(Sentences.said("Too many wrong passwords: wait 30 seconds"))
        .isEqualTo("Zu viele falsche Passwörter: Warten Sie 30 Sekunden");
    assertThat(Sentences.said("The scope a$1 needs the role b\\c"))
        .isEqualTo("Die Berechtigung a$1 erfordert die Rolle b\\c");
    assertThat(Sentences.said("OpenAI failed: try again later"))
        .isEqualTo("OpenAI hat versagt: Versuchen Sie es später erneut");
  }

  @Test
  void whatHasNoTranslationStaysAsItIs() {
    Languages.speak(Locale.GERMAN);

    assertThat(Sentences.said("Nobody has ever said this")).isEqualTo("Nobody has ever said this");
    assertThat(Sentences.said("")).isEmpty();
    assertThat(Sentences.said(null)).isNull();
  }

  @Test
  void bothHaveTheSamePlaces() {
    Sentences.read()
        .forEach(
            (english, german) -> assertThat(places(german)).as(english).isEqualTo(places(english)));
  }

  /** A sentence that a service words anew would lose its translation without anybody noticing. */
  @Test
  void eachSentenceIsSaidByAService() throws IOException {
    StringBuilder sources = new StringBuilder();
    for (Path source : SourcesTest.sources("main")) {
      // A sentence may go on in the next line.
      sources.append(Files.readString(source).replaceAll("\"\\s*\\+\\s*\"", ""));
    }
    List<String> unsaid = new ArrayList<>();
    for (String english : Sentences.read().keySet()) {
      for (String part : PLACE.split(english)) {
        String kind =
            english.replaceFirst("^There is no such (key|token|user|plugin|publisher)$", "$1");
        String wanted = kind.equals(english) ? part.strip() : "notFound(\"" + kind + "\")";
        if (sources.indexOf(wanted) < 0) {
          unsaid.add(english);
        }
      }
    }
    assertThat(unsaid).isEmpty();
  }

  private static Set<String> places(String text) {
    Set<String> places = new TreeSet<>();
    Matcher each = PLACE.matcher(text);
    while (each.find()) {
      places.add(each.group());
    }
    return places;
  }
}
