package io.mimir.gateway.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import org.junit.jupiter.api.Test;

/** How many calls are answered at once at most. */
class CallsInFlightTest {

  private final CallsInFlight flights = new CallsInFlight();

  @Test
  void aCallIsTakenWhereThereIsRoomForIt() {
    flights.most = 1;
    assertThat(flights.refusal()).isNull();
  }

  @Test
  void aCallIsToldToComeBackWhereThereIsNone() {
    flights.most = 0;
    assertThat(flights.refusal())
        .extracting(ProblemException::problem)
        .isEqualTo(Problem.OVERLOADED);
    assertThat(flights.refusal().retryAfter()).isPresent();
  }
}
