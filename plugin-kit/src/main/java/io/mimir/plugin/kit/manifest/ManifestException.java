package io.mimir.plugin.kit.manifest;

import io.mimir.plugin.kit.RefusalReason;

/** The manifest does not say what it has to; the message names the member. */
public final class ManifestException extends Exception {

  private static final long serialVersionUID = 1L;

  private final RefusalReason reason;

  ManifestException(String message) {
    this(RefusalReason.BAD_MANIFEST, message);
  }

  ManifestException(RefusalReason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** BAD_MANIFEST, or ABI_UNSUPPORTED for one that is too new. */
  public RefusalReason reason() {
    return reason;
  }
}
