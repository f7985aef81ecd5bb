package io.mimir.storage.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileIdentityTest {

  @TempDir Path folder;

  private Path file;
  private FileIdentity identity;

  @BeforeEach
  void make() throws IOException {
    file = Files.writeString(folder.resolve("one"), "1");
    identity = FileIdentity.of(file);
  }

  @Test
  void aFileThatIsWrittenToIsTheSame() throws IOException {
    Files.writeString(file, "another text");

    assertThat(identity.isThere()).isTrue();
  }

  @Test
  void aFileThatIsDeletedIsGoneAndAnotherOneInItsPlaceIsNotIt() throws IOException {
    Path kept = Files.move(file, folder.resolve("elsewhere"));
    assertThat(identity.isThere()).isFalse();

    Files.writeString(file, "1");
    assertThat(identity.isThere()).isFalse();

    Files.delete(file);
    Files.move(kept, file);
    assertThat(identity.isThere()).isTrue();
  }
}
