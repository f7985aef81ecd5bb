package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestsTest {

  @ParameterizedTest
  @ValueSource(strings = {"/", "/chat", "/settings/audit?actor=ada&from=2026-01-01"})
  void leadsBackToAnAddressOfThisSite(String next) {
    assertThat(Requests.isOurs(next)).isTrue();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "chat",
        "//evil.example",
        "/\\evil.example",
        "/chat\\..\\x",
        "https://evil.example/",
        "javascript:alert(1)",
        "/a b",
        "/\t/evil.example",
        "/chat\r\nSet-Cookie: a=b",
        "/ä"
      })
  void neverLeadsAnywhereElse(String next) {
    assertThat(Requests.isOurs(next)).isFalse();
  }
}
