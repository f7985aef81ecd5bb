package io.mimir.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LinesTest {

  private static LogRecord log(String message) {
    LogRecord log = new LogRecord(Level.WARNING, message);
    log.setLoggerName("io.mimir.Some");
    log.setInstant(Instant.parse("2026-11-23T12:00:01Z"));
    log.setLongThreadID(7);
    return log;
  }

  @Test
  void writesOneJsonObjectToALine() {
    assertThat(new JsonLine().format(log("It is late")))
        .isEqualTo(
            "{\"at\":\"2026-11-23T12:00:01Z\",\"level\":\"WARNING\",\"logger\":\"io.mimir.Some\","
                + "\"thread\":\"7\",\"message\":\"It is late\"}\n");
  }

  @Test
  void fillsInWhatTheMessageNames() {
    LogRecord log = log("Key {0} is old");
    log.setParameters(new Object[] {"k1"});

    assertThat(new JsonLine().format(log)).contains("\"message\":\"Key k1 is old\"");
  }

  @Test
  void letsNobodyForgeALine() {
    String line = new JsonLine().format(log("one\"}\n{\"two\r\u2028\u001b[31m\\"));

    assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
    assertThat(line).contains("one\\\"}\\n{\\\"two\\r\\u2028\\u001b[31m\\\\\"");
  }

  @Test
  void keepsTheStackTraceInTheFileAndItsClassOnTheTerminal() {
    LogRecord log = log("It broke");
    log.setThrown(new IllegalStateException("deep"));

    assertThat(new JsonLine().format(log))
        .contains("\"error\":\"java.lang.IllegalStateException: deep\\n");
    assertThat(new TerminalLine().format(log))
        .isEqualToIgnoringNewLines("12:00:01 WARNING It broke (IllegalStateException)");
  }

  @Test
  void givesTheTerminalNothingThatItObeys() {
    assertThat(new TerminalLine().format(log("a\u001b[2Jb\nc")))
        .isEqualToIgnoringNewLines("12:00:01 WARNING a [2Jb c");
  }

  @Test
  void showsWarningsAndTheEndOfTheDeploymentOnTheTerminal() {
    LogRecord ready = new LogRecord(Level.INFO, "Payara Micro 6 ready in 9,000 (ms)");
    LogRecord other = new LogRecord(Level.INFO, "ready in a minute");
    ready.setLoggerName("PayaraMicro");

    assertThat(new TerminalFilter().isLoggable(log("late"))).isTrue();
    assertThat(new TerminalFilter().isLoggable(ready)).isTrue();
    assertThat(new TerminalFilter().isLoggable(other)).isFalse();
  }

  @Test
  void namesTheRequestThatItsThreadWorksFor() {
    RequestIds.from(() -> "req_1");
    try {
      assertThat(new JsonLine().format(log("late")))
          .contains("\"thread\":\"7\",\"request_id\":\"req_1\",\"message\":\"late\"");
      assertThat(new TerminalLine().format(log("late")))
          .isEqualToIgnoringNewLines("12:00:01 WARNING late req_1");
    } finally {
      RequestIds.from(() -> null);
    }
    assertThat(new JsonLine().format(log("late"))).doesNotContain("request_id");
  }
}
