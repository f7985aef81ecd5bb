package io.mimir.plugin;

import java.util.Locale;

/** Where a plugin is in its life; the lower-case names are those of contract.md. */
public enum PluginState {
  /** Kept and never run, until somebody trusts it. */
  AWAITING_TRUST,
  DISABLED,
  STARTING,
  RUNNING,
  /** Stopping: running calls may end. */
  DRAINING,
  /** It crashed, and is being started again. */
  RESTARTING,
  /** It crashed too often; an administrator has to start it again. */
  QUARANTINED,
  /** Its file is not the one that was trusted. */
  TAMPERED,
  /** It cannot run here any more. */
  INCOMPATIBLE,
  /** Its file is gone. */
  MISSING;

  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
