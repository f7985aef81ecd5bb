package io.mimir.credential.service;

import io.mimir.usage.service.UsageMeter;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.function.LongSupplier;

/**
 * What administrators let a key be used for: requests and tokens per minute, calls at once, tokens
 * per month.
 */
@ApplicationScoped
public class KeyLimits {

  @Inject UsageMeter meter;

  /**
   * Takes a call out of all limits of a key, or out of none.
   *
   * @param tokens tells about how many the question has; asked only where that counts
   */
  public boolean take(RoutableKey key, long nanos, LongSupplier tokens) {
    KeyRuntime runtime = key.runtime();
    if (isSpent(key)) {
      return false;
    }
    if (runtime.concurrent.incrementAndGet() > key.maxConcurrent()) {
      runtime.concurrent.decrementAndGet();
      return false;
    }
    boolean counted =
        key.requestsPerMinute() != Integer.MAX_VALUE
            && runtime.requests.tryTake(key.requestsPerMinute(), nanos);
    boolean taken =
        (counted || key.requestsPerMinute() == Integer.MAX_VALUE)
            && (key.tokensPerMinute() == Long.MAX_VALUE
                || runtime.tokens.tryTake(key.tokensPerMinute(), tokens.getAsLong(), nanos));
    if (taken) {
      return true;
    }
    runtime.concurrent.decrementAndGet();
    if (counted) {
      runtime.requests.giveBack();
    }
    return false;
  }

  /** Gives back what was taken for a call that is not made after all. */
  public void giveBack(RoutableKey key, long nanos, LongSupplier tokens) {
    KeyRuntime runtime = key.runtime();
    runtime.concurrent.decrementAndGet();
    if (key.requestsPerMinute() != Integer.MAX_VALUE) {
      runtime.requests.giveBack();
    }
    if (key.tokensPerMinute() != Long.MAX_VALUE) {
      runtime.tokens.add(-tokens.getAsLong(), nanos);
    }
  }

  /** Whether the tokens of this month are used up. */
  public boolean isSpent(RoutableKey key) {
    return key.monthlyTokens() != Long.MAX_VALUE
        && meter.tokensThisMonth(key.id()) >= key.monthlyTokens();
  }

  /** How long until a key has room for a call. */
  public Duration waitFor(RoutableKey key, long nanos, LongSupplier tokens) {
    KeyRuntime runtime = key.runtime();
    Duration wait = Duration.ZERO;
    if (key.requestsPerMinute() != Integer.MAX_VALUE) {
      wait = runtime.requests.waitFor(key.requestsPerMinute(), nanos);
    }
    if (key.tokensPerMinute() != Long.MAX_VALUE) {
      Duration forTokens = runtime.tokens.waitFor(key.tokensPerMinute(), tokens.getAsLong(), nanos);
      wait = wait.compareTo(forTokens) > 0 ? wait : forTokens;
    }
    // Nobody knows when one of the concurrent calls will end.
    return wait.isZero() ? Duration.ofSeconds(1) : wait;
  }

  static Duration untilNextMonth() {
    OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC);
    return Duration.between(now, now.withDayOfMonth(1).plusMonths(1).truncatedTo(ChronoUnit.DAYS));
  }
}
