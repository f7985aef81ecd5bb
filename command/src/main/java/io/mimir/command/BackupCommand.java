package io.mimir.command;

import io.mimir.backup.BackupManifest;
import io.mimir.backup.service.Backup;
import io.mimir.backup.service.BackupException;
import io.mimir.backup.service.BackupFile;
import io.mimir.start.service.OfflineData;
import io.mimir.storage.service.StorageConfig;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./mimir backup FILE}. */
@Command(
    name = "backup",
    description =
        "Writes all data to one file: the database of one moment, the plugins, and the values of runs.",
    footer = {
      "",
      "A running Mimir makes it itself, and goes on meanwhile; without one the data folder is locked.",
      "Keys stay sealed in it: to restore it, the master key is needed, which is not in it.",
      "Files that pipelines wrote (plugin-files in the data folder) are not in it.",
      "FILE - is standard output: pass what arrives to \"mimir verify\"."
    })
final class BackupCommand implements Callable<Integer> {

  @Mixin Output output;

  @Parameters(paramLabel = "FILE", description = "Where to write it; for its owner only.")
  String file;

  @Option(names = "--overwrite", description = "Replace FILE where it is there.")
  boolean overwrite;

  @Override
  public Integer call() throws Exception {
    if (file.equals("-")) {
      write(new Unclosed(System.out));
      return 0;
    }
    Path target = Path.of(file).toAbsolutePath();
    if (Files.exists(target) && !overwrite) {
      throw new CommandException(
          "There is a file %s already. With --overwrite it is replaced".formatted(target));
    }
    Path part = target.resolveSibling(target.getFileName() + ".part");
    boolean made = false;
    try {
      Files.deleteIfExists(part);
      Files.createFile(part, ownerOnly(part));
      made = true;
      try (OutputStream out = Files.newOutputStream(part)) {
        write(out);
      }
      BackupManifest manifest;
      try (BackupFile whole = BackupFile.open(part)) {
        manifest = whole.manifest();
      } catch (BackupException e) {
        throw new CommandException(
            "The backup did not arrive whole, and was removed: try again", e);
      }
      sync(part);
      move(part, target);
      output.say(
          Manifests.json(manifest, target),
          "Backup written to %s%n%s%nKeep the master key apart from it: without the key it cannot be restored."
              .formatted(target, Manifests.text(manifest, Files.size(target))));
      return 0;
    } catch (FileAlreadyExistsException e) {
      throw new CommandException("Another backup is being written to " + part, e);
    } catch (IOException e) {
      throw new CommandException("%s cannot be written: %s".formatted(target, reason(e)), e);
    } finally {
      if (made) {
        Files.deleteIfExists(part);
      }
    }
  }

  private static void write(OutputStream out) throws Exception {
    Data.ask(
        server -> {
          try (InputStream in = server.ask("POST", "/api/v1/backup")) {
            in.transferTo(out);
          }
          return null;
        },
        data -> {
          offline(data, out);
          return null;
        });
    out.flush();
  }

  private static void offline(OfflineData data, OutputStream out)
      throws BackupException, IOException {
    StorageConfig places = StorageConfig.load();
    try (Backup backup =
        Backup.take(
            new Backup.Source(places.dbPath(), places.pluginDir(), OfflineData.dataDir()),
            data.vault())) {
      backup.writeTo(out);
    }
  }

  private static String reason(IOException e) {
    return e.getMessage() == null || e instanceof java.nio.file.FileSystemException
        ? e.getClass().getSimpleName().replace("Exception", "")
        : e.getMessage();
  }

  private static FileAttribute<?>[] ownerOnly(Path near) {
    return near.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  private static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  private static void move(Path part, Path target) throws IOException {
    try {
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Standard output outlives us. */
  private static final class Unclosed extends FilterOutputStream {

    Unclosed(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
