package io.mimir.upstream.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.mimir.security.Secret;
import io.mimir.security.SecretTraces;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import org.apache.hc.core5.http.message.BasicHttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProviderHeadersTest {

  private static final String KEY = "sk-proj-0123456789012345-abcdefghij";

  private static Map<String, String> passed(String... namesAndValues) {
    BasicHttpResponse response = new BasicHttpResponse(200);
    for (int i = 0; i < namesAndValues.length; i += 2) {
      response.addHeader(namesAndValues[i], namesAndValues[i + 1]);
    }
    return ProviderHeaders.passed(response, () -> SecretTraces.of(Secret.of(KEY)));
  }

  @ParameterizedTest
  @CsvSource({
    "x-ratelimit-limit-requests, 10000",
    "x-ratelimit-remaining-tokens, 149984",
    "x-ratelimit-reset-tokens, 6m0s",
    "x-ratelimit-reset-requests, 8.64s",
    "x-ratelimit-remaining-req-minute, 59",
    "x-ratelimit-reset, 1764460800000",
    "anthropic-ratelimit-input-tokens-remaining, 40000",
    "anthropic-ratelimit-requests-reset, 2026-11-29T12:00:00Z",
    "anthropic-ratelimit-unified-5h-utilization, 0.42",
    "anthropic-ratelimit-unified-status, allowed_warning",
    "openai-processing-ms, 812",
    "openai-model, gpt-4.1-mini-2026-04-14",
    "openai-version, 2020-10-01"
  })
  void whatClientsLookAtGoesOn(String name, String value) {
    assertThat(passed(name, value)).containsExactly(entry(name, value));
  }

  @Test
  void theProvidersRequestIdHasANameOfItsOwn() {
    assertThat(passed("Request-Id", "req_011CSHoEeqs5C35K2UUqR7Fy"))
        .containsExactly(entry("x-provider-request-id", "req_011CSHoEeqs5C35K2UUqR7Fy"));
    assertThat(passed("X-Request-ID", "3f0c-1", "request-id", "second"))
        .containsExactly(entry("x-provider-request-id", "3f0c-1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "openai-organization",
        "openai-project",
        "set-cookie",
        "authorization",
        "x-ratelimit-of-mine",
        "x-ratelimit-limit-requests-and-more",
        "anthropic-organization-id",
        "anthropic-ratelimit-key-limit",
        "x-api-key"
      })
  void otherNamesDoNot(String name) {
    assertThat(passed(name, "1")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x-ratelimit-limit-requests|Bearer x",
        "x-ratelimit-limit-requests|abcdef",
        "x-ratelimit-reset-requests|6m0s; key",
        "anthropic-ratelimit-unified-status|whatever",
        "anthropic-ratelimit-tokens-reset|2026-11-29",
        "x-request-id|two words",
        "request-id|<script>",
        "openai-processing-ms|fast"
      })
  void valuesOfAnotherShapeDoNot(String name, String value) {
    assertThat(passed(name, value)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"x-request-id", "openai-model", "openai-version", "x-ratelimit-limit-tokens"})
  void noPartOfTheKeyGoesOnInAnyForm(String name) {
    byte[] key = KEY.getBytes(StandardCharsets.UTF_8);
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();

    assertThat(passed(name, KEY)).isEmpty();
    assertThat(passed(name, "01234567")).as("digits are in the key, too").isEmpty();
    assertThat(passed(name, encoder.encodeToString(key))).isEmpty();
    assertThat(passed(name, encoder.encodeToString(("x" + KEY).getBytes(StandardCharsets.UTF_8))))
        .isEmpty();
    assertThat(passed(name, HexFormat.of().formatHex(key, 3, 13))).isEmpty();
    assertThat(passed(name, "%73%6b" + KEY.substring(2, 12))).isEmpty();
  }

  @Test
  void theSecretsAreNotTouchedForHeadersThatStayAnyway() {
    BasicHttpResponse response = new BasicHttpResponse(200);
    response.addHeader("Server", "nginx");

    assertThat(
            ProviderHeaders.passed(
                response,
                () -> {
                  throw new AssertionError("asked for");
                }))
        .isEmpty();
  }
}
