package io.mimir.logging;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.ErrorManager;
import java.util.logging.Handler;
import java.util.logging.LogRecord;

/**
 * The log file in the data folder. Until the start has found its settings good and the folder free,
 * nothing may be written there: up to then records wait in memory. The start names the file in the
 * system property {@value #PROPERTY}.
 *
 * <p>A full file becomes {@code mimir.log.1}, that one {@code mimir.log.2}, and so on; the oldest
 * goes.
 */
public final class LogFile extends Handler {

  /** The path of the log file, set once the data folder is this server's. */
  public static final String PROPERTY = "mimir.log.file";

  private static final long LIMIT_BYTES = 10L << 20;
  private static final int OLD_FILES = 4;
  private static final int WAITING_RECORDS = 2000;

  private final long limitBytes;
  private final List<byte[]> waiting = new ArrayList<>();
  private Path file;
  private OutputStream out;
  private long size;

  public LogFile() {
    this(LIMIT_BYTES);
  }

  LogFile(long limitBytes) {
    this.limitBytes = limitBytes;
    setFormatter(new JsonLine());
  }

  @Override
  public synchronized void publish(LogRecord log) {
    if (!isLoggable(log)) {
      return;
    }
    byte[] line = getFormatter().format(log).getBytes(StandardCharsets.UTF_8);
    try {
      if (isOpen()) {
        write(line);
      } else if (waiting.size() < WAITING_RECORDS) {
        waiting.add(line);
      }
    } catch (IOException e) {
      reportError("The log file cannot be written", e, ErrorManager.WRITE_FAILURE);
    }
  }

  private boolean isOpen() throws IOException {
    if (out != null) {
      return true;
    }
    String path = System.getProperty(PROPERTY);
    if (path == null) {
      return false;
    }
    file = Path.of(path);
    open();
    for (byte[] line : waiting) {
      write(line);
    }
    waiting.clear();
    return true;
  }

  private void open() throws IOException {
    Path folder = file.getParent();
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder, forTheOwner("rwx------"));
    }
    if (!Files.exists(file)) {
      Files.createFile(file, forTheOwner("rw-------"));
    }
    out = Files.newOutputStream(file, StandardOpenOption.APPEND);
    size = Files.size(file);
  }

  private FileAttribute<?>[] forTheOwner(String permissions) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  private void write(byte[] line) throws IOException {
    if (size > 0 && size + line.length > limitBytes) {
      rotate();
    }
    out.write(line);
    size += line.length;
  }

  private void rotate() throws IOException {
    out.close();
    out = null;
    for (int i = OLD_FILES - 1; i >= 1; i--) {
      if (Files.exists(old(i))) {
        Files.move(old(i), old(i + 1), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.move(file, old(1), StandardCopyOption.REPLACE_EXISTING);
    open();
  }

  private Path old(int number) {
    return file.resolveSibling(file.getFileName() + "." + number);
  }

  /** Nothing to do: each line is handed to the operating system at once. */
  @Override
  public void flush() {}

  @Override
  public synchronized void close() {
    try {
      if (out != null) {
        out.close();
        out = null;
      }
    } catch (IOException e) {
      reportError("The log file cannot be closed", e, ErrorManager.CLOSE_FAILURE);
    }
  }
}
