package io.mimir.plugin.kit.trust;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The tools whose keys and detached signatures are understood. */
public enum KeyKind {
  GPG,
  MINISIGN,
  SSH,
  /** Nothing around the key and the signature. */
  ED25519;

  /** As it is written in the API and in the database. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<KeyKind> of(String wire) {
    return Arrays.stream(values()).filter(kind -> kind.wire().equals(wire)).findFirst();
  }
}
