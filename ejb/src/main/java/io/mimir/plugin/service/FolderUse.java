package io.mimir.plugin.service;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What is in a folder at a moment while somebody else writes to it.
 *
 * @param files files and folders below it
 * @param bytes of the files, as long as they say that they are
 */
record FolderUse(long files, long bytes) {

  /** How deep folders may lie in each other: what a path cannot say would not be counted. */
  static final int MAX_DEPTH = 32;

  private static final long TOO_DEEP = Long.MAX_VALUE;

  boolean isTooDeep() {
    return files == TOO_DEEP;
  }

  /**
   * Counts, and stops as soon as there is more of either than allowed: what it costs is bounded by
   * the limit and not by what is there. What vanishes meanwhile counts as one, and what is too deep
   * as more than allowed.
   */
  static FolderUse of(Path folder, long mostFiles, long mostBytes) {
    Deque<Path> left = new ArrayDeque<>();
    left.add(folder);
    int deepest = folder.getNameCount() + MAX_DEPTH;
    long files = 0;
    long bytes = 0;
    while (!left.isEmpty() && files <= mostFiles && bytes <= mostBytes) {
      Path next = left.removeLast();
      if (next.getNameCount() > deepest) {
        return new FolderUse(TOO_DEEP, bytes);
      }
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(next)) {
        for (Path entry : entries) {
          files++;
          bytes += sizeOf(entry, left);
          if (files > mostFiles || bytes > mostBytes) {
            break;
          }
        }
      } catch (IOException | DirectoryIteratorException e) {
        // It is gone, or closed to its owner, the plugin included: it was counted as one.
      }
    }
    return new FolderUse(files, bytes);
  }

  private static long sizeOf(Path entry, Deque<Path> folders) {
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (attributes.isDirectory()) {
        folders.add(entry);
        return 0;
      }
      return attributes.size();
    } catch (IOException e) {
      return 0;
    }
  }
}
