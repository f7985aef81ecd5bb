package io.mimir.storage.service;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * A file or folder as it was found, to tell whether its path still leads to it: what is deleted or
 * replaced below a running process goes on to work, and is lost.
 */
final class FileIdentity {

  private final Path path;

  /** Null where the file system has no such thing; then every file at the path is the right one. */
  private final Object key;

  private FileIdentity(Path path, Object key) {
    this.path = path;
    this.key = key;
  }

  static FileIdentity of(Path path) throws IOException {
    return new FileIdentity(path, keyOf(path));
  }

  private static Object keyOf(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  boolean isThere() {
    try {
      Object now = keyOf(path);
      return key == null || key.equals(now);
    } catch (IOException e) {
      return false;
    }
  }
}
