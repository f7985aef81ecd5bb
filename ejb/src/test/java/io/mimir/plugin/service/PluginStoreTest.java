package io.mimir.plugin.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.error.ProblemException;
import io.mimir.plugin.service.PluginStore.Staged;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PluginStoreTest {

  private static final String SHA_OF_ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @TempDir Path home;

  private PluginStore store;

  @BeforeEach
  void open() throws IOException {
    store = PluginStore.open(home.resolve("plugins"), 1024);
  }

  private static InputStream bytes(String text) {
    return new ByteArrayInputStream(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
  }

  private long staged() throws IOException {
    try (Stream<Path> files = Files.list(store.folder().resolve(".staging"))) {
      return files.count();
    }
  }

  @Test
  void aFileIsHashedAsItComesInAndMovedInWhole() throws IOException {
    try (Staged staged = store.stage(bytes("abc"))) {
      assertThat(staged.sha256()).isEqualTo(SHA_OF_ABC);
      assertThat(store.files()).isEmpty();
      String name = store.publish(staged, "well");

      assertThat(name).isEqualTo("well-ba7816bf8f01cfea.so");
      assertThat(store.sha256Of(name)).isEqualTo(SHA_OF_ABC);
    }
    assertThat(staged()).isZero();
    assertThat(store.files()).hasSize(1);
  }

  @Test
  void whatIsTooLargeLeavesNothing() throws IOException {
    assertThatThrownBy(() -> store.stage(bytes("x".repeat(1025))))
        .isInstanceOf(ProblemException.class);

    assertThat(staged()).isZero();
  }

  @Test
  void anUploadThatBreaksOffLeavesNothing() throws IOException {
    InputStream broken =
        new InputStream() {
          private int left = 100;

          @Override
          public int read() throws IOException {
            if (left-- <= 0) {
              throw new IOException("The client went away");
            }
            return 'x';
          }
        };

    assertThatThrownBy(() -> store.stage(broken)).isInstanceOf(IOException.class);
    assertThat(staged()).isZero();
  }

  @Test
  void whatIsNotPublishedIsGoneWhenItIsClosed() throws IOException {
    store.stage(bytes("abc")).close();

    assertThat(staged()).isZero();
  }

  @Test
  void whatAKilledServerLeftIsRemovedAtTheNextStart() throws IOException {
    store.stage(bytes("abc"));
    PluginStore.open(home.resolve("plugins"), 1024);

    assertThat(staged()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x.so", "a/b.so", "/etc/passwd", "..", ".", "a/../b.so", "./a.so"})
  void aNameNeverLeadsElsewhere(String name) {
    assertThatThrownBy(() -> store.inside(name)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> store.remove(name)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> store.sha256Of(name)).isInstanceOf(IOException.class);
  }

  @Test
  void aLinkIsNoPluginWhereverItLeads() throws IOException {
    Path secret = Files.writeString(home.resolve("secret"), "abc");
    Files.createSymbolicLink(store.folder().resolve("link.so"), secret);
    Files.createDirectory(store.folder().resolve("folder.so"));

    assertThatThrownBy(() -> store.sha256Of("link.so")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> PluginStore.read(store.inside("link.so")))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> PluginStore.read(store.inside("folder.so")))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> store.sha256Of("folder.so")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> store.sha256Of("none.so")).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void onlyItsOwnerReadsTheFolder() throws IOException {
    assertThat(Files.getPosixFilePermissions(store.folder())).hasSize(3);
    try (Staged staged = store.stage(bytes("abc"))) {
      Path file = store.inside(store.publish(staged, "well"));
      assertThat(Files.getPosixFilePermissions(file)).hasSize(1);
    }
  }

  @Test
  void whatItMadeItselfIsToldFromWhatAPersonPutThere() throws IOException {
    Instant later = Instant.now().plusSeconds(60);
    Path own;
    try (PluginStore.Staged staged = store.stage(new ByteArrayInputStream(new byte[] {1, 2}))) {
      own = store.inside(store.publish(staged, "mine"));
    }
    String name = own.getFileName().toString();
    Path changed = Files.write(own.resolveSibling("mine-0123456789abcdef.so"), new byte[] {1, 2});
    Path foreign = Files.write(own.resolveSibling("theirs.so"), new byte[] {1, 2});

    assertThat(store.isLeftOver(name, later)).isTrue();
    assertThat(store.isLeftOver(name, later.minusSeconds(3600))).as("made just now").isFalse();
    assertThat(store.isLeftOver(changed.getFileName().toString(), later)).isFalse();
    assertThat(store.isLeftOver(foreign.getFileName().toString(), later)).isFalse();
  }
}
