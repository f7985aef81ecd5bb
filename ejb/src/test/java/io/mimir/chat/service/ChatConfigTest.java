package io.mimir.chat.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.lifecycle.service.StartException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long conversations are kept. */
class ChatConfigTest {

  private static Optional<Duration> retention(String days) {
    ChatConfig config = new ChatConfig();
    config.retentionDays = Optional.ofNullable(days);
    return config.retention();
  }

  @Test
  void withoutANumberTheyAreKept() {
    assertThat(retention(null)).isEmpty();
    assertThat(retention(" ")).isEmpty();
    assertThat(retention(" 30 ")).contains(Duration.ofDays(30));
    assertThat(retention("36500")).contains(Duration.ofDays(36_500));
  }

  @ParameterizedTest
  @ValueSource(strings = {"soon", "0", "-1", "1.5", "36501", "1e2", "030"})
  void aNumberThatIsNoneStopsTheStart(String days) {
    assertThatThrownBy(() -> retention(days))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("MIMIR_CHAT_RETENTION_DAYS must be a whole number of days");
  }
}
