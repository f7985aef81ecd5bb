package io.mimir.logging;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/**
 * One record as one line of JSON: {@code at} (UTC), {@code level}, {@code logger}, {@code thread},
 * {@code message} and, where there is one, {@code request_id} and {@code error} with its stack
 * trace. Line breaks in a message are escaped, so that nobody can write a line of their own into
 * the log.
 */
public final class JsonLine extends Formatter {

  @Override
  public String format(LogRecord log) {
    StringBuilder line = new StringBuilder(256);
    line.append('{');
    member(line, "at", log.getInstant().toString());
    member(line, "level", log.getLevel().getName());
    member(line, "logger", log.getLoggerName());
    member(line, "thread", Long.toString(log.getLongThreadID()));
    String request = RequestIds.current();
    if (request != null) {
      member(line, "request_id", request);
    }
    member(line, "message", formatMessage(log));
    if (log.getThrown() != null) {
      member(line, "error", stackTrace(log.getThrown()));
    }
    return line.append("}\n").toString();
  }

  private static String stackTrace(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private static void member(StringBuilder line, String name, String value) {
    if (line.length() > 1) {
      line.append(',');
    }
    line.append('"').append(name).append("\":\"");
    String text = value == null ? "" : value;
    for (int i = 0; i < text.length(); i++) {
      escape(line, text.charAt(i));
    }
    line.append('"');
  }

  private static void escape(StringBuilder line, char c) {
    switch (c) {
      case '"' -> line.append("\\\"");
      case '\\' -> line.append("\\\\");
      case '\n' -> line.append("\\n");
      case '\r' -> line.append("\\r");
      case '\t' -> line.append("\\t");
      default -> {
        if (c < ' '
            || (c >= 0x7f && c < 0xa0)
            || Character.isSurrogate(c)
            || c == 0x2028
            || c == 0x2029) {
          line.append("\\u%04x".formatted((int) c));
        } else {
          line.append(c);
        }
      }
    }
  }
}
