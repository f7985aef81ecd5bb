package io.mimir.plugin.web;

import static java.lang.System.Logger.Level.WARNING;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.commons.fileupload2.core.FileItemInput;
import org.apache.commons.fileupload2.core.FileItemInputIterator;
import org.apache.commons.fileupload2.core.FileUploadSizeException;
import org.apache.commons.fileupload2.jakarta.servlet6.JakartaServletFileUpload;

/**
 * The form that brings a plugin, read part by part (RFC 7578): the file to the disk, everything
 * else into memory, within bounds. It ends at the first part that is not wanted, however many
 * follow; the server's own reader keeps all parts, and looks through them for each one more.
 */
final class PluginForm implements Closeable {

  private static final System.Logger LOG = System.getLogger(PluginForm.class.getName());

  /** Above every bound that can be set; the store keeps to the one that is. */
  static final long MAX_FILE_BYTES = 64L * 1024 * 1024;

  /** A file and what is sent beside it. */
  static final long MAX_BYTES = MAX_FILE_BYTES + 1024 * 1024;

  private static final int MAX_TEXT_BYTES = 4096;

  /** Of the name and the type of one part; a file's name has at most 255 characters. */
  private static final int MAX_HEAD_BYTES = 4096;

  private static final Set<String> FILES = Set.of("file", "plugin");
  private static final String SIGNATURE = "signature";
  private static final Set<String> TEXTS = Set.of("name", "type", "description", "replace");

  private final int maxSignatureBytes;
  private final Map<String, String> texts = new HashMap<>();
  private byte[] signature;
  private Path file;
  private String fileName;

  private PluginForm(int maxSignatureBytes) {
    this.maxSignatureBytes = maxSignatureBytes;
  }

  /**
   * Reads a form to its end.
   *
   * @return what is to be closed, since it keeps a file
   * @throws ProblemException UNSUPPORTED_MEDIA_TYPE, UNKNOWN_FIELD, TOO_LARGE, MALFORMED, and
   *     STORAGE_UNAVAILABLE when the file cannot be kept
   */
  static PluginForm read(HttpServletRequest request, int maxSignatureBytes) {
    if (!JakartaServletFileUpload.isMultipartContent(request)) {
      throw new ProblemException(
          Problem.UNSUPPORTED_MEDIA_TYPE, "Send multipart/form-data with the part \"file\"");
    }
    PluginForm form = new PluginForm(maxSignatureBytes);
    try {
      form.readParts(request);
      return form;
    } catch (RuntimeException e) {
      form.close();
      throw e;
    }
  }

  private void readParts(HttpServletRequest request) {
    JakartaServletFileUpload<?, ?> reader = new JakartaServletFileUpload<>();
    reader.setMaxSize(MAX_BYTES);
    reader.setMaxPartHeaderSize(MAX_HEAD_BYTES);
    reader.setHeaderCharset(StandardCharsets.UTF_8);
    Set<String> seen = new HashSet<>();
    try {
      FileItemInputIterator parts = reader.getItemIterator(request);
      while (parts.hasNext()) {
        FileItemInput part = parts.next();
        String name = part.getFieldName();
        if (!FILES.contains(name) && !SIGNATURE.equals(name) && !TEXTS.contains(name)) {
          throw new ProblemException(
              Problem.UNKNOWN_FIELD, "Known parts are file, signature, name, type, description");
        }
        if (!seen.add(FILES.contains(name) ? "file" : name)) {
          throw new ProblemException(Problem.MALFORMED, "A part is there twice");
        }
        take(name, part);
      }
    } catch (FileUploadSizeException e) {
      throw e.getPermitted() == MAX_BYTES
          ? tooLarge()
          : new ProblemException(
              Problem.TOO_LARGE, "The head of a part may have at most 4096 bytes");
    } catch (IOException | InvalidPathException e) {
      throw new ProblemException(Problem.MALFORMED, "The multipart body cannot be read");
    }
  }

  private void take(String name, FileItemInput part) throws IOException {
    try (InputStream content = part.getInputStream()) {
      if (FILES.contains(name)) {
        fileName = part.getName();
        keep(content);
      } else if (name.equals(SIGNATURE)) {
        signature = read(content, name, maxSignatureBytes, "A signature has at most 64 KiB");
      } else {
        byte[] text = read(content, name, MAX_TEXT_BYTES, "This has at most 4096 bytes");
        texts.put(name, new String(text, StandardCharsets.UTF_8));
      }
    }
  }

  private static byte[] read(InputStream content, String name, int most, String detail)
      throws IOException {
    byte[] bytes = content.readNBytes(most + 1);
    if (bytes.length > most) {
      throw ProblemException.of(Problem.TOO_LARGE, name, "too_large", detail);
    }
    return bytes;
  }

  private void keep(InputStream content) throws IOException {
    byte[] buffer = new byte[64 * 1024];
    long size = 0;
    try (OutputStream out = temporary()) {
      for (int count; (count = content.read(buffer)) >= 0; ) {
        size += count;
        if (size > MAX_FILE_BYTES) {
          throw tooLarge();
        }
        write(out, buffer, count);
      }
    }
  }

  private OutputStream temporary() {
    try {
      file = Files.createTempFile("upload-", null);
      return Files.newOutputStream(file);
    } catch (IOException e) {
      throw notKept();
    }
  }

  private static void write(OutputStream out, byte[] bytes, int count) {
    try {
      out.write(bytes, 0, count);
    } catch (IOException e) {
      throw notKept();
    }
  }

  /** Returns whether there is a file at all. */
  boolean hasFile() {
    return file != null;
  }

  /** The name that the client gave to the file; null when it gave none. */
  String fileName() {
    return fileName;
  }

  /**
   * @throws ProblemException STORAGE_UNAVAILABLE
   */
  InputStream content() {
    try {
      return Files.newInputStream(file);
    } catch (IOException e) {
      throw notKept();
    }
  }

  /** Null where none was sent, or an empty one. */
  byte[] signature() {
    return signature == null || signature.length == 0 ? null : signature;
  }

  /** Null where it was not sent. */
  String text(String name) {
    return texts.get(name);
  }

  @Override
  public void close() {
    if (file != null) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        LOG.log(WARNING, "A file of an upload stays behind: " + file, e);
      }
    }
  }

  private static ProblemException tooLarge() {
    return ProblemException.of(
        Problem.TOO_LARGE, "file", "too_large", "A plugin may have at most 64 MiB");
  }

  private static ProblemException notKept() {
    return new ProblemException(
        Problem.STORAGE_UNAVAILABLE, "The file could not be written: try again later");
  }
}
