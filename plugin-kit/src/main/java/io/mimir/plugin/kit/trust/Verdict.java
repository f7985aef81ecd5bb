package io.mimir.plugin.kit.trust;

import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.kit.inspect.Check;

/**
 * Whether a file may run.
 *
 * @param basis why it may; null when it may not
 * @param sha256 of the bytes that were judged
 * @param publisher who signed, as far as that is proved; null for nobody
 * @param reason why it may not; null when it may
 * @param message for people
 */
public record Verdict(
    Basis basis, String sha256, Publisher publisher, RefusalReason reason, String message) {

  /** What trust rests upon. */
  public enum Basis {
    HASH,
    PUBLISHER
  }

  public Verdict {
    if ((basis == null) == (reason == null)) {
      throw new IllegalArgumentException("A verdict has a basis or a reason");
    }
  }

  static Verdict byHash(String sha256) {
    return new Verdict(Basis.HASH, sha256, null, null, "An administrator allows this exact file");
  }

  static Verdict by(Publisher publisher, String sha256) {
    return new Verdict(Basis.PUBLISHER, sha256, publisher, null, "Signed by " + publisher.name());
  }

  static Verdict not(RefusalReason reason, String sha256, Publisher publisher, String message) {
    return new Verdict(null, sha256, publisher, reason, message);
  }

  public boolean trusted() {
    return basis != null;
  }

  /** The same as a check named {@code trust}. */
  public Check check() {
    return new Check("trust", trusted(), reason, message);
  }
}
