package io.mimir.pipeline.service.run;

import io.mimir.plugin.kit.trust.Sha256;
import java.nio.charset.StandardCharsets;

/** Keys by which a receiver tells a repetition from another call. */
final class Repetitions {

  /** 128 bits. */
  private static final int DIGITS = 32;

  private Repetitions() {}

  /**
   * Returns the key of an attempt: 32 hexadecimal digits. An attempt that repeats one that a crash
   * may have cut off has the same key; one that follows a failure has another.
   *
   * @param failures how many attempts failed before
   */
  static String key(String runId, String path, int failures) {
    String attempt = runId + "/" + path + "/" + failures;
    return Sha256.of(attempt.getBytes(StandardCharsets.UTF_8)).substring(0, DIGITS);
  }
}
