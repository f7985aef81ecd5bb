package io.mimir.plugin.service.builtin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.plugin.kit.trust.Sha256;
import io.mimir.plugin.service.PluginCallException;
import io.mimir.storage.service.DataFolder;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Writes files to a folder of its own, {@code plugin-files/file_output} in the data folder, each
 * whole or not at all and readable by the server's account only.
 */
@ApplicationScoped
public class FileOutput implements BuiltinPlugin {

  static final int MAX_FILE_BYTES = 8 * 1024 * 1024;
  static final int MAX_FILES = 1000;

  /** How many bytes all files together may have. */
  static final long QUOTA = 1024L * 1024 * 1024;

  /** Plain on every file system: no separators, no leading dot, no blank or dot at the end. */
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9_](?:[A-Za-z0-9 ._-]{0,98}[A-Za-z0-9_-])?");

  /** Devices of Windows, whatever follows the first dot. */
  private static final Pattern DEVICE =
      Pattern.compile("(?i)(?:con|prn|aux|nul|com\\d|lpt\\d)(?:\\..*)?");

  private static final String UNFINISHED = ".part";

  @Inject DataFolder data;

  /** Folders without unfinished files of a process before. */
  private final Set<Path> clean = new HashSet<>();

  @Override
  public String name() {
    return "file_output";
  }

  @Override
  public ObjectNode call(String action, Settings settings, ObjectNode input, Deadline deadline)
      throws PluginCallException {
    String name = input.path("name").asText();
    if (!NAME.matcher(name).matches() || name.contains("..") || DEVICE.matcher(name).matches()) {
      throw Refusals.badInput(
          "name: Use up to 100 letters, digits, blanks, dots, hyphens and underscores, and begin"
              + " with a letter, digit or underscore");
    }
    byte[] content = content(input);
    int most = settings.open().path("max_bytes").asInt(MAX_FILE_BYTES);
    if (content.length > most) {
      throw Refusals.refused(
          "too_large", "A file may have the %d bytes of max_bytes".formatted(most));
    }
    deadline.check();
    try {
      Path folder = folder(deadline.context().pipelineId());
      write(folder, name, content, input.path("overwrite").asBoolean(false));
    } catch (IOException e) {
      throw Refusals.refusedForNow("storage", "The file could not be written");
    }
    return Builtins.JSON
        .createObjectNode()
        .put("name", name)
        .put("bytes", content.length)
        .put("sha256", Sha256.of(content));
  }

  private static byte[] content(ObjectNode input) throws PluginCallException {
    if (input.has("text") == input.has("base64")) {
      throw Refusals.badInput("Give either a text or base64");
    }
    if (input.has("text")) {
      return input.get("text").asText().getBytes(StandardCharsets.UTF_8);
    }
    try {
      return Base64.getDecoder().decode(input.get("base64").asText());
    } catch (IllegalArgumentException e) {
      throw Refusals.badInput("base64: This is no Base64");
    }
  }

  /** One at a time: between looking and writing nothing may change. */
  private synchronized void write(Path folder, String name, byte[] content, boolean overwrite)
      throws IOException, PluginCallException {
    Path target = folder.resolve(name);
    boolean there = Files.exists(target, LinkOption.NOFOLLOW_LINKS);
    if (there && !overwrite) {
      throw Refusals.refused(
          "exists", "There already is a file of this name: say overwrite to replace it");
    }
    if (there && !Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
      throw Refusals.refused("not_a_file", "What has this name is no file");
    }
    requireRoom(folder, target, content.length);
    Path temporary = folder.resolve("." + UUID.randomUUID() + UNFINISHED);
    try {
      try (FileChannel channel =
          FileChannel.open(
              temporary,
              Set.of(
                  StandardOpenOption.CREATE_NEW,
                  StandardOpenOption.WRITE,
                  LinkOption.NOFOLLOW_LINKS),
              privately(folder, "rw-------"))) {
        ByteBuffer rest = ByteBuffer.wrap(content);
        while (rest.hasRemaining()) {
          channel.write(rest);
        }
        channel.force(true);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static void requireRoom(Path folder, Path target, long size)
      throws IOException, PluginCallException {
    int count = 1;
    long sum = size;
    for (Path file : files(folder)) {
      if (!file.equals(target)) {
        count++;
        sum +=
            Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).size();
      }
    }
    if (count > MAX_FILES || sum > QUOTA) {
      throw Refusals.refused(
          "quota", "The folder is full: it takes 1,000 files and 1 GiB. Remove what is not needed");
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.toList();
    }
  }

  /**
   * Made at the first use, when what a server that was killed has left unfinished goes, too.
   *
   * @param pipelineId each pipeline has a folder of its own in this one; null for none
   */
  private synchronized Path folder(String pipelineId) throws IOException {
    Path parent = data.file("plugin-files");
    Path mine = parent.resolve(name());
    make(parent);
    make(mine);
    Path folder = pipelineId == null ? mine : mine.resolve(pipelineId);
    make(folder);
    if (clean.add(folder)) {
      for (Path file : files(folder)) {
        String name = file.getFileName().toString();
        if (name.startsWith(".") && name.endsWith(UNFINISHED)) {
          Files.deleteIfExists(file);
        }
      }
    }
    return folder;
  }

  private static void make(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectory(folder, privately(folder, "rwx------"));
    }
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("The folder of files is no folder");
    }
  }

  private static FileAttribute<?>[] privately(Path near, String permissions) {
    return near.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }
}
