package io.mimir.audit.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.audit.AuditEvent;
import io.mimir.audit.service.ChangesJson;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * An event as the list shows it.
 *
 * @param changes the first few
 * @param moreChanges the others
 */
public record AuditRow(
    String id,
    Instant at,
    String actor,
    String address,
    String action,
    String target,
    String targetId,
    String outcome,
    String requestId,
    List<ChangeText> changes,
    List<ChangeText> moreChanges) {

  private static final int SHOWN_CHANGES = 4;

  /**
   * A change in words.
   *
   * @param old null where there was nothing
   * @param now null where there is nothing any more
   * @param secret whether only that it changed is told
   */
  public record ChangeText(String field, String old, String now, boolean secret) {

    /** Tells whether it took the place of something. */
    public boolean isReplacement() {
      return old != null && now != null;
    }
  }

  static AuditRow of(AuditEvent event) {
    List<ChangeText> changes = new ArrayList<>();
    for (JsonNode change : ChangesJson.read(event.getChanges())) {
      String old = words(change.path("old"));
      String now = words(change.path("new"));
      changes.add(
          new ChangeText(change.path("field").asText(), old, now, old == null && now == null));
    }
    int shown = Math.min(SHOWN_CHANGES, changes.size());
    boolean named = event.getTargetName() != null;
    return new AuditRow(
        event.getId(),
        event.getAt(),
        event.getActor(),
        event.getAddress(),
        event.getAction(),
        named ? event.getTargetName() : event.getTarget(),
        named ? event.getTargetId() : null,
        event.getOutcome(),
        event.getRequestId(),
        changes.subList(0, shown),
        changes.subList(shown, changes.size()));
  }

  private static String words(JsonNode value) {
    if (value.isNull() || value.isMissingNode()) {
      return null;
    }
    if (value.isArray()) {
      List<String> members = new ArrayList<>();
      value.forEach(member -> members.add(member.asText()));
      return members.isEmpty() ? "–" : String.join(", ", members);
    }
    return value.asText().isEmpty() ? "–" : value.asText();
  }
}
