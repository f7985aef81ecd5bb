package io.mimir.pipeline.web;

import io.mimir.pipeline.PipelineTrigger;
import io.mimir.web.Times;
import java.time.Instant;
import java.time.ZoneId;

/**
 * A trigger as its list shows it.
 *
 * @param name what it is called by in questions: its times, or the path that it listens at
 * @param missed {@code run}, {@code skip} or {@code report}; null for a webhook, like the zone
 * @param address where webhooks are sent to, whole, so that it can be copied; null for cron
 * @param next the next time in the trigger's own zone, for people; null when there is none
 */
public record TriggerRow(
    String id,
    String kind,
    String name,
    String timeZone,
    String missed,
    boolean signed,
    String address,
    boolean active,
    Instant lastRunAt,
    Instant nextRunAt,
    String next) {

  /**
   * @param base the address of this server, as those that send webhooks know it
   */
  static TriggerRow of(PipelineTrigger trigger, String base) {
    boolean timed = trigger.getKind().equals(PipelineTrigger.CRON);
    String path = "/hooks/" + trigger.getId();
    return new TriggerRow(
        trigger.getId(),
        trigger.getKind(),
        timed ? trigger.getCron() : path,
        trigger.getTimeZone(),
        trigger.getMissed(),
        trigger.isSigned(),
        timed ? null : base + path,
        trigger.isActive(),
        trigger.getLastRunAt(),
        trigger.getNextRunAt(),
        next(trigger));
  }

  private static String next(PipelineTrigger trigger) {
    return trigger.getNextRunAt() == null
        ? null
        : Times.hour().withZone(ZoneId.of(trigger.getTimeZone())).format(trigger.getNextRunAt());
  }

  public boolean isTimed() {
    return kind.equals(PipelineTrigger.CRON);
  }
}
