package io.mimir.plugin.service.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.plugin.Plugin;
import io.mimir.plugin.PluginType;
import io.mimir.plugin.kit.manifest.Manifest;
import io.mimir.plugin.service.CallContext;
import io.mimir.plugin.service.ConfigSchema.Split;
import io.mimir.plugin.service.PluginCallException;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.service.TestVaults;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** One built-in plugin as it is stored, configured and called. */
final class Bench {

  private final Vault vault = TestVaults.fresh();
  private final Builtins builtins;
  private final Plugin row;

  Bench(BuiltinPlugin plugin) {
    builtins = Builtins.of(vault, List.of(plugin));
    Manifest manifest = builtins.manifest(plugin.name()).orElseThrow();
    row =
        Plugin.builtin(
            plugin.name(),
            PluginType.of(manifest.type().wire()).orElseThrow(),
            manifest.version().toString(),
            Instant.EPOCH);
  }

  static JsonNode json(String text) {
    try {
      return Builtins.JSON.readTree(text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  Plugin row() {
    return row;
  }

  Builtins builtins() {
    return builtins;
  }

  Manifest manifest() {
    return builtins.manifest(row.getName()).orElseThrow();
  }

  /** Lays a configuration in as an administrator does, over an empty one. */
  Bench configure(String config) {
    ObjectNode none = Builtins.JSON.createObjectNode();
    Split laid =
        builtins
            .configSchema(row.getName())
            .lay((ObjectNode) json(config), new Split(none, none.deepCopy()));
    String secrets = laid.secret().isEmpty() ? "" : laid.secret().toString();
    row.configure(laid.open().toString(), Secret.of(secrets), vault);
    return this;
  }

  JsonNode call(String action, String input) throws PluginCallException {
    return call(action, input, null);
  }

  JsonNode call(String action, String input, Duration patience) throws PluginCallException {
    return json(
        new String(
            builtins.call(
                row, action, input.getBytes(StandardCharsets.UTF_8), CallContext.lasting(patience)),
            StandardCharsets.UTF_8));
  }

  /** Why a call brings nothing. */
  PluginCallException failure(String action, String input) {
    return failure(action, input, null);
  }

  PluginCallException failure(String action, String input, Duration patience) {
    try {
      throw new AssertionError("answered " + call(action, input, patience));
    } catch (PluginCallException e) {
      return e;
    }
  }

  /** The code of a refusal, as the plugin itself gives it. */
  String refusal(String action, String input) {
    return json(new String(failure(action, input).detail(), StandardCharsets.UTF_8))
        .path("code")
        .asText();
  }
}
