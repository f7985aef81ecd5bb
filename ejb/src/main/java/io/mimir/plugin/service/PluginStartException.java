package io.mimir.plugin.service;

import io.mimir.plugin.PluginState;

/** A plugin that did not come up. */
final class PluginStartException extends Exception {

  private static final long serialVersionUID = 1L;

  private final PluginState state;

  /**
   * @param state what it is in for that
   */
  PluginStartException(PluginState state, String message) {
    super(message);
    this.state = state;
  }

  PluginState state() {
    return state;
  }
}
