package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.http.Cookie;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class LanguagesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "de|de",
        "DE|de",
        "de-AT|de",
        "de-Latn-CH-1996|de",
        "en|en",
        "en-GB,de;q=0.9|en",
        "de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7|de",
        "en;q=0.4, de;q=0.6|de",
        "de, en|de",
        "fr, de;q=0.5|de",
        "fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5|en"
      })
  void theBrowserGetsWhatItLikesBestOfWhatThereIs(String header, String language) {
    assertThat(choose(null, header)).isEqualTo(language);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"de;q=0|en", "de;q=0, en;q=0.1|en", "de;q=0.000|en", "en;q=0, *|de", "*, en;q=0|de"})
  void whatTheBrowserDoesNotWantItDoesNotGet(String header, String language) {
    assertThat(choose(null, header)).isEqualTo(language);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        " ",
        "*",
        "fr, it;q=0.5",
        "deu",
        "dex-AT",
        "de;q=",
        "de;q=2",
        "de;q=-1",
        "de;q=ja",
        "de_AT",
        ";q=1",
        ",,,",
        "d\u0000e",
        "<script>",
        "..."
      })
  void everythingElseIsEnglish(String header) {
    assertThat(choose(null, header)).isEqualTo("en");
  }

  @Test
  void aHeaderThatNoBrowserSendsIsNotEvenRead() {
    assertThat(choose(null, "de," + "x".repeat(2_000))).isEqualTo("en");
  }

  @ParameterizedTest
  @CsvSource({"en, de", "de, en", "de, 'de;q=0'", "de, nonsense;;", "de,"})
  void thePersonsChoiceCountsFirst(String chosen, String header) {
    assertThat(choose(chosen, header)).isEqualTo(chosen);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "fr", "DE", "de-AT", "de; Path=/", "../de"})
  void aChoiceThatNobodyCouldMakeDoesNotCount(String chosen) {
    assertThat(choose(chosen, "de")).isEqualTo("de");
    assertThat(choose(chosen, "en")).isEqualTo("en");
  }

  @Test
  void theCookieStaysOnThisSiteAndOutOfScripts() {
    Cookie cookie = Languages.cookie("de", true);

    assertThat(cookie.getName()).isEqualTo("lang");
    assertThat(cookie.getValue()).isEqualTo("de");
    assertThat(cookie.getPath()).isEqualTo("/");
    assertThat(cookie.isHttpOnly()).isTrue();
    assertThat(cookie.getSecure()).isTrue();
    assertThat(cookie.getAttribute("SameSite")).isEqualTo("Strict");
    assertThat(cookie.getMaxAge()).isEqualTo(31_536_000);
  }

  private static String choose(String chosen, String header) {
    return Languages.choose(chosen, header).getLanguage();
  }
}
