package io.mimir.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretTracesTest {

  private static final String KEY = "sk-proj-9fQ2xLw7Zt_4vB1~mR8";

  private final SecretTraces traces = SecretTraces.of(Secret.of(KEY));

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(bytes(text));
  }

  /** Every part of the key of a length. */
  private static List<String> parts(int length) {
    return IntStream.rangeClosed(0, KEY.length() - length)
        .mapToObj(i -> KEY.substring(i, i + length))
        .toList();
  }

  @Test
  void eightCharactersInARowAreFoundAndSevenAreNot() {
    assertThat(parts(8)).allMatch(traces::areIn).allMatch(part -> traces.areIn("id-" + part + "!"));
    assertThat(parts(7)).noneMatch(traces::areIn);
  }

  @Test
  void theyAreFoundInBase64WhateverStandsBeforeThem() {
    for (String before : List.of("", "!", "Be", "Bearer ")) {
      assertThat(parts(8))
          .allMatch(part -> traces.areIn(base64(before + part)))
          .allMatch(part -> traces.areIn("id_" + base64(before + part + "tail")))
          .allMatch(part -> traces.areIn("qq" + base64(before + part)));
      assertThat(parts(7)).noneMatch(part -> traces.areIn(base64(before + part)));
    }
  }

  @Test
  void theyAreFoundInTheBase64OfAddresses() {
    String unusual = "\u00ff\u00fe?>~~\u00ff\u00fe??>>";
    SecretTraces others = SecretTraces.of(Secret.of(unusual));
    String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(unusual));

    assertThat(encoded).containsAnyOf("-", "_");
    assertThat(others.areIn(encoded)).isTrue();
  }

  @Test
  void theyAreFoundInHexadecimalDigits() {
    HexFormat dashed = HexFormat.ofDelimiter("-").withUpperCase();
    for (String part : parts(8)) {
      String hex = HexFormat.of().formatHex(bytes(part));
      assertThat(traces.areIn(hex)).isTrue();
      assertThat(traces.areIn("0" + hex.toUpperCase(Locale.ROOT))).isTrue();
      assertThat(traces.areIn("req_" + dashed.formatHex(bytes(part)))).isTrue();
    }
    assertThat(parts(7)).noneMatch(part -> traces.areIn(HexFormat.of().formatHex(bytes(part))));
  }

  @Test
  void theyAreFoundBehindPercentEscapes() {
    for (String part : parts(8)) {
      String all = HexFormat.ofDelimiter("%").formatHex(bytes(part));
      assertThat(traces.areIn("%" + all)).isTrue();
      assertThat(traces.areIn("%" + all.substring(0, 2) + part.substring(1))).isTrue();
    }
    assertThat(traces.areIn(base64(KEY + "?").replace("=", "%3D").replace("c", "%63"))).isTrue();
  }

  @Test
  void theOtherCaseIsTheSameSecret() {
    assertThat(traces.areIn(KEY.toLowerCase(Locale.ROOT))).isTrue();
    assertThat(traces.areIn(KEY.toUpperCase(Locale.ROOT))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "req_0123456789abcdef0123456789abcdef",
        "2026-11-29T12:00:00.000Z",
        "6m0s",
        "149999",
        "100%",
        "50%zz%4",
        "The key is wrong; ask for another sk- of yours"
      })
  void ordinaryTextsHoldNone(String text) {
    assertThat(traces.areIn(text)).isFalse();
  }

  @Test
  void anyOfSeveralSecretsIsFound() {
    SecretTraces several =
        SecretTraces.of(List.of(Secret.of(KEY), Secret.of(""), Secret.of("a-second-header-value")));

    assertThat(several.areIn("cond-header")).isTrue();
    assertThat(several.areIn(KEY)).isTrue();
    assertThat(several.areIn("another")).isFalse();
  }

  @Test
  void aShortSecretIsFoundAsAWholeAndAVeryShortOneIsNot() {
    assertThat(SecretTraces.of(Secret.of("ollam")).areIn("key ollam is wrong")).isTrue();
    assertThat(SecretTraces.of(Secret.of("ollam")).areIn("olla")).isFalse();
    assertThat(SecretTraces.of(Secret.of("abc")).areIn("abc")).isFalse();
    assertThat(SecretTraces.of(Secret.of("")).areIn("anything at all")).isFalse();
  }

  @Test
  void itShowsNothingOfTheSecret() {
    assertThat(traces).hasToString("SecretTraces[*****]");
  }
}
