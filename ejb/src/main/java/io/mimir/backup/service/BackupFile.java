package io.mimir.backup.service;

import io.mimir.backup.BackupManifest;
import io.mimir.backup.BackupManifest.Entry;
import io.mimir.security.Vault;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** A file that {@link Backup} has written, and that was found whole. */
public final class BackupFile implements AutoCloseable {

  /**
   * A manifest names some twenty tables, at most 64 plugins, and some 70,000 large values of runs:
   * as many as the command has memory for.
   */
  static final int MAX_MANIFEST_BYTES = 16 * 1024 * 1024;

  /** A plugin's file lies in the folder itself, and no name of it leads out. */
  private static final Pattern PLUGIN =
      Pattern.compile("plugins/[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}");

  private final Path path;
  private final ZipFile zip;
  private final byte[] manifestBytes;
  private final BackupManifest manifest;

  private BackupFile(Path path, ZipFile zip) throws IOException, BackupException {
    this.path = path;
    this.zip = zip;
    this.manifestBytes = small(Backup.MANIFEST);
    this.manifest = ManifestJson.read(manifestBytes);
  }

  /**
   * Opens a file and reads all of it.
   *
   * @throws BackupException when it is no backup, a part of one, or damaged
   */
  public static BackupFile open(Path path) throws BackupException {
    try {
      ChecksummedZip.check(path);
      ZipFile zip = new ZipFile(path.toFile());
      boolean whole = false;
      try {
        BackupFile file = new BackupFile(path, zip);
        file.checkEntries();
        whole = true;
        return file;
      } finally {
        if (!whole) {
          zip.close();
        }
      }
    } catch (NoSuchFileException e) {
      throw new BackupException("There is no file " + path, e);
    } catch (IOException e) {
      throw new BackupException("The file %s cannot be read".formatted(path), e);
    }
  }

  private BackupException damaged(String what) {
    return new BackupException("The file %s is no sound backup: %s".formatted(path, what));
  }

  private byte[] small(String name) throws IOException, BackupException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw damaged("it has no " + name);
    }
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] bytes = in.readNBytes(MAX_MANIFEST_BYTES + 1);
      if (bytes.length > MAX_MANIFEST_BYTES) {
        throw damaged(name + " is too large");
      }
      return bytes;
    }
  }

  private void checkEntries() throws IOException, BackupException {
    Set<String> named = new HashSet<>(List.of(Backup.MANIFEST, Backup.SIGNATURE));
    boolean database = false;
    for (Entry entry : manifest.entries()) {
      database |= Backup.DATABASE.equals(entry.name());
      if (!Backup.DATABASE.equals(entry.name())
          && !PLUGIN.matcher(entry.name()).matches()
          && !RunFiles.NAME.matcher(entry.name()).matches()) {
        throw damaged("it has an entry " + entry.name());
      }
      named.add(entry.name());
      copy(entry, OutputStream.nullOutputStream());
    }
    if (!database) {
      throw damaged("it has no database");
    }
    for (ZipEntry entry : Collections.list(zip.entries())) {
      if (!named.contains(entry.getName())) {
        throw damaged("its manifest does not know " + entry.getName());
      }
    }
  }

  private void copy(Entry entry, OutputStream out) throws IOException, BackupException {
    ZipEntry stored = zip.getEntry(entry.name());
    if (stored == null) {
      throw damaged("it has no " + entry.name());
    }
    try (InputStream in = zip.getInputStream(stored)) {
      if (!Hashes.copy(in, out, entry.size())
          .equals(new Hashes.Passed(entry.size(), entry.sha256()))) {
        throw damaged(entry.name() + " is not what its manifest says");
      }
    }
  }

  /** Returns what it says of itself. */
  public BackupManifest manifest() {
    return manifest;
  }

  /** Returns the entries of plugin files. */
  List<Entry> plugins() {
    return below(Backup.PLUGINS);
  }

  /** Returns the entries of large values of runs. */
  List<Entry> runs() {
    return below(RunFiles.PREFIX);
  }

  private List<Entry> below(String prefix) {
    return manifest.entries().stream().filter(entry -> entry.name().startsWith(prefix)).toList();
  }

  /** Writes the database to a file that is there. */
  void extractDatabase(Path to) throws IOException, BackupException {
    for (Entry entry : manifest.entries()) {
      if (entry.name().equals(Backup.DATABASE)) {
        extract(entry, to);
      }
    }
  }

  /** Writes an entry to a file. */
  void extract(Entry entry, Path to) throws IOException, BackupException {
    try (OutputStream out = Files.newOutputStream(to)) {
      copy(entry, out);
    }
  }

  /**
   * Checks who made it.
   *
   * @param vault of the data keys in it
   * @throws BackupException when it was changed by somebody without the master key
   */
  void authenticate(Vault vault) throws IOException, BackupException {
    if (!MessageDigest.isEqual(small(Backup.SIGNATURE), Backup.signature(manifestBytes, vault))) {
      throw damaged("it was changed after it was made, by somebody without the master key");
    }
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
