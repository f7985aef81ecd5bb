package io.mimir.logging;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/**
 * One record as one short line for a person: time in UTC, level, message, and the id of the request
 * that it is about. The log file has the rest.
 */
public final class TerminalLine extends Formatter {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneOffset.UTC);
  private static final int LONGEST = 400;

  @Override
  public String format(LogRecord log) {
    String message = formatMessage(log);
    // A terminal obeys control characters: none of a message gets there.
    String line = message == null ? "" : message.strip().replaceAll("[\\p{Cntrl}\\s]+", " ");
    if (line.length() > LONGEST) {
      line = line.substring(0, LONGEST) + "…";
    }
    String thrown =
        log.getThrown() == null ? "" : " (" + log.getThrown().getClass().getSimpleName() + ")";
    String request = RequestIds.current();
    return "%s %s %s%s%s%n"
        .formatted(
            TIME.format(log.getInstant()),
            log.getLevel().getName(),
            line,
            thrown,
            request == null ? "" : " " + request);
  }
}
