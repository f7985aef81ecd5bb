package io.mimir.plugin.kit.inspect;

import java.util.List;

/** The names of the C ABI, version 1 (design/plugins.md, sdk/mimir_plugin.h). */
final class Abi {

  static final String MANIFEST = "mimir_plugin_manifest";

  static final List<String> FUNCTIONS =
      List.of(
          "mimir_plugin_abi_version",
          "mimir_plugin_open",
          "mimir_plugin_call",
          "mimir_plugin_free",
          "mimir_plugin_close");

  /** Those that a plugin may leave out. */
  static final List<String> OPTIONAL_FUNCTIONS =
      List.of("mimir_plugin_health", "mimir_plugin_configure", "mimir_plugin_cancel");

  /** The most bytes of a manifest, with the NUL. */
  static final int MAX_MANIFEST = 64 * 1024;

  private Abi() {}
}
