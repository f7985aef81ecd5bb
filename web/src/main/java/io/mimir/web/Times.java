package io.mimir.web;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Times as people say them, in the language of the page; to the second they are the same in all.
 */
public final class Times {

  private static final DateTimeFormatter SECOND =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final int DAYS_IN_WORDS = 30;

  private Times() {}

  /** How long ago, or how far ahead, a time is: {@code 3 minutes ago}, {@code in 5 days}. */
  public static String ago(Instant at) {
    return relative(at, Instant.now());
  }

  static String relative(Instant at, Instant now) {
    Duration distance = Duration.between(at, now);
    boolean past = !distance.isNegative();
    Duration size = distance.abs();
    if (size.toSeconds() < 60) {
      return Texts.of(past ? "time.now" : "time.soon");
    }
    if (size.toDays() > DAYS_IN_WORDS) {
      return day().format(at);
    }
    String unit = size.toHours() == 0 ? "minutes" : size.toDays() == 0 ? "hours" : "days";
    long number =
        switch (unit) {
          case "minutes" -> size.toMinutes();
          case "hours" -> size.toHours();
          default -> size.toDays();
        };
    return Texts.of((past ? "time.ago." : "time.in.") + unit, number);
  }

  /** The day in UTC: {@code 23 Oct 2026}. */
  public static DateTimeFormatter day() {
    return format(Texts.of("format.day"));
  }

  /** Day and time in UTC, without the year: {@code 23 Oct 18:00}. */
  public static DateTimeFormatter hour() {
    return format(Texts.of("format.hour"));
  }

  private static DateTimeFormatter format(String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Languages.spoken()).withZone(ZoneOffset.UTC);
  }

  /** To the second, in UTC, for where that is said already. */
  public static String second(Instant at) {
    return SECOND.format(at);
  }

  /** To the second, in UTC. */
  public static String exact(Instant at) {
    return Texts.of("time.utc", SECOND.format(at));
  }
}
