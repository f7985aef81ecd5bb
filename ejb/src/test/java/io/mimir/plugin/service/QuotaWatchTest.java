package io.mimir.plugin.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mimir.plugin.kit.manifest.Quota;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuotaWatchTest {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final Quota QUOTA = new Quota(1, 10, 50, Duration.ofSeconds(1));

  @TempDir Path work;

  @BeforeAll
  static void onLinux() {
    assumeTrue(Files.isDirectory(Path.of("/proc/self")), "There is no /proc here");
  }

  private QuotaWatch watchOfMyself() {
    return new QuotaWatch(QUOTA, 1, ProcessHandle.current().pid(), work, 0);
  }

  private static void burn(Duration time) {
    long pid = ProcessHandle.current().pid();
    Duration until = ProcessSample.of(pid).orElseThrow().cpu().plus(time);
    while (ProcessSample.of(pid).orElseThrow().cpu().compareTo(until) < 0) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aLineOfProcIsReadWhateverTheProcessIsCalled() {
    String line =
        "4242 (a) R 1 (b) S 1 2 3 4 5 6 7 8 9 10 150 50 13 14 20 0 37 0 99 1000 2000 18446744";

    assertThat(ProcessSample.parse(line)).contains(new ProcessSample(37, Duration.ofSeconds(2)));
    assertThat(ProcessSample.parse("4242 (x) R 1")).isEmpty();
    assertThat(ProcessSample.of(Long.MAX_VALUE)).isEmpty();
  }

  @Test
  void filesAndFoldersAreCountedToTheLimitAndNoFurther() throws IOException {
    for (int i = 0; i < 3; i++) {
      Path folder = Files.createDirectory(work.resolve("folder-" + i));
      Files.write(folder.resolve("file"), new byte[100]);
    }
    Files.createSymbolicLink(work.resolve("link"), Path.of("/"));

    FolderUse all = FolderUse.of(work, 100, 1000);

    assertThat(all.files()).isEqualTo(7);
    assertThat(all.bytes()).isBetween(300L, 400L);
    assertThat(FolderUse.of(work, 2, 1000).files()).isEqualTo(3);
    assertThat(FolderUse.of(work.resolve("nothing"), 2, 10)).isEqualTo(new FolderUse(0, 0));
  }

  @Test
  void whatIsTooDeepToBeCountedIsMoreThanAllowed() throws IOException {
    Path deepest = work;
    for (int i = 0; i < FolderUse.MAX_DEPTH; i++) {
      deepest = Files.createDirectory(deepest.resolve("d"));
    }
    assertThat(FolderUse.of(work, 100, 1000).files()).isEqualTo(FolderUse.MAX_DEPTH);
    Files.createDirectory(deepest.resolve("d"));

    assertThat(FolderUse.of(work, 100, 1000).isTooDeep()).isTrue();
    QuotaWatch watch = new QuotaWatch(Quota.DEFAULT, 1, ProcessHandle.current().pid(), work, 0);
    burn(Duration.ofMillis(20));
    assertThat(watch.look(0, SECOND).orElseThrow()).contains("more than 32 deep");
  }

  @Test
  void whatTheFolderHoldsIsCompared() throws IOException {
    QuotaWatch watch = watchOfMyself();
    burn(Duration.ofMillis(20));
    assertThat(watch.look(0, SECOND)).isEmpty();
    Files.write(work.resolve("large"), new byte[1024 * 1024 + 1]);
    burn(Duration.ofMillis(20));

    assertThat(watch.look(0, 10 * SECOND).orElseThrow()).contains("1 MiB of work_mb");
    Files.delete(work.resolve("large"));
    for (int i = 0; i < 11; i++) {
      Files.createFile(work.resolve("file-" + i));
    }
    burn(Duration.ofMillis(20));
    assertThat(watch.look(0, 20 * SECOND).orElseThrow()).contains("10 files of work_files");
  }

  @Test
  void processorTimeBetweenCallsGrowsBackWithinAMinute() {
    QuotaWatch watch = watchOfMyself();
    burn(Duration.ofMillis(900));
    assertThat(watch.look(0, SECOND / 4)).isEmpty();
    burn(Duration.ofMillis(300));
    assertThat(watch.look(0, 61 * SECOND)).as("a minute later").isEmpty();
    burn(Duration.ofMillis(1100));
    assertThat(watch.look(0, 62 * SECOND).orElseThrow()).contains("idle_cpu_ms");
  }

  @Test
  void whatACallUsesDoesNotCount() {
    QuotaWatch watch = watchOfMyself();
    burn(Duration.ofMillis(1200));

    assertThat(watch.look(2 * SECOND, 2 * SECOND)).isEmpty();
  }
}
