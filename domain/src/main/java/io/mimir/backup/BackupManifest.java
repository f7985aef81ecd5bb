package io.mimir.backup;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What a backup says of itself: JSON, the first entry of its archive, under the name {@code
 * manifest.json}.
 *
 * @param format the form of the file: {@link #FORMAT}
 * @param createdAt when the database was copied
 * @param schema the newest change that its database has
 * @param readableFrom the oldest code that may work on it, by the number of its newest change
 * @param masterKeyId tells which master key opens what is sealed in it: 8 hex digits
 * @param rows how many rows each table has, by its name
 * @param entries all other entries of the archive but the signature
 * @param missing files of plugins, and of runs (these begin with {@code runs/}), that the database
 *     names and that were not there, or were not those that it knows
 */
public record BackupManifest(
    int format,
    Instant createdAt,
    int schema,
    int readableFrom,
    String masterKeyId,
    Map<String, Long> rows,
    List<Entry> entries,
    List<String> missing) {

  /** The form that this code writes. It reads form 1 too, which had no files of runs. */
  public static final int FORMAT = 2;

  public BackupManifest {
    rows = Map.copyOf(rows);
    entries = List.copyOf(entries);
    missing = List.copyOf(missing);
  }

  /**
   * A file in the archive.
   *
   * @param name its name there
   * @param size in bytes, unpacked
   * @param sha256 64 hex digits, of its bytes unpacked
   */
  public record Entry(String name, long size, String sha256) {}
}
