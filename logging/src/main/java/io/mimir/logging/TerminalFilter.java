package io.mimir.logging;

import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * Lets warnings and errors through to the terminal, and the one line with which the server says
 * that it has deployed what it could: the launcher waits for it, to tell a slow start from a failed
 * one.
 */
public final class TerminalFilter implements Filter {

  @Override
  public boolean isLoggable(LogRecord log) {
    return log.getLevel().intValue() >= Level.WARNING.intValue() || isEndOfDeployment(log);
  }

  private static boolean isEndOfDeployment(LogRecord log) {
    return "PayaraMicro".equals(log.getLoggerName())
        && log.getMessage() != null
        && log.getMessage().contains("ready in");
  }
}
