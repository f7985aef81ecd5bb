package io.mimir.credential.service;

import io.mimir.credential.RateWindow;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How often keys may be tested: a test is a request to wherever an administrator says, and must not
 * become a scanner (T16).
 */
@ApplicationScoped
public class KeyTestLimiter {

  private static final int PER_MINUTE_AND_ADMINISTRATOR = 10;
  private static final long PER_KEY = Duration.ofSeconds(1).toNanos();
  private static final int MOST_REMEMBERED = 10_000;

  private final Map<String, RateWindow> administrators = new ConcurrentHashMap<>();
  private final Map<String, Long> keys = new ConcurrentHashMap<>();

  /**
   * @param keyId null for a key that is not saved
   * @throws ProblemException RATE_LIMITED with the time to wait
   */
  void take(String administrator, String keyId) {
    long now = System.nanoTime();
    if (keyId != null) {
      keys.compute(
          keyId,
          (id, last) -> {
            if (last != null && now - last < PER_KEY) {
              throw tooOften(Duration.ofNanos(PER_KEY - (now - last)));
            }
            return now;
          });
      if (keys.size() > MOST_REMEMBERED) {
        keys.values().removeIf(last -> now - last >= PER_KEY);
      }
    }
    RateWindow window = administrators.computeIfAbsent(administrator, name -> new RateWindow());
    if (!window.tryTake(PER_MINUTE_AND_ADMINISTRATOR, now)) {
      throw tooOften(window.waitFor(PER_MINUTE_AND_ADMINISTRATOR, now));
    }
  }

  private static ProblemException tooOften(Duration wait) {
    return ProblemException.retryable(
        Problem.RATE_LIMITED,
        "A key can be tested once a second, and you can test ten times a minute",
        wait);
  }
}
