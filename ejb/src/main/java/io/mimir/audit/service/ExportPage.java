package io.mimir.audit.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.audit.AuditEvent;
import io.mimir.audit.ChainHead;
import io.mimir.audit.ChainLink;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;

/**
 * A part of the log for a copy outside: one JSON object a line, with the members of the API and
 * {@code node}, {@code position}, {@code previous} and {@code seal}, which are what a verification
 * of the copy needs.
 *
 * @param lines each with its line end
 * @param next to go on after; null when this was the last part
 */
public record ExportPage(List<String> lines, ChainHead next) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  static ExportPage of(List<StoredEvent> rows, int fullRows) {
    // What has no place in a chain was put there by somebody else: a verification names it.
    List<StoredEvent> linked = rows.stream().filter(row -> row.link() != null).toList();
    boolean isLast = rows.size() < fullRows || linked.isEmpty();
    return new ExportPage(
        linked.stream().map(ExportPage::line).toList(),
        isLast ? null : linked.get(linked.size() - 1).link().head());
  }

  private static String line(StoredEvent row) {
    AuditEvent event = row.event();
    ObjectNode line = JSON.createObjectNode();
    line.put("id", event.getId());
    line.put("at", event.getAt() == null ? null : event.getAt().toString());
    line.put("actor", event.getActor());
    line.put("address", event.getAddress());
    line.put("action", event.getAction());
    line.put("target", event.getTarget());
    line.put("target_id", event.getTargetId());
    line.put("target_name", event.getTargetName());
    line.put("outcome", event.getOutcome());
    line.set("changes", ChangesJson.read(event.getChanges()));
    line.put("request_id", event.getRequestId());
    line.put("node", row.link().node());
    line.put("position", row.link().position());
    line.put("previous", row.link().previous());
    line.put("seal", row.link().seal());
    return line + "\n";
  }

  /**
   * Reads a line again.
   *
   * @throws IllegalArgumentException when it is no line of an exported log
   */
  static StoredEvent read(String text) {
    try {
      JsonNode line = JSON.readTree(text);
      JsonNode changes = line.path("changes");
      AuditEvent event =
          AuditEvent.ofStored(
              text(line, "id"),
              Instant.parse(line.path("at").asText()),
              new AuditEvent.Actor(
                  text(line, "actor"), text(line, "address"), text(line, "request_id")),
              text(line, "action"),
              new AuditEvent.Target(
                  text(line, "target"), text(line, "target_id"), text(line, "target_name")),
              text(line, "outcome"),
              changes.isEmpty() ? null : changes.toString());
      ChainLink link =
          new ChainLink(
              line.path("node").asText(),
              line.path("position").asLong(),
              line.path("previous").asText(),
              line.path("seal").asText());
      return new StoredEvent(event, link);
    } catch (JsonProcessingException | DateTimeException e) {
      throw new IllegalArgumentException("This is no line of an exported audit log", e);
    }
  }

  private static String text(JsonNode line, String name) {
    return line.path(name).isTextual() ? line.path(name).asText() : null;
  }
}
