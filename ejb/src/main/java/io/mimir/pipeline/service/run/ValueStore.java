package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.pipeline.PipelineLimits;
import io.mimir.plugin.kit.trust.Sha256;
import io.mimir.storage.service.DataFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * What runs work on. Small values go into the journal; large ones into files, one folder a run,
 * named by the hash of what is in them, so that the same value is kept once.
 */
public final class ValueStore {

  /** What is larger would make the database the place of files. */
  public static final int INLINE_BYTES = 64 * 1024;

  private final Path folder;

  /**
   * @param folder where the folders of runs are; made when it is first needed
   */
  public ValueStore(Path folder) {
    this.folder = folder;
  }

  /**
   * Keeps a value. A file is on the disk when this returns.
   *
   * @throws StepFailure too_large for a value over 32 MiB
   * @throws UncheckedIOException when the disk refuses
   */
  public Value keep(String runId, JsonNode json) throws StepFailure {
    byte[] bytes = RunJson.bytes(json);
    if (bytes.length > PipelineLimits.VALUE_BYTES) {
      throw StepFailure.lasting(
          "too_large",
          "A value may have 32 MiB, and this one has %d MiB: keep less of it"
              .formatted(bytes.length >> 20));
    }
    if (bytes.length <= INLINE_BYTES) {
      return new Value(json, null, bytes.length);
    }
    String hash = Sha256.of(bytes);
    try {
      write(runId, hash, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("A value of a run cannot be written", e);
    }
    return new Value(null, hash, bytes.length);
  }

  private void write(String runId, String hash, byte[] bytes) throws IOException {
    DataFolder.create(folder);
    Path own = folder.resolve(runId);
    DataFolder.create(own);
    Path target = own.resolve(hash);
    if (Files.exists(target)) {
      return;
    }
    Path temporary = own.resolve("." + UUID.randomUUID() + ".part");
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
          channel.write(rest);
        }
        channel.force(true);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /**
   * Reads a value.
   *
   * @throws UncheckedIOException when its file is gone or was changed
   */
  public JsonNode load(String runId, Value value) {
    if (value.sha256() == null) {
      return value.inline();
    }
    try {
      byte[] bytes = Files.readAllBytes(folder.resolve(runId).resolve(value.sha256()));
      if (!Sha256.of(bytes).equals(value.sha256())) {
        throw new IOException("The file of a value was changed");
      }
      return RunJson.read(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("A value of a run cannot be read", e);
    }
  }

  /** Takes over a value of another run, with its file where it has one. */
  public Value copied(String from, String to, Value value) {
    if (value.sha256() == null) {
      return value;
    }
    try {
      DataFolder.create(folder.resolve(to));
      Path target = folder.resolve(to).resolve(value.sha256());
      if (!Files.exists(target)) {
        Files.copy(folder.resolve(from).resolve(value.sha256()), target);
      }
      return value;
    } catch (IOException e) {
      throw new UncheckedIOException("A value of a run cannot be taken over", e);
    }
  }

  /** Removes all files of a run. */
  public void remove(String runId) throws IOException {
    Path own = folder.resolve(runId);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(own)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    } catch (NoSuchFileException e) {
      return;
    }
    Files.deleteIfExists(own);
  }
}
