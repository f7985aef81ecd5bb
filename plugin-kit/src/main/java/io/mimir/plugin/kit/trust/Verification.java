package io.mimir.plugin.kit.trust;

import io.mimir.plugin.kit.RefusalReason;
import java.time.Instant;
import java.util.Optional;

/** Takes the bytes of a file, then says whether a key has signed them. */
interface Verification {

  /**
   * Why a signature does not count.
   *
   * @param message constant, for people
   */
  record Refusal(RefusalReason reason, String message) {

    static final Optional<Refusal> NONE = Optional.empty();

    static final Optional<Refusal> INVALID =
        Optional.of(
            new Refusal(
                RefusalReason.SIGNATURE_INVALID,
                "The signature is not one of this file by that key"));

    static Optional<Refusal> unless(boolean valid) {
      return valid ? NONE : INVALID;
    }
  }

  void update(byte[] bytes, int length);

  /** After the last byte; may be asked for several keys. */
  Optional<Refusal> verify(PublisherKey key, Instant now);
}
