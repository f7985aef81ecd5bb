package io.mimir.plugin.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PluginLogTest {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final PluginLog log = new PluginLog();

  /** Gives a flood of lines for a while. */
  private static final class Flood extends InputStream {

    private final byte octet;
    private final long end;
    private final AtomicLong read = new AtomicLong();

    Flood(char octet, Duration time) {
      this.octet = (byte) octet;
      end = System.nanoTime() + time.toNanos();
    }

    @Override
    public int read() {
      throw new UnsupportedOperationException("It is read in pieces");
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      if (System.nanoTime() - end > 0) {
        return -1;
      }
      Arrays.fill(target, offset, offset + length, octet);
      read.addAndGet(length);
      return length;
    }
  }

  private static Duration cpuOf(Work work) throws IOException {
    var threads = java.lang.management.ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadCpuTime();
    work.run();
    return Duration.ofNanos(threads.getCurrentThreadCpuTime() - before);
  }

  private interface Work {
    void run() throws IOException;
  }

  @Test
  void aFloodOfPrintsIsReadSlowlyWithLittleOfAProcessor() throws IOException {
    for (char octet : new char[] {'x', '\n'}) {
      Flood flood = new Flood(octet, Duration.ofSeconds(2));

      Duration cpu = cpuOf(() -> log.copy(flood));

      assertThat(flood.read.get()).as("in 2 s").isLessThan(1024 * 1024);
      assertThat(cpu).isLessThan(Duration.ofMillis(400));
    }
  }

  @Test
  void aFloodOfLogFramesIsTakenSlowlyAndWhatCameLastIsKept() throws IOException {
    byte[] line = new byte[100];
    Arrays.fill(line, (byte) 'x');
    AtomicLong frames = new AtomicLong();
    long end = System.nanoTime() + SECOND;

    Duration cpu =
        cpuOf(
            () -> {
              while (System.nanoTime() - end < 0) {
                log.frame(line);
                frames.incrementAndGet();
              }
            });

    assertThat(frames.get()).as("in a second").isLessThan(30_000);
    assertThat(cpu).isLessThan(Duration.ofMillis(300));
    log.frame("\3the last word".getBytes(StandardCharsets.UTF_8));
    assertThat(log.lines()).hasSize(500);
    PluginLog.Line last = log.lines().get(499);
    assertThat(last.text()).isEqualTo("the last word");
    assertThat(last.level()).isEqualTo("warning");
  }

  @Test
  void aLineIsCutAndHasNothingInvisible() throws IOException {
    log.frame(("\2" + "\u00e9".repeat(3_000)).getBytes(StandardCharsets.UTF_8));
    log.copy(new ByteArrayInputStream("a\u0007b\u202ec\n\u20ac".getBytes(StandardCharsets.UTF_8)));

    assertThat(log.lines().get(0).text()).isEqualTo("\u00e9".repeat(2_000) + "…");
    assertThat(log.lines().get(1).text()).isEqualTo("a b c");
    assertThat(log.lines().get(2).text()).isEqualTo("\u20ac");
  }

  @Test
  void aPaceLetsASecondsWorthThroughAtOnceAndThenAsMuchAsComes() {
    Pace pace = new Pace(1_000, 0);

    assertThat(pace.take(1_000, 0)).isZero();
    assertThat(pace.take(100, 0)).isBetween(SECOND / 10 - 10, SECOND / 10 + 10);
    assertThat(pace.take(100, SECOND / 5)).isZero();
    assertThat(pace.take(50_000, SECOND / 5)).as("a second's worth").isLessThanOrEqualTo(SECOND);
    assertThat(pace.take(1_000, 10 * SECOND)).isZero();
  }
}
