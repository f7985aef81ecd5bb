package io.mimir.gateway.web;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what clients send, as much as one may send, and as much as the server has room for. */
@ApplicationScoped
public class Uploads {

  private static final int LARGEST = 32 * 1024 * 1024;
  private static final int SMALL = 64 * 1024;

  /** Of the heap, what large bodies may take together. */
  private static final int SHARE_OF_HEAP = 5;

  private static final int MODEL_WITHIN = 64 * 1024;

  /** The form field {@code model} of audio and image calls (RFC 7578). */
  private static final Pattern MODEL =
      Pattern.compile(
          "name=\"model\"\\r\\n(?:[^\\r\\n]+\\r\\n)*\\r\\n([\\x21-\\x7E]{1,200})\\r\\n");

  private final AtomicLong reading = new AtomicLong();

  /**
   * @throws ProblemException TOO_LARGE; STORAGE_UNAVAILABLE when too much is being read at once
   */
  byte[] read(HttpServletRequest request) throws IOException {
    long announced = request.getContentLengthLong();
    if (announced > LARGEST) {
      throw tooLarge();
    }
    if (announced >= 0 && announced <= SMALL) {
      return exactly(request.getInputStream(), (int) announced);
    }
    long room = announced < 0 ? LARGEST : announced;
    long most = Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP;
    try {
      if (reading.addAndGet(room) > Math.max(most, LARGEST)) {
        throw ProblemException.retryable(
            Problem.STORAGE_UNAVAILABLE,
            "Too many large requests are being read: try again",
            Duration.ofSeconds(2));
      }
      return announced < 0
          ? upToLargest(request.getInputStream())
          : exactly(request.getInputStream(), (int) announced);
    } finally {
      reading.addAndGet(-room);
    }
  }

  private static byte[] exactly(ServletInputStream in, int length) throws IOException {
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new ProblemException(Problem.MALFORMED, "The body is shorter than announced");
    }
    return body;
  }

  private static byte[] upToLargest(ServletInputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    byte[] part = new byte[16 * 1024];
    for (int count = in.read(part); count >= 0; count = in.read(part)) {
      if (body.size() + count > LARGEST) {
        throw tooLarge();
      }
      body.write(part, 0, count);
    }
    return body.toByteArray();
  }

  private static ProblemException tooLarge() {
    return new ProblemException(Problem.TOO_LARGE, "A request has 32 MiB at most");
  }

  /**
   * The model that a multipart form names, near its beginning or its end; null when it does not.
   */
  static String modelIn(byte[] form) {
    int head = Math.min(form.length, MODEL_WITHIN);
    Matcher first = MODEL.matcher(new String(form, 0, head, StandardCharsets.ISO_8859_1));
    if (first.find()) {
      return first.group(1);
    }
    Matcher last =
        MODEL.matcher(new String(form, form.length - head, head, StandardCharsets.ISO_8859_1));
    return last.find() ? last.group(1) : null;
  }
}
