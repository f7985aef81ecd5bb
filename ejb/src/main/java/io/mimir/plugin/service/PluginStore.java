package io.mimir.plugin.service;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The folder of plugin files. Every name in it is the server's own, made of a plugin's name and the
 * hash of its file: a file never changes, another content is another file. What comes in is written
 * aside and moved in whole (T40, T41, T48).
 */
final class PluginStore {

  /** How many bytes all files together may have. */
  static final long QUOTA = 1024L * 1024 * 1024;

  /** How many plugins there may be. */
  static final int MAX_PLUGINS = 64;

  private static final String STAGING = ".staging";
  private static final String LIBRARY = "(?i).*\\.(so|dll)";

  private static final Pattern OWN_NAME = Pattern.compile("[a-z][a-z0-9_-]+-([0-9a-f]{16})\\.so");

  private final Path folder;
  private final long maxBytes;

  private PluginStore(Path folder, long maxBytes) {
    this.folder = folder;
    this.maxBytes = maxBytes;
  }

  /**
   * Opens the folder, makes it where it is not there, and removes what a server that was killed has
   * left half written.
   */
  static PluginStore open(Path folder, long maxBytes) throws IOException {
    makePrivately(folder);
    PluginStore store = new PluginStore(folder.toRealPath(), maxBytes);
    makePrivately(store.staging());
    try (Stream<Path> left = Files.list(store.staging())) {
      for (Path file : left.toList()) {
        Files.deleteIfExists(file);
      }
    }
    return store;
  }

  private static void makePrivately(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } else {
      Files.createDirectories(folder);
    }
  }

  private Path staging() {
    return folder.resolve(STAGING);
  }

  Path folder() {
    return folder;
  }

  /**
   * A file that has come in and is no plugin yet. Closing it removes it, unless it was published.
   */
  record Staged(Path file, String sha256, long size) implements AutoCloseable {

    @Override
    public void close() throws IOException {
      Files.deleteIfExists(file);
    }
  }

  /**
   * Takes a file in.
   *
   * @throws ProblemException TOO_LARGE beyond the bound; what came until then is gone
   */
  Staged stage(InputStream in) throws IOException {
    Path file = staging().resolve(UUID.randomUUID() + ".part");
    boolean whole = false;
    try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW)) {
      MessageDigest digest = sha256();
      byte[] piece = new byte[64 * 1024];
      long size = 0;
      for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
        size += count;
        if (size > maxBytes) {
          throw tooLarge();
        }
        digest.update(piece, 0, count);
        out.write(piece, 0, count);
      }
      whole = true;
      return new Staged(file, HexFormat.of().formatHex(digest.digest()), size);
    } finally {
      if (!whole) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** The refusal of a file that is larger than it may be. */
  ProblemException tooLarge() {
    return ProblemException.of(
        Problem.TOO_LARGE,
        "file",
        "too_large",
        "A plugin may have %d MiB: make it smaller (strip it), or raise MIMIR_PLUGIN_MAX_BYTES"
            .formatted(maxBytes >> 20));
  }

  /** Whether a file of this size still fits beside what is there. */
  boolean hasRoomFor(long size) throws IOException {
    long sum = size;
    for (Path file : files()) {
      sum += Files.size(file);
    }
    return sum <= QUOTA;
  }

  /**
   * Puts a staged file into its place, whole or not at all. A file of the same content may be there
   * already, from a server that was killed: it is the same one.
   *
   * @param name of the plugin, from a manifest that was found right
   * @return its name in the folder
   */
  String publish(Staged staged, String name) throws IOException {
    String target = name + '-' + staged.sha256().substring(0, 16) + ".so";
    Path file = folder.resolve(target);
    try (FileChannel channel = FileChannel.open(staged.file(), StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(staged.file(), PosixFilePermissions.fromString("r--------"));
    }
    Files.move(
        staged.file(), file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return target;
  }

  /** Removes a file of this folder; one that is gone already is no fault. */
  void remove(String name) throws IOException {
    Files.deleteIfExists(inside(name));
  }

  /**
   * The path of a file of this folder.
   *
   * @throws IOException when the name leads elsewhere
   */
  Path inside(String name) throws IOException {
    Path file = folder.resolve(name);
    if (!file.normalize().equals(file) || !folder.equals(file.getParent())) {
      throw new IOException("A plugin's file lies in the plugin folder itself");
    }
    return file;
  }

  /**
   * The hash of a file as it is now, of exactly the file that was opened.
   *
   * @throws NoSuchFileException when it is not there
   * @throws IOException when it is a link, or no plain file
   */
  String sha256Of(String name) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = read(inside(name))) {
      byte[] piece = new byte[64 * 1024];
      for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
        digest.update(piece, 0, count);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * Opens a file of a plugin.
   *
   * @throws NoSuchFileException when it is not there
   * @throws IOException when it is a link, or no plain file
   */
  static InputStream read(Path file) throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!attributes.isRegularFile()) {
      throw new IOException("A plugin's file is a plain file");
    }
    return Channels.newInputStream(
        FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)));
  }

  /**
   * Whether {@link #publish} made this file before a time: its name has the beginning of its hash.
   */
  boolean isLeftOver(String name, Instant before) throws IOException {
    Matcher own = OWN_NAME.matcher(name);
    return own.matches()
        && Files.getLastModifiedTime(inside(name), LinkOption.NOFOLLOW_LINKS)
            .toInstant()
            .isBefore(before)
        && sha256Of(name).startsWith(own.group(1));
  }

  /** Libraries in the folder, whoever put them there. */
  List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(file -> file.getFileName().toString().matches(LIBRARY)).sorted().toList();
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is not available on this Java", e);
    }
  }
}
