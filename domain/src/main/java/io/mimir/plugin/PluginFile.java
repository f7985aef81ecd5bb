package io.mimir.plugin;

import static java.util.Objects.requireNonNull;

/**
 * A plugin's library as it was accepted.
 *
 * @param version of the plugin, from the manifest
 * @param path below the plugin folder
 * @param sha256 64 hexadecimal digits, lower case
 * @param manifest UTF-8 JSON, byte for byte as the file has it
 * @param signature the detached signature, Base64; null when there is none
 */
public record PluginFile(
    String version, String path, String sha256, String manifest, String signature) {

  public PluginFile {
    requireNonNull(version);
    requireNonNull(path);
    requireNonNull(sha256);
    requireNonNull(manifest);
  }
}
