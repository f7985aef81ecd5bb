package io.mimir.plugin.host;

import io.mimir.plugin.kit.frame.Failure;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The plugin's file as it comes in, piece by piece. It is hashed on its way to where it is loaded
 * from: what was hashed is what runs, whatever happens to the file meanwhile.
 */
abstract class PluginFile {

  private static final int MOST = 64 * 1024 * 1024;

  private final MessageDigest digest = sha256();
  private long size;

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Takes the next piece. */
  final void add(byte[] piece) throws LoadException {
    size += piece.length;
    if (size > MOST) {
      throw new LoadException(Failure.LOAD_FAILED, "It has more than 64 MiB");
    }
    digest.update(piece);
    keep(piece);
  }

  /**
   * Ends it, once.
   *
   * @param sha256 what it has to hash to
   * @return where the loader finds it
   * @throws LoadException HASH_MISMATCH when it is another file, LOAD_FAILED when it cannot be kept
   */
  final String end(byte[] sha256) throws LoadException {
    if (!MessageDigest.isEqual(digest.digest(), sha256)) {
      throw new LoadException(Failure.HASH_MISMATCH, "The file is not the one that is trusted");
    }
    return seal();
  }

  abstract void keep(byte[] piece) throws LoadException;

  abstract String seal() throws LoadException;
}
