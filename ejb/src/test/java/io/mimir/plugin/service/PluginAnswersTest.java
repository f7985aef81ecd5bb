package io.mimir.plugin.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.error.Problem;
import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.kit.inspect.Check;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PluginAnswersTest {

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void refuses(byte[] output, String why) {
    assertThatThrownBy(() -> PluginAnswers.json(output))
        .isInstanceOfSatisfying(
            PluginCallException.class,
            e -> assertThat(e.kind()).isEqualTo(PluginCallException.Kind.CRASHED))
        .hasMessageContaining("The plugin's answer is no JSON: " + why);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{}", " [1, {\"a\": null}] ", "\"\u00e9\ud83d\ude00\"", "0", "true", "null"})
  void oneValueGoesOutAsItIs(String json) throws Exception {
    assertThat(PluginAnswers.json(utf8(json))).isEqualTo(utf8(json));
  }

  @Test
  void nothingStandsForNull() throws Exception {
    assertThat(PluginAnswers.json(new byte[0])).isEqualTo(utf8("null"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "secret",
        "{",
        "{\"a\":}",
        "[1,]",
        "{'a':1}",
        "NaN",
        "01",
        "\"\n\"",
        "\ufeff{}",
        "\u0000",
        "<html>"
      })
  void whatIsNoJsonDoesNotGoOut(String text) {
    refuses(utf8(text), "line ");
    assertThatThrownBy(() -> PluginAnswers.json(utf8(text))).hasMessageNotContaining("secret");
  }

  @Test
  void whatIsNoUtf8DoesNotGoOut() {
    refuses(new byte[] {'"', (byte) 0xff, '"'}, "it is not in UTF-8");
    refuses(new byte[] {'"', (byte) 0xc0, (byte) 0xaf, '"'}, "it is not in UTF-8");
    refuses(new byte[] {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'}, "it is not in UTF-8");
    refuses("{}".getBytes(StandardCharsets.UTF_16LE), "line ");
    refuses("[]".getBytes(Charset.forName("UTF-32BE")), "line ");
  }

  @Test
  void moreThanOneValueOrNoneDoesNotGoOut() {
    refuses(utf8("{} {}"), "there is more than one value in it");
    refuses(utf8("  "), "there is nothing in it");
  }

  @Test
  void whatOnlyAwaitsTrustIsNoReasonForARefusalWhereThereIsAnother() {
    Check unsigned = Check.failed("trust", RefusalReason.UNSIGNED, "There is no signature");
    Check taken = Check.failed("name", RefusalReason.NAME_TAKEN, "There already is one");

    assertThat(new PluginRefusedException(Problem.NAME_TAKEN, List.of(unsigned, taken)))
        .hasMessageStartingWith("There already is one. Upload with replace=true");
    assertThat(new PluginRefusedException(Problem.PLUGIN_REFUSED, List.of(unsigned)))
        .hasMessageStartingWith("There is no signature");
  }

  @Test
  void anEndIsToldInWords() {
    assertThat(HostEnd.inWords(1)).contains("SIGSEGV");
    assertThat(HostEnd.inWords(128 + 11)).contains("SIGSEGV");
    assertThat(HostEnd.inWords(3)).isEqualTo("It ended by itself with code 3");
  }
}
