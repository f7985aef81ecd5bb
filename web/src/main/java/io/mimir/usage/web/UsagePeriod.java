package io.mimir.usage.web;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How far the page looks back, and in which steps. */
enum UsagePeriod {
  DAY("24h", Duration.ofHours(24), Duration.ofHours(1)),
  WEEK("7d", Duration.ofDays(7), Duration.ofHours(6)),
  MONTH("30d", Duration.ofDays(30), Duration.ofDays(1));

  private final String wire;
  private final Duration length;
  private final Duration step;

  UsagePeriod(String wire, Duration length, Duration step) {
    this.wire = wire;
    this.length = length;
    this.step = step;
  }

  String wire() {
    return wire;
  }

  /** The period of this name, else seven days. */
  static UsagePeriod ofWire(String wire) {
    return Arrays.stream(values())
        .filter(period -> period.wire.equals(wire))
        .findFirst()
        .orElse(WEEK);
  }

  static List<String> words() {
    return Arrays.stream(values()).map(UsagePeriod::wire).toList();
  }

  boolean isOfDays() {
    return this == MONTH;
  }

  /** The beginning of the step that a time is in, in UTC. */
  Instant stepOf(Instant at) {
    long seconds = step.toSeconds();
    return Instant.ofEpochSecond(Math.floorDiv(at.getEpochSecond(), seconds) * seconds);
  }

  /** The end of the step that is running. */
  Instant end(Instant now) {
    return stepOf(now).plus(step);
  }

  Instant begin(Instant now) {
    return end(now).minus(length);
  }

  /** The beginnings of all steps, the oldest first. */
  List<Instant> steps(Instant now) {
    List<Instant> steps = new ArrayList<>();
    for (Instant at = begin(now); at.isBefore(end(now)); at = at.plus(step)) {
      steps.add(at);
    }
    return steps;
  }
}
