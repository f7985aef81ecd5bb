package io.mimir.security.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class UserSessionTest {

  private static final Instant NOW = Instant.parse("2026-01-31T08:00:00Z");

  private final UserSession session = new UserSession("usr_1", NOW, "binding", "csrf", NOW, null);

  @Test
  void signingInIsNoConfirmation() {
    assertThat(session.isConfirmed(NOW)).isFalse();
  }

  @Test
  void aConfirmationCountsForFiveMinutesAndNoLonger() {
    UserSession confirmed = session.confirmed(NOW);

    assertThat(confirmed.isConfirmed(NOW)).isTrue();
    assertThat(confirmed.isConfirmed(NOW.plus(Duration.ofSeconds(299)))).isTrue();
    assertThat(confirmed.isConfirmed(NOW.plus(Duration.ofMinutes(5)))).isFalse();
  }

  @Test
  void newCookiesLeaveTheRestAsItIs() {
    UserSession bound = session.confirmed(NOW).boundBy("another");

    assertThat(bound).isEqualTo(new UserSession("usr_1", NOW, "another", "csrf", NOW, NOW));
  }
}
