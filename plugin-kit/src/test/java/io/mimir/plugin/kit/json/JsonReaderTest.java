package io.mimir.plugin.kit.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {

  private static Json read(String text) throws JsonException {
    return JsonReader.read(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-1.5e+10",
        "123456789012345678901234567890",
        "\"\"",
        "\"ä€😀\"",
        "\"\\\\ \\\" /\"",
        "{\"a\":[1,{\"b\":null},\"c\"],\"\":{}}",
        "\"\\u0007\\u003c\""
      })
  void comesBackAsItWas(String text) throws JsonException {
    assertThat(read(text)).hasToString(text);
  }

  @Test
  void blanksAndEscapesDoNotMatter() throws JsonException {
    assertThat(read(" \t\r\n{ \"\\u0061\" : [ 1 , 2 ] } \n")).isEqualTo(read("{\"a\":[1,2]}"));
    assertThat(read("\"\\ud83d\\ude00\\b\\f\\n\\r\\t\\/\""))
        .isEqualTo(new Json.Text("😀\b\f\n\r\t/"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":1 \"b\":2}",
        "[1 2]",
        "1 2",
        "{}{}",
        "nul",
        "truee",
        "True",
        "NaN",
        "Infinity",
        "01",
        "+1",
        "-",
        "1.",
        ".5",
        "1e",
        "1e+",
        "0x10",
        "\"",
        "\"a",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\u\uff11\uff12\uff13\uff14\"",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"\n\"",
        "\"\u0000\"",
        "// no\n1",
        "/* no */1",
        "\ufeff{}",
        "\u00a01",
        "{\"a\":1,\"\\u0061\":2}"
      })
  void whatIsNotJsonIsRefused(String text) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(JsonException.class);
  }

  @ParameterizedTest
  @CsvSource({"c0af", "ff", "eda080", "f4908080", "e282", "7b7d80"})
  void whatIsNotUtf8IsRefused(String hex) {
    byte[] bytes = java.util.HexFormat.of().parseHex("22" + hex + "22");

    assertThatThrownBy(() -> JsonReader.read(bytes)).hasMessageContaining("UTF-8");
  }

  @Test
  void messagesSayWhere() {
    assertThatThrownBy(() -> read("{\n  \"a\": x\n}"))
        .hasMessage("Expected a value, found \"x\" (line 2, column 8)");
    assertThatThrownBy(() -> read("{\"a\":1,\n\"a\":2}"))
        .hasMessage("\"a\" is there twice (line 2, column 1)");
    assertThatThrownBy(() -> read("[\u202e")).hasMessageContaining("\\u{202e}");
  }

  @Test
  void depthAndSizeHaveBounds() throws JsonException {
    assertThat(read("[".repeat(33) + "]".repeat(33))).isNotNull();
    assertThatThrownBy(() -> read("[".repeat(34) + "]".repeat(34)))
        .hasMessageContaining("32 levels");
    assertThatThrownBy(() -> read("[".repeat(60_000))).isInstanceOf(JsonException.class);
    assertThat(read(" ".repeat(65_535) + "1")).isEqualTo(new Json.Num("1"));
    assertThatThrownBy(() -> read(" ".repeat(65_536) + "1")).hasMessageContaining("64 KiB");
    assertThatThrownBy(() -> read("1".repeat(65))).hasMessageContaining("number");
  }
}
