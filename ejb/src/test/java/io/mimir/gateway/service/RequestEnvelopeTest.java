package io.mimir.gateway.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.error.ProblemException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestEnvelopeTest {

  private static RequestEnvelope read(String json) {
    return RequestEnvelope.read(json.getBytes(StandardCharsets.UTF_8));
  }

  private static String body(String json, String model, boolean withUsage) {
    return new String(read(json).body(model, withUsage), StandardCharsets.UTF_8);
  }

  @Test
  void findsModelAndStreamWhereverTheyStand() {
    RequestEnvelope head =
        read(
            "{\"messages\":[{\"model\":\"no\",\"stream\":7}],\"stream\":true,\"model\":\"gpt-4\"}");

    assertThat(head.model()).isEqualTo("gpt-4");
    assertThat(head.isStreamed(false)).isTrue();
  }

  @Test
  void whatIsNotSaidIsAsTheProtocolHasIt() {
    assertThat(read("{\"model\":\"m\"}").isStreamed(true)).isTrue();
    assertThat(read("{\"model\":\"m\"}").isStreamed(false)).isFalse();
    assertThat(read("{\"model\":\"m\",\"stream\":null}").isStreamed(true)).isTrue();
    assertThat(read("{\"model\":\"m\",\"stream\":false}").isStreamed(true)).isFalse();
  }

  @Test
  void theBodyStaysAsItCameWhenNothingHasToChange() {
    byte[] bytes = "{ \"model\" : \"gpt-4\" , \"x\":1e2 }".getBytes(StandardCharsets.UTF_8);

    assertThat(RequestEnvelope.read(bytes).body("gpt-4", false)).isSameAs(bytes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{\"model\":\"openai/gpt-4\",\"a\":1}|{\"model\":\"gpt-4\",\"a\":1}",
        "{\"a\":\"\u00e4\u20ac\",\"model\" :  \"openai/gpt-4\" }|{\"a\":\"\u00e4\u20ac\",\"model\" :  \"gpt-4\" }",
        "{\"model\":\"openai/gpt\\u002d4\"}|{\"model\":\"gpt-4\"}"
      })
  void onlyTheNameOfTheModelIsPutInPlace(String json, String expected) {
    assertThat(body(json, "gpt-4", false)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{\"model\":\"m\"}|{\"stream_options\":{\"include_usage\":true},\"model\":\"m\"}",
        "{\"model\":\"m\",\"stream_options\":{}}|{\"model\":\"m\",\"stream_options\":{\"include_usage\":true}}",
        "{\"stream_options\":{\"x\":1},\"model\":\"m\"}|{\"stream_options\":{\"include_usage\":true,\"x\":1},\"model\":\"m\"}",
        "{\"model\":\"m\",\"stream_options\":{\"include_usage\":false}}|{\"model\":\"m\",\"stream_options\":{\"include_usage\":false}}",
        "{\"model\":\"m\",\"stream_options\":null}|{\"model\":\"m\",\"stream_options\":null}"
      })
  void tokenCountsAreAskedForWhereTheClientLeftItOpen(String json, String expected) {
    assertThat(body(json, "m", true)).isEqualTo(expected);
  }

  @Test
  void modelAndTokenCountsCanBothBePutIn() {
    assertThat(body("{\"stream_options\":{},\"model\":\"p/m\"}", "m", true))
        .isEqualTo("{\"stream_options\":{\"include_usage\":true},\"model\":\"m\"}");
    assertThat(body("{\"model\":\"p/m\",\"stream_options\":{}}", "m", true))
        .isEqualTo("{\"model\":\"m\",\"stream_options\":{\"include_usage\":true}}");
    assertThat(body("{\"model\":\"p/m\"}", "m", true))
        .isEqualTo("{\"stream_options\":{\"include_usage\":true},\"model\":\"m\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "api_base",
        "API_BASE",
        "base_url",
        "api_key",
        "apiKey",
        "endpoint_url",
        "organization",
        "custom_llm_provider",
        "extra_headers"
      })
  void whereAKeyIsUsedIsNotTheCallersChoice(String field) {
    assertThatThrownBy(() -> read("{\"model\":\"m\",\"" + field + "\":\"https://evil.test\"}"))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.errors()).hasSize(1);
              assertThat(e.errors().get(0).field()).isEqualToIgnoringCase(field);
              assertThat(e.getMessage()).doesNotContain("evil");
            });
  }

  @Test
  void aProviderIsRefusedByNameAndPreferencesOfARouterAreNot() {
    assertThatThrownBy(() -> read("{\"model\":\"m\",\"provider\":\"openai\"}"))
        .isInstanceOf(ProblemException.class);
    assertThat(read("{\"model\":\"m\",\"provider\":{\"order\":[\"a\"]}}").model()).isEqualTo("m");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "null",
        "\"text\"",
        "{",
        "{\"model\":\"m\"}x",
        "{\"model\":\"m\"}{}",
        "{\"model\":\"m\",\"model\":\"n\"}",
        "{\"model\":\"m\",\"stream\":true,\"stream\":false}",
        "{\"model\":7}",
        "{\"model\":\"\"}",
        "{\"model\":null}",
        "{\"model\":[\"m\"]}",
        "{\"model\":\"m\",\"stream\":\"yes\"}",
        "{\"model\":\"m\",\"stream_options\":7}",
        "{\"model\":\"m\",}"
      })
  void whatIsNotOneCleanObjectIsRefused(String json) {
    assertThatThrownBy(() -> read(json)).isInstanceOf(ProblemException.class);
  }

  private static long opening(String system, String first, String later) {
    return read("{\"model\":\"m\",\"system\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":[%s]}%s]}"
            .formatted(
                system,
                "{\"type\":\"text\",\"text\":\"%s\",\"cache_control\":{\"type\":\"x\"}}"
                    .formatted(first),
                later))
        .openingHash();
  }

  @Test
  void aConversationIsKnownByWhatItBeginsWith() {
    String more =
        ",{\"role\":\"assistant\",\"content\":\"c\"},{\"role\":\"user\",\"content\":\"d\"}";
    String said = "say \\\"é\\\" \\\\";
    long opening = opening("be kind", said, "");

    assertThat(opening).isNotZero().isEqualTo(opening("be kind", said, more));
    assertThat(opening("be kind", said + "\\\"x", more)).isNotEqualTo(opening);
    assertThat(opening("be terse", said, "")).isNotEqualTo(opening);
    assertThat(read("{\"model\":\"m\",\"messages\":[]}").openingHash()).isZero();
  }

  @Test
  void aTextThatDoesNotEndIsRefused() {
    assertThatThrownBy(() -> read("{\"model\":\"m\",\"system\":\"a\\"))
        .isInstanceOf(ProblemException.class);
  }

  @Test
  void nestingHasAnEnd() {
    assertThatThrownBy(() -> read("{\"a\":" + "[".repeat(100_000)))
        .isInstanceOf(ProblemException.class);
  }

  @Test
  void picturesMayBeLarge() {
    String picture = "A".repeat(25_000_000);

    assertThat(read("{\"image\":\"" + picture + "\",\"model\":\"m\"}").model()).isEqualTo("m");
  }
}
