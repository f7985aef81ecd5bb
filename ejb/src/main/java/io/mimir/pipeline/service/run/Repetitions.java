package io.mimir.pipeline.service.run;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Keys by which a receiver tells a repetition from another call. */
final class Repetitions {

  /** 128 bits. */
  private static final int BYTES = 16;

  private Repetitions() {}

  /**
   * Returns the key of an attempt: 32 hexadecimal digits. An attempt that repeats one that a crash
   * may have cut off has the same key; one that follows a failure has another.
   *
   * @param failures how many attempts failed before
   */
  static String key(String runId, String path, int failures) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest((runId + "/" + path + "/" + failures).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
