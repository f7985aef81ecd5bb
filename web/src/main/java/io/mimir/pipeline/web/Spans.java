package io.mimir.pipeline.web;

import io.mimir.web.Texts;
import java.time.Duration;

/** How long something took, as people say it. */
final class Spans {

  private Spans() {}

  /**
   * @param from milliseconds since 1970; 0 when it has not begun
   * @param to 0 while it goes on
   * @return null when it has not begun
   */
  static String between(long from, long to) {
    if (from == 0) {
      return null;
    }
    return of(Duration.ofMillis(Math.max(0, (to == 0 ? System.currentTimeMillis() : to) - from)));
  }

  private static String of(Duration span) {
    if (span.toSeconds() == 0) {
      return Texts.of("usage.ms", span.toMillis());
    }
    if (span.toMinutes() == 0) {
      return Texts.of("run.span.seconds", span.toMillis() / 1000.0);
    }
    return span.toHours() == 0
        ? Texts.of("run.span.minutes", span.toMinutes(), span.toSecondsPart())
        : Texts.of("run.span.hours", span.toHours(), span.toMinutesPart());
  }
}
