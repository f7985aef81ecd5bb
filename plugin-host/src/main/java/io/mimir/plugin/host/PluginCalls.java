package io.mimir.plugin.host;

import com.sun.jna.Pointer;

/** The functions of sdk/mimir_plugin.h, bound to the one library that this process loads. */
final class PluginCalls {

  private PluginCalls() {}

  static native int mimir_plugin_abi_version();

  static native int mimir_plugin_open(
      Pointer config, long length, Pointer host, Pointer instance, Pointer error, Pointer size);

  static native int mimir_plugin_call(
      Pointer instance, Pointer action, Pointer input, long length, Pointer output, Pointer size);

  static native void mimir_plugin_free(Pointer bytes, long length);

  static native void mimir_plugin_close(Pointer instance);
}
