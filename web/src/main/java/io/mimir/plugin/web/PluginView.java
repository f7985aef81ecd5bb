package io.mimir.plugin.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.plugin.Plugin;
import io.mimir.plugin.PluginFile;
import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.kit.inspect.Check;
import io.mimir.plugin.kit.manifest.Manifest;
import io.mimir.plugin.service.PluginRegistry;
import io.mimir.plugin.service.PluginRegistry.Standing;
import io.mimir.plugin.service.Plugins;
import java.time.Instant;
import java.util.List;

/**
 * What a client sees of a plugin.
 *
 * @param reason a word for the cause of its state; null when there is nothing to say
 * @param detail the same in a sentence, or null
 * @param fix what to do about it, or null
 * @param signature whether there is one
 * @param next another version that waits for trust while this one runs; absent when there is none
 * @param jail what its process reported, an object; null before it ever ran
 * @param config without what is secret
 * @param checks what was looked at; absent but after an upload
 * @param message what was done; absent where nothing was
 */
public record PluginView(
    String id,
    String name,
    String displayName,
    String type,
    String version,
    String description,
    String author,
    String filePath,
    boolean isEnabled,
    boolean isBuiltin,
    String state,
    String reason,
    String detail,
    String fix,
    boolean signature,
    String sha256,
    @JsonInclude(JsonInclude.Include.NON_NULL) NextView next,
    @JsonRawValue String jail,
    int generation,
    @JsonRawValue String config,
    JsonNode configSchema,
    List<ActionView> actions,
    Instant createdAt,
    Instant updatedAt,
    @JsonInclude(JsonInclude.Include.NON_NULL) List<CheckView> checks,
    @JsonInclude(JsonInclude.Include.NON_NULL) String message) {

  /** What a plugin offers. */
  public record ActionView(
      String name,
      String description,
      @JsonRawValue String inputSchema,
      @JsonRawValue String outputSchema,
      boolean idempotent) {}

  /** A version that is kept, and not run until somebody trusts it. */
  public record NextView(
      String version, String sha256, boolean signature, String reason, String fix) {

    static NextView of(PluginFile file) {
      // Anything else but these two would not have been kept.
      RefusalReason reason =
          file.signature() == null ? RefusalReason.UNSIGNED : RefusalReason.UNKNOWN_KEY;
      return new NextView(
          file.version(), file.sha256(), file.signature() != null, reason.name(), reason.fix());
    }
  }

  /** One thing that was looked at. */
  public record CheckView(String check, boolean passed, String reason, String message) {
    static CheckView of(Check check) {
      return new CheckView(
          check.check(),
          check.passed(),
          check.reason() == null ? null : check.reason().name(),
          check.message());
    }
  }

  static PluginView of(
      Plugin plugin, Plugins plugins, PluginRegistry registry, List<Check> checks, String message) {
    Standing standing = registry.standingOf(plugin);
    List<ActionView> actions =
        plugins.manifestOf(plugin).map(Manifest::actions).orElse(List.of()).stream()
            .map(
                action ->
                    new ActionView(
                        action.name(),
                        action.description(),
                        action.inputSchema().map(Object::toString).orElse(null),
                        action.outputSchema().map(Object::toString).orElse(null),
                        action.idempotent()))
            .toList();
    return new PluginView(
        plugin.getId(),
        plugin.getName(),
        plugin.getDisplayName(),
        plugin.getType().wire(),
        plugin.getVersion(),
        plugin.getDescription(),
        plugin.getAuthor(),
        plugin.getFilePath(),
        plugin.isEnabled(),
        plugin.isBuiltin(),
        standing.state().code(),
        standing.reason(),
        standing.message(),
        standing.reason() == null ? null : RefusalReason.valueOf(standing.reason()).fix(),
        plugin.file().map(PluginFile::signature).isPresent(),
        plugin.file().map(PluginFile::sha256).orElse(null),
        plugin.next().map(NextView::of).orElse(null),
        standing.jail(),
        standing.generation(),
        plugin.getConfig(),
        plugins.configSchemaOf(plugin),
        actions,
        plugin.getCreatedAt(),
        plugin.getUpdatedAt(),
        checks == null ? null : checks.stream().map(CheckView::of).toList(),
        message);
  }
}
