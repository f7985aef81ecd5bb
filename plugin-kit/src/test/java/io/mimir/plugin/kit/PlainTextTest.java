package io.mimir.plugin.kit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainTextTest {

  @ParameterizedTest
  @ValueSource(strings = {"", "Acme, Inc.", "日本語 עברית ä", "👩‍💻", "می‌خواهم", "<script>"})
  void whatPeopleWriteIsPlain(String text) {
    assertThat(PlainText.isPlain(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u0000",
        "\u001b[0m",
        "a\nb",
        "\u0085",
        "\u200b",
        "\u200e",
        "\u202a",
        "\u202e",
        "\u2028",
        "\u2066",
        "\u2069",
        "\ufeff",
        "\ue000",
        "\ud800",
        "\udb40\udc41",
        "\u061c",
        "\uffff"
      })
  void whatHidesIsNot(String text) {
    assertThat(PlainText.isPlain(text)).isFalse();
    assertThat(PlainText.isPlain(PlainText.quoted(text))).isTrue();
  }

  @Test
  void linesMayBeAllowed() {
    assertThat(PlainText.isPlainOverLines("a\n\tb")).isTrue();
    assertThat(PlainText.isPlainOverLines("a\rb")).isFalse();
  }

  @Test
  void whatIsQuotedIsCut() {
    assertThat(PlainText.quoted("😀".repeat(100))).isEqualTo('"' + "😀".repeat(80) + "…\"");
    assertThat(PlainText.quoted("a\u202eb")).isEqualTo("\"a\\u{202e}b\"");
  }
}
