package io.mimir.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class LoginGuardTest {

  /** A clock that is set by hand. */
  private static final class HandClock extends Clock {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private final HandClock clock = new HandClock();
  private final LoginGuard guard = new LoginGuard(clock);

  private void fail(int times, String user, String address) {
    for (int i = 0; i < times; i++) {
      assertThat(guard.begin(user, address)).isEmpty();
    }
  }

  @Test
  void fourMistakesAreForgiven() {
    fail(4, "root", "10.0.0.1");

    assertThat(guard.wait("root", "10.0.0.1")).isEmpty();
  }

  @Test
  void theFifthClosesTheAccountToThatAddressForThirtySeconds() {
    fail(5, "root", "10.0.0.1");

    assertThat(guard.wait("ROOT ", "10.0.0.1")).contains(Duration.ofSeconds(30));
    assertThat(guard.wait("root", "10.0.0.2")).isEmpty();
    assertThat(guard.wait("other", "10.0.0.1")).isEmpty();
  }

  @Test
  void eachFurtherMistakeDoublesTheWaitUpToFifteenMinutes() {
    fail(5, "root", "10.0.0.1");
    for (long minutes : new long[] {1, 2, 4, 8, 15, 15}) {
      clock.now = clock.now.plus(guard.wait("root", "10.0.0.1").orElseThrow());
      fail(1, "root", "10.0.0.1");
      assertThat(guard.wait("root", "10.0.0.1")).contains(Duration.ofMinutes(minutes));
    }
  }

  @Test
  void theWaitEnds() {
    fail(5, "root", "10.0.0.1");
    clock.now = clock.now.plusSeconds(30);

    assertThat(guard.wait("root", "10.0.0.1")).isEmpty();
  }

  @Test
  void aRightPasswordForgetsTheMistakes() {
    fail(5, "root", "10.0.0.1");
    guard.succeeded("root", "10.0.0.1");
    fail(4, "root", "10.0.0.1");

    assertThat(guard.wait("root", "10.0.0.1")).isEmpty();
  }

  @Test
  void fiftyMistakesFromOneAddressCloseEverythingToItForTenMinutes() {
    for (int i = 0; i < 50; i++) {
      guard.begin("user" + i, "10.0.0.1");
    }

    assertThat(guard.wait("somebody", "10.0.0.1")).contains(Duration.ofMinutes(10));
    assertThat(guard.wait("somebody", "10.0.0.2")).isEmpty();

    clock.now = clock.now.plus(Duration.ofMinutes(10)).plusMillis(1);
    assertThat(guard.wait("somebody", "10.0.0.1")).isEmpty();
  }

  @Test
  void aFloodOfNamesDoesNotGrowWithoutEnd() {
    for (int i = 0; i < 100_000; i++) {
      guard.begin("user" + i, "10." + i % 200 + "." + i % 199 + "." + i % 251);
    }

    assertThat(guard.size()).isLessThan(50_000);
  }

  /** 150 at once were all hashed, when they counted at their end. */
  @Test
  void manyAtOnceAreNotLetInBeforeTheFirstIsKnownToBeWrong() {
    int let = 0;
    for (int i = 0; i < 150; i++) {
      let += guard.begin("root", "10.0.0.1").isEmpty() ? 1 : 0;
    }

    assertThat(let).isEqualTo(5);
  }

  @Test
  void oneRefusalOfEachWaitIsTheFirst() {
    fail(5, "root", "10.0.0.1");

    assertThat(firsts("root", "10.0.0.1", 20)).isEqualTo(1);
    clock.now = clock.now.plus(guard.wait("root", "10.0.0.1").orElseThrow());
    fail(1, "root", "10.0.0.1");
    assertThat(firsts("root", "10.0.0.1", 20)).as("of the next wait").isEqualTo(1);
    fail(5, "other", "10.0.0.1");
    assertThat(firsts("other", "10.0.0.1", 20)).as("of another account").isEqualTo(1);
  }

  @Test
  void anAddressThatIsClosedHasOneFirstRefusalWhateverTheNames() {
    for (int i = 0; i < 50; i++) {
      guard.begin("user" + i, "10.0.0.1");
      clock.now = clock.now.plusSeconds(1);
    }
    int firsts = 0;
    for (int i = 0; i < 200; i++) {
      firsts += guard.begin("name" + i, "10.0.0.1").orElseThrow().first() ? 1 : 0;
    }
    assertThat(firsts).isEqualTo(1);

    clock.now = clock.now.plus(guard.wait("somebody", "10.0.0.1").orElseThrow()).plusMillis(1);
    assertThat(guard.begin("somebody", "10.0.0.1")).isEmpty();
    assertThat(firsts("somebody", "10.0.0.1", 20)).as("when it is closed again").isEqualTo(1);
  }

  /** A wait may end between two looks at the clock: an attempt is judged by one. */
  @Test
  void anAttemptIsOfOneMoment() {
    AtomicReference<Instant> next = new AtomicReference<>(clock.now);
    Clock ticking =
        new Clock() {
          @Override
          public Instant instant() {
            return next.getAndUpdate(now -> now.plusSeconds(1));
          }

          @Override
          public ZoneId getZone() {
            return ZoneOffset.UTC;
          }

          @Override
          public Clock withZone(ZoneId zone) {
            return this;
          }
        };
    LoginGuard guarded = new LoginGuard(ticking);
    for (int i = 0; i < 50; i++) {
      guarded.begin("user" + i, "10.0.0.1");
    }
    for (int i = 0; i < 1_200; i++) {
      int number = i;
      assertThatCode(() -> guarded.begin("name" + number, "10.0.0.1")).doesNotThrowAnyException();
    }
  }

  private int firsts(String user, String address, int attempts) {
    int firsts = 0;
    for (int i = 0; i < attempts; i++) {
      firsts += guard.begin(user, address).orElseThrow().first() ? 1 : 0;
    }
    return firsts;
  }

  @Test
  void whatNobodyLookedAtDoesNotCount() {
    for (int i = 0; i < 100; i++) {
      fail(1, "root", "10.0.0.1");
      guard.dropped("root", "10.0.0.1");
    }

    assertThat(guard.wait("root", "10.0.0.1")).isEmpty();
    assertThat(guard.wait("other", "10.0.0.1")).isEmpty();
  }

  @Test
  void aNetworkOfOneCustomerIsOneAddress() {
    for (int i = 0; i < 5; i++) {
      fail(1, "root", "2001:db8:1:2::" + Integer.toHexString(i));
    }

    assertThat(guard.wait("root", "2001:db8:1:2:ffff::1")).isPresent();
    assertThat(guard.wait("root", "2001:db8:1:3::1")).isEmpty();
  }

  @Test
  void anAddressIsTheSameInTheClothesOfIpv6() {
    fail(5, "root", "192.0.2.1");

    assertThat(guard.wait("root", "::ffff:192.0.2.1")).isPresent();
  }
}
