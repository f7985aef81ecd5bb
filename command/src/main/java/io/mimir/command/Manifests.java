package io.mimir.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.backup.BackupManifest;
import io.mimir.backup.service.ManifestJson;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What is told of a backup. */
final class Manifests {

  private static final Map<String, String> TOLD = new LinkedHashMap<>();

  static {
    TOLD.put("api_keys", "key");
    TOLD.put("accounts", "account");
    TOLD.put("access_tokens", "token");
    TOLD.put("conversations", "conversation");
    TOLD.put("audit_events", "audit event");
  }

  private Manifests() {}

  static ObjectNode json(BackupManifest manifest, Path file) {
    ObjectNode json = Output.JSON.createObjectNode().put("file", file.toString());
    json.setAll(ManifestJson.tree(manifest));
    return json;
  }

  static String text(BackupManifest manifest, long bytes) {
    List<String> parts = new ArrayList<>();
    TOLD.forEach(
        (table, word) -> {
          Long rows = manifest.rows().get(table);
          if (rows != null) {
            parts.add(count(rows, word));
          }
        });
    parts.add(count(manifest.entries().size() - 1, "plugin file"));
    String text =
        "  made     %s%n  size     %s%n  holds    %s%n  sealed   with the master key %s"
            .formatted(
                manifest.createdAt().truncatedTo(ChronoUnit.SECONDS),
                size(bytes),
                String.join(", ", parts),
                manifest.masterKeyId());
    return manifest.missing().isEmpty()
        ? text
        : text
            + "%n  missing  %s (not in the plugin folder, or changed there)"
                .formatted(String.join(", ", manifest.missing()));
  }

  private static String count(long number, String word) {
    return "%d %s%s".formatted(number, word, number == 1 ? "" : "s");
  }

  private static String size(long bytes) {
    return bytes < 1024 * 1024
        ? "%d KiB".formatted(Math.max(1, bytes >> 10))
        : String.format(Locale.ROOT, "%.1f MiB", bytes / 1024.0 / 1024.0);
  }
}
