package io.mimir.pipeline.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.mimir.pipeline.PipelineTrigger;
import java.time.Instant;

/**
 * What a client sees of a trigger.
 *
 * @param missed {@code run}, {@code skip} or {@code report}; null for a webhook
 * @param signed null for cron
 * @param secret of a webhook, once: in the answer that made it
 * @param address where webhooks are sent to; null for cron
 */
public record TriggerView(
    String id,
    String kind,
    String cron,
    String timeZone,
    String missed,
    Boolean signed,
    @JsonInclude(JsonInclude.Include.NON_NULL) String secret,
    String address,
    boolean isActive,
    Instant lastRunAt,
    Instant nextRunAt) {

  static TriggerView of(PipelineTrigger trigger, String secret) {
    boolean hook = trigger.getKind().equals(PipelineTrigger.WEBHOOK);
    return new TriggerView(
        trigger.getId(),
        trigger.getKind(),
        trigger.getCron(),
        trigger.getTimeZone(),
        trigger.getMissed(),
        hook ? Boolean.valueOf(trigger.isSigned()) : null,
        secret,
        hook ? "/hooks/" + trigger.getId() : null,
        trigger.isActive(),
        trigger.getLastRunAt(),
        trigger.getNextRunAt());
  }
}
