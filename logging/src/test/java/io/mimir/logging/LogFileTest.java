package io.mimir.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFileTest {

  @TempDir Path folder;

  @AfterEach
  void forgetTheFile() {
    System.clearProperty(LogFile.PROPERTY);
  }

  private static LogRecord log(String message) {
    return new LogRecord(Level.INFO, message);
  }

  private Path named() {
    Path file = folder.resolve("mimir.log");
    System.setProperty(LogFile.PROPERTY, file.toString());
    return file;
  }

  @Test
  void keepsWhatWasSaidBeforeTheFolderWasOpen() throws IOException {
    try (Closing log = new Closing(new LogFile())) {
      log.file().publish(log("early"));
      assertThat(folder).isEmptyDirectory();

      Path file = named();
      log.file().publish(log("late"));

      List<String> lines = Files.readAllLines(file);
      assertThat(lines).hasSize(2);
      assertThat(lines.get(0)).contains("\"message\":\"early\"");
      assertThat(lines.get(1)).contains("\"message\":\"late\"");
    }
  }

  @Test
  void isForItsOwnerOnly() throws IOException {
    Path file = named();
    try (Closing log = new Closing(new LogFile())) {
      log.file().publish(log("one"));

      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void keepsFourOldFiles() throws IOException {
    Path file = named();
    try (Closing log = new Closing(new LogFile(200))) {
      for (int i = 0; i < 20; i++) {
        log.file().publish(log("a line that fills most of the file, number " + i));
      }
    }
    assertThat(folder.toFile().list())
        .containsExactlyInAnyOrder(
            "mimir.log", "mimir.log.1", "mimir.log.2", "mimir.log.3", "mimir.log.4");
    assertThat(Files.readString(file)).contains("number 19");
    assertThat(Files.readString(folder.resolve("mimir.log.4"))).contains("number 15");
  }

  private record Closing(LogFile file) implements AutoCloseable {

    @Override
    public void close() {
      file.close();
    }
  }
}
