package io.mimir.credential;

import java.util.Locale;

/** What an administrator needs to know of a key at a glance. */
public enum KeyStatus {
  ACTIVE,
  DISABLED,
  FAILING,
  UNTESTED,
  UNREADABLE;

  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
