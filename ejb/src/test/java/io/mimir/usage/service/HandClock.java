package io.mimir.usage.service;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that is turned by hand. */
public class HandClock extends Clock {

  private volatile Instant now;

  /**
   * @param now in ISO 8601, such as {@code 2026-01-01T00:00:00Z}
   */
  public HandClock(String now) {
    this.now = Instant.parse(now);
  }

  public void forward(Duration by) {
    now = now.plus(by);
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }

  @Override
  public Instant instant() {
    return now;
  }
}
