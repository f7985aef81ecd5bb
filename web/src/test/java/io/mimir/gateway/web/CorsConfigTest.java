package io.mimir.gateway.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.lifecycle.service.StartException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CorsConfigTest {

  @Test
  void originsAreReadAsBrowsersSendThem() {
    assertThat(
            CorsConfig.parse(
                " http://localhost:5173, https://Chat.Example.org/ ,,app://obsidian.md,http://[::1]:80"))
        .containsExactlyInAnyOrder(
            "http://localhost:5173",
            "https://chat.example.org",
            "app://obsidian.md",
            "http://[::1]:80");
  }

  @Test
  void nothingMeansNobody() {
    assertThat(CorsConfig.parse("")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "https://*.example.org", "http://localhost:*"})
  void anOriginForEverybodyStopsTheStart(String text) {
    assertThatThrownBy(() -> CorsConfig.parse("http://localhost:1," + text))
        .isInstanceOfSatisfying(
            StartException.class,
            e -> assertThat(e.exit()).isEqualTo(StartException.Exit.CONFIGURATION))
        .hasMessageContaining("each origin");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:5173", "null", "http://a b", "http://host/path", "http://"})
  void whatIsNoOriginStopsTheStart(String text) {
    assertThatThrownBy(() -> CorsConfig.parse(text))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("MIMIR_CORS_ORIGINS");
  }
}
