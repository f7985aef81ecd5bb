package io.mimir.plugin.service;

import static java.lang.System.Logger.Level.WARNING;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executor;

/**
 * The folders that the processes of plugins may write to, one for each and none of them twice. What
 * a plugin leaves in its own is whatever it likes, and is removed with it; where that fails, it is
 * nobody's trouble but that plugin's.
 */
final class WorkFolders {

  private static final System.Logger LOG = System.getLogger(WorkFolders.class.getName());

  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");

  private final Path parent;

  private WorkFolders(Path parent) {
    this.parent = parent;
  }

  /**
   * Opens the folder of folders, makes it where it is not there, and has what a server that was
   * killed has left removed.
   *
   * @param executor does the removing: there may be much, and nobody has to wait for it
   * @throws IOException when there cannot be any work folders
   */
  static WorkFolders open(Path parent, Executor executor) throws IOException {
    if (!Files.isDirectory(parent)) {
      Files.createDirectories(parent, privately(parent));
    }
    WorkFolders folders = new WorkFolders(parent);
    List<Path> left = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent)) {
      entries.forEach(left::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    if (!left.isEmpty()) {
      executor.execute(() -> left.forEach(WorkFolders::remove));
    }
    return folders;
  }

  private static FileAttribute<?>[] privately(Path near) {
    return near.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PRIVATE)}
        : new FileAttribute<?>[0];
  }

  /** Makes an empty one, open to the account of the server only. */
  Path create() throws IOException {
    return Files.createDirectory(parent.resolve(UUID.randomUUID().toString()), privately(parent));
  }

  /** Removes one with all that is in it, once its process has ended; a failure is logged. */
  static void remove(Path folder) {
    try {
      new Removal(folder).run();
    } catch (IOException e) {
      // What the files are called is the plugin's word, and stays out of the log.
      LOG.log(
          WARNING,
          "The work folder {0} of a plugin that has ended could not be removed whole ({1}): it is"
              + " tried again at the next start",
          folder.getFileName(),
          e.getClass().getSimpleName());
    }
  }

  /**
   * Removes a folder that may be deeper than a path can say and than there are descriptors: what is
   * in a folder of it is moved up to its own level before that folder goes, so that no path is ever
   * longer than two names. Names are the bytes that the system gave, whatever they mean.
   */
  private static final class Removal {

    private final Path top;
    private long done;
    private IOException failure;

    Removal(Path top) {
      this.top = top;
    }

    void run() throws IOException {
      if (!isFolder(top)) {
        Files.deleteIfExists(top);
        return;
      }
      long before;
      do {
        before = done;
        failure = null;
        eachIn(top, this::remove);
      } while (done > before);
      if (failure != null) {
        throw failure;
      }
      Files.delete(top);
    }

    private interface Deed {
      void on(Path entry) throws IOException;
    }

    /** What fails for one entry is tried again in the next round, and does not spare the others. */
    private void eachIn(Path folder, Deed deed) {
      try {
        open(folder);
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
          for (Path entry : entries) {
            attempt(deed, entry);
          }
        }
      } catch (DirectoryIteratorException e) {
        failure = e.getCause();
      } catch (IOException e) {
        failure = e;
      }
    }

    private void attempt(Deed deed, Path entry) {
      try {
        deed.on(entry);
        done++;
      } catch (IOException e) {
        failure = e;
      }
    }

    private void remove(Path entry) throws IOException {
      if (isFolder(entry)) {
        eachIn(entry, this::removeOrMoveUp);
      }
      Files.delete(entry);
    }

    private void removeOrMoveUp(Path entry) throws IOException {
      if (isFolder(entry)) {
        // A folder that its owner may not write to cannot be moved either.
        open(entry);
        Files.move(entry, top.resolve(UUID.randomUUID().toString()));
      } else {
        Files.delete(entry);
      }
    }

    private static boolean isFolder(Path path) {
      return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** A plugin may have made it so that even its owner cannot look into it. */
    private static void open(Path folder) throws IOException {
      if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")
          && !Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS)
              .containsAll(PRIVATE)) {
        Files.setPosixFilePermissions(folder, PRIVATE);
      }
    }
  }
}
