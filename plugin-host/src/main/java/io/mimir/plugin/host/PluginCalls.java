package io.mimir.plugin.host;

import com.sun.jna.Pointer;

/**
 * The functions of sdk/mimir_plugin.h, bound to the one library that this process loads. What is
 * called for each call takes addresses: there is nothing to convert.
 */
final class PluginCalls {

  private PluginCalls() {}

  static native int mimir_plugin_abi_version();

  static native int mimir_plugin_open(
      Pointer config, long length, Pointer host, Pointer instance, Pointer error, Pointer size);

  static native int mimir_plugin_call(
      long instance, long action, long input, long length, long output, long size);

  static native void mimir_plugin_free(long bytes, long length);

  static native void mimir_plugin_close(long instance);
}
