package io.mimir.storage.service;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * The folder that holds what must survive a restart, locked against a second server for as long as
 * this one runs. The lock is the kernel's, so that a killed server leaves none behind.
 */
public final class DataFolder implements AutoCloseable {

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private final Path folder;
  private final FileChannel channel;
  private final FileLock lock;
  private final FileIdentity identity;

  private DataFolder(Path folder, FileChannel channel, FileLock lock, FileIdentity identity) {
    this.folder = folder;
    this.channel = channel;
    this.lock = lock;
    this.identity = identity;
  }

  /**
   * Makes the folder when it is not there (for its owner only) and locks it.
   *
   * @return empty when another server has it
   * @throws IOException when it cannot be made or written
   */
  public static Optional<DataFolder> lock(Path folder) throws IOException {
    create(folder);
    Path file = folder.resolve("mimir.lock");
    FileChannel channel = openPrivately(file);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return Optional.of(new DataFolder(folder, channel, lock, FileIdentity.of(file)));
      }
    } catch (OverlappingFileLockException e) {
      // Another application in this very process has it: the same answer as for another process.
    }
    channel.close();
    return Optional.empty();
  }

  /** Opens a file to write, for its owner only where it is new. */
  static FileChannel openPrivately(Path file) throws IOException {
    return FileChannel.open(
        file,
        Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
        privately(file, PosixFilePermissions.toString(OWNER_ONLY)));
  }

  /** Makes a folder for its owner only, unless it is there. */
  public static void create(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    Files.createDirectories(folder, privately(folder, "rwx------"));
  }

  /** Tells whether the folder is still the one that was locked. */
  boolean isThere() {
    return identity.isThere();
  }

  public Path file(String name) {
    return folder.resolve(name);
  }

  /** Writes a file that only its owner can read, whole or not at all. */
  public void writePrivately(String name, String text) throws IOException {
    Path target = folder.resolve(name);
    Path temporary = folder.resolve("." + name + ".new");
    Files.deleteIfExists(temporary);
    try {
      Files.createFile(temporary, privately(folder, PosixFilePermissions.toString(OWNER_ONLY)));
      Files.writeString(temporary, text);
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (FileAlreadyExistsException e) {
      throw new IOException("Another process writes to the data folder", e);
    }
  }

  /** Whether others than the owner can read it; false where the file system knows no such thing. */
  public static boolean isReadableByOthers(Path file) throws IOException {
    if (!knowsPermissions(file)) {
      return false;
    }
    return !OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS));
  }

  private static FileAttribute<?>[] privately(Path near, String permissions) {
    return knowsPermissions(near)
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  private static boolean knowsPermissions(Path near) {
    return near.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  @Override
  public void close() throws IOException {
    lock.release();
    channel.close();
  }
}
