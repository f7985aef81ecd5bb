package io.mimir.plugin.service;

import io.mimir.plugin.PluginState;
import io.mimir.plugin.kit.RefusalReason;

/** A plugin that did not come up. */
final class PluginStartException extends Exception {

  private static final long serialVersionUID = 1L;

  private final PluginState state;
  private final RefusalReason reason;

  /**
   * @param state what it is in for that
   * @param reason null when it was meant to
   */
  PluginStartException(PluginState state, RefusalReason reason, String message) {
    super(message);
    this.state = state;
    this.reason = reason;
  }

  RefusalReason reason() {
    return reason;
  }

  PluginState state() {
    return state;
  }
}
