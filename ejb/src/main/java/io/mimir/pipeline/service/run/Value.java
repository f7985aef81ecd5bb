package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A value of a run as the journal holds it: in place when it is small, else the hash of a file.
 *
 * @param inline null when it is in a file
 * @param sha256 of the file's bytes, in hex; null when it is in place
 * @param bytes as JSON in UTF-8
 */
public record Value(JsonNode inline, String sha256, long bytes) {

  /** Writes {@code {"value": …}} or {@code {"file": "<sha256>", "bytes": n}}. */
  public ObjectNode toJson() {
    ObjectNode json = RunJson.object();
    return sha256 == null
        ? json.set("value", inline)
        : json.put("file", sha256).put("bytes", bytes);
  }

  /** Reads what {@link #toJson} wrote. */
  public static Value of(JsonNode json) {
    return json.has("file")
        ? new Value(null, json.get("file").textValue(), json.get("bytes").longValue())
        : new Value(json.get("value"), null, 0);
  }
}
