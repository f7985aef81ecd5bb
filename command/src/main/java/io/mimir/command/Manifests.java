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
import java.util.function.Predicate;
import java.util.stream.Collectors;

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

  private static final String PLUGINS = "plugins/";
  private static final String RUNS = "runs/";

  /** A file of a plugin is told by its name alone. */
  private static final Predicate<String> RUN_FILE = name -> name.startsWith(RUNS);

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
    parts.add(count(files(manifest, PLUGINS), "plugin file"));
    parts.add(count(files(manifest, RUNS), "large value") + " of runs");
    String text =
        "  made     %s%n  size     %s%n  holds    %s%n  sealed   with the master key %s"
            .formatted(
                manifest.createdAt().truncatedTo(ChronoUnit.SECONDS),
                size(bytes),
                String.join(", ", parts),
                manifest.masterKeyId());
    return text + missing(manifest);
  }

  private static long files(BackupManifest manifest, String prefix) {
    return manifest.entries().stream().filter(entry -> entry.name().startsWith(prefix)).count();
  }

  private static String missing(BackupManifest manifest) {
    Map<Boolean, List<String>> byKind =
        manifest.missing().stream().collect(Collectors.partitioningBy(RUN_FILE));
    StringBuilder text = new StringBuilder();
    if (!byKind.get(false).isEmpty()) {
      text.append(
          "%n  missing  %s (not in the plugin folder, or changed there)"
              .formatted(String.join(", ", byKind.get(false))));
    }
    if (!byKind.get(true).isEmpty()) {
      text.append(
          "%n  missing  %s (values of runs: not in the data folder, or changed there)"
              .formatted(String.join(", ", byKind.get(true))));
    }
    return text.toString();
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
