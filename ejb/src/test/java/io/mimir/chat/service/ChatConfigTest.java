package io.mimir.chat.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.lifecycle.service.StartException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChatConfigTest {

  private static ChatConfig config(String days) {
    ChatConfig config = new ChatConfig();
    config.retentionDays = Optional.ofNullable(days);
    return config;
  }

  @Test
  void keepsConversationsUnlessItIsTold() {
    assertThat(config(null).retention()).isEmpty();
    assertThat(config(" ").retention()).isEmpty();
  }

  @Test
  void readsANumberOfDays() {
    assertThat(config(" 30 ").retention()).contains(Duration.ofDays(30));
    assertThat(config("36500").retention()).contains(Duration.ofDays(36_500));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "1.5", "30d", "forever", "36501", "99999999999999999999"})
  void stopsTheStartWhenItIsNone(String days) {
    assertThatThrownBy(() -> config(days).retention())
        .isInstanceOfSatisfying(
            StartException.class, e -> assertThat(e.exit().code()).isEqualTo(78))
        .hasMessageContaining("MIMIR_CHAT_RETENTION_DAYS")
        .hasMessageContaining("1 to 36500");
  }
}
