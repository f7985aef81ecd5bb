package io.mimir.audit.service;

import io.mimir.audit.ChainHead;
import io.mimir.audit.ChainKeys;
import io.mimir.storage.service.DataFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The end of this node's chain, kept beside the database and in no backup: a chain that ends before
 * it has lost its last events. Three lines: what it is, the head, and its seal. It holds the node's
 * id too, which is made at the first start.
 */
public final class HeadFile {

  /** Its name in the data folder. */
  public static final String NAME = "audit-head";

  private static final String TITLE = "mimir audit head v1";
  private static final int LINES = 3;
  private static final long MAX_BYTES = 4096;

  private HeadFile() {}

  /**
   * What was found.
   *
   * @param isThere whether there is a file at all
   * @param claimed what it says, whoever wrote it
   * @param head empty when there is none, or when Mimir did not write it with these keys
   */
  record Kept(boolean isThere, Optional<ChainHead> claimed, Optional<ChainHead> head) {

    boolean isForged() {
      return isThere && head.isEmpty();
    }
  }

  /**
   * Reads it.
   *
   * @throws IOException when it is there and cannot be read
   */
  static Kept read(Path file, ChainKeys keys) throws IOException {
    List<String> lines;
    try {
      lines =
          Files.size(file) > MAX_BYTES
              ? List.of()
              : Files.readString(file, StandardCharsets.ISO_8859_1).lines().toList();
    } catch (NoSuchFileException e) {
      return new Kept(false, Optional.empty(), Optional.empty());
    }
    if (lines.size() != LINES || !lines.get(0).equals(TITLE)) {
      return new Kept(true, Optional.empty(), Optional.empty());
    }
    Optional<ChainHead> claimed = ChainHead.parse(lines.get(1));
    return new Kept(
        true,
        claimed,
        claimed.filter(head -> new StoredHead(head, lines.get(2)).isOf(StoredHead.FILE, keys)));
  }

  /** Writes it for its owner only, whole or not at all. */
  static void write(DataFolder folder, ChainHead head, ChainKeys keys) throws IOException {
    folder.writePrivately(
        NAME, String.join("\n", TITLE, head.toString(), head.sealedFor(StoredHead.FILE, keys), ""));
  }
}
