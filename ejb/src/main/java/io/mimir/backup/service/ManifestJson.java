package io.mimir.backup.service;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.backup.BackupManifest;
import io.mimir.backup.BackupManifest.Entry;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A manifest as JSON, with names in snake_case. */
public final class ManifestJson {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .build();

  private ManifestJson() {}

  /** Returns the manifest as a tree. */
  public static ObjectNode tree(BackupManifest manifest) {
    ObjectNode json = JSON.createObjectNode();
    json.put("format", manifest.format());
    json.put("created_at", manifest.createdAt().toString());
    json.put("schema", manifest.schema());
    json.put("readable_from", manifest.readableFrom());
    json.put("master_key_id", manifest.masterKeyId());
    ObjectNode rows = json.putObject("rows");
    new TreeMap<>(manifest.rows()).forEach(rows::put);
    json.set("entries", JSON.valueToTree(manifest.entries()));
    json.set("missing", JSON.valueToTree(manifest.missing()));
    return json;
  }

  static byte[] write(BackupManifest manifest) throws IOException {
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(tree(manifest));
  }

  /**
   * Reads a manifest.
   *
   * @throws BackupException when it is none, or of a newer form
   */
  static BackupManifest read(byte[] bytes) throws BackupException {
    try {
      JsonNode json = JSON.readTree(bytes);
      int format = json.path("format").asInt();
      if (format > BackupManifest.FORMAT) {
        throw new BackupException(
            "The backup has form %d, and this Mimir reads forms up to %d: use the Mimir that made it, or a newer one"
                .formatted(format, BackupManifest.FORMAT));
      }
      List<Entry> entries = new ArrayList<>();
      for (JsonNode entry : json.path("entries")) {
        entries.add(JSON.treeToValue(entry, Entry.class));
      }
      Map<String, Long> rows = new TreeMap<>();
      json.path("rows")
          .properties()
          .forEach(row -> rows.put(row.getKey(), row.getValue().asLong()));
      List<String> missing = new ArrayList<>();
      json.path("missing").forEach(name -> missing.add(name.asText()));
      return new BackupManifest(
          format,
          Instant.parse(json.path("created_at").asText()),
          json.path("schema").asInt(),
          json.path("readable_from").asInt(),
          json.path("master_key_id").asText(),
          rows,
          entries,
          missing);
    } catch (IOException | DateTimeException e) {
      throw new BackupException("The manifest of the backup cannot be read", e);
    }
  }
}
