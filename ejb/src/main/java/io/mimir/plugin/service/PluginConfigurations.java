package io.mimir.plugin.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.audit.Facts;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.plugin.Plugin;
import io.mimir.plugin.kit.manifest.Manifest;
import io.mimir.plugin.kit.manifest.ManifestException;
import io.mimir.plugin.service.ConfigSchema.Split;
import io.mimir.plugin.service.builtin.Builtins;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.VaultException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;

/** The configurations of plugins: their schema, their open part and their sealed part. */
@ApplicationScoped
public class PluginConfigurations {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final String CONFIG = "config.";

  @Inject Vault vault;
  @Inject Builtins builtins;

  /**
   * Gives a plugin another configuration; it is not stored yet.
   *
   * @param configuration a JSON object; secrets that it leaves out stay as they are
   * @throws ProblemException INVALID or REFUSED when it does not fit the schema
   */
  void configure(Plugin plugin, JsonNode configuration) {
    if (!(configuration instanceof ObjectNode sent)) {
      throw ProblemException.of(
          Problem.INVALID, "config", "invalid", "The configuration is a JSON object");
    }
    ConfigSchema schema = schemaOf(plugin);
    Split present = present(plugin);
    Split laid = schema.lay(sent, present);
    if (plugin.isBuiltin()) {
      builtins.vet(plugin.getName(), sent, present, laid);
    }
    String secret = laid.secret().isEmpty() ? "" : laid.secret().toString();
    try (Secret secrets = Secret.of(secret)) {
      plugin.configure(laid.open().toString(), secrets, vault);
    }
  }

  private Split present(Plugin plugin) {
    try (Secret secrets = plugin.openSecrets(vault)) {
      return new Split(
          (ObjectNode) JSON.readTree(plugin.getConfig()),
          secrets.isEmpty()
              ? JSON.createObjectNode()
              : (ObjectNode) JSON.readTree(secrets.reveal()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A stored configuration is no JSON");
    }
  }

  /** Returns what the audit log may tell of a plugin and its configuration. */
  Facts factsOf(Plugin plugin) {
    Facts facts = PluginFacts.of(plugin);
    try {
      Split split = present(plugin);
      for (var member : split.open().properties()) {
        facts.tell(CONFIG + member.getKey(), plain(member.getValue()));
      }
      for (var member : split.secret().properties()) {
        facts.secret(CONFIG + member.getKey(), mark(member.getValue()));
      }
    } catch (VaultException e) {
      facts.secret("config", "unreadable");
    }
    return facts;
  }

  private static Object plain(JsonNode value) {
    if (value.isNumber()) {
      return value.numberValue();
    }
    return value.isBoolean() ? (Object) value.booleanValue() : value.isNull() ? null : text(value);
  }

  private static String text(JsonNode value) {
    return value.isTextual() ? value.textValue() : value.toString();
  }

  private String mark(JsonNode value) {
    try (Secret secret = Secret.of(text(value))) {
      return HexFormat.of().formatHex(vault.mac("audit", secret));
    }
  }

  /** Returns what may be configured. */
  ConfigSchema schemaOf(Plugin plugin) {
    if (plugin.isBuiltin()) {
      return builtins.configSchema(plugin.getName());
    }
    return ConfigSchema.of(
        manifestOf(plugin).flatMap(Manifest::configSchema).map(Object::toString).orElse(null));
  }

  /**
   * Returns what the plugin says of itself; empty for what was built into another version of the
   * server.
   */
  Optional<Manifest> manifestOf(Plugin plugin) {
    if (plugin.isBuiltin()) {
      return builtins.manifest(plugin.getName());
    }
    return plugin
        .file()
        .map(
            file -> {
              try {
                return Manifest.read(file.manifest().getBytes(StandardCharsets.UTF_8));
              } catch (ManifestException e) {
                throw new IllegalStateException("A stored manifest cannot be read", e);
              }
            });
  }
}
