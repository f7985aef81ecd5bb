package io.mimir.pipeline.web;

import io.mimir.pipeline.PipelineTrigger;
import io.mimir.pipeline.service.PipelineTriggers;
import java.io.Serializable;
import java.time.ZoneId;
import java.util.List;

/** What the form for a new trigger holds. */
public class NewTrigger implements Serializable {

  private static final long serialVersionUID = 1L;

  private String kind = PipelineTrigger.CRON;
  private String cron;
  private String timeZone = "UTC";
  private String missed = "run";
  private boolean signed = true;

  PipelineTriggers.Wish toWish() {
    return new PipelineTriggers.Wish(kind, cron, timeZone, missed, signed);
  }

  /** Whether it starts runs at times, so that it is asked at which. */
  public boolean isTimed() {
    return PipelineTrigger.CRON.equals(kind);
  }

  /** Zones to choose from: regions with a city, and UTC. Others can be written. */
  public List<String> getZones() {
    return ZoneId.getAvailableZoneIds().stream()
        .filter(zone -> zone.equals("UTC") || zone.matches("(?!Etc/)[A-Z][a-z]+/.*"))
        .sorted()
        .toList();
  }

  public String getKind() {
    return kind;
  }

  public void setKind(String kind) {
    this.kind = kind;
  }

  public String getCron() {
    return cron;
  }

  public void setCron(String cron) {
    this.cron = cron;
  }

  public String getTimeZone() {
    return timeZone;
  }

  public void setTimeZone(String timeZone) {
    this.timeZone = timeZone;
  }

  public String getMissed() {
    return missed;
  }

  public void setMissed(String missed) {
    this.missed = missed;
  }

  public boolean isSigned() {
    return signed;
  }

  public void setSigned(boolean signed) {
    this.signed = signed;
  }
}
