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
public class RequestBodies {

  private static final int LARGEST = 32 * 1024 * 1024;
  private static final int SMALL = 64 * 1024;

  /** Of the heap, what large bodies may take together. */
  private static final int SHARE_OF_HEAP = 5;

  private static final int MODEL_WITHIN = 64 * 1024;

  /** The form field {@code model} of audio and image calls (RFC 7578). */
  private static final Pattern MODEL =
      Pattern.compile(
          "name=\"model\"\\r\\n(?:[^\\r\\n]+\\r\\n)*\\r\\n([\\x21-\\x7E]{1,200})\\r\\n");

  private final AtomicLong held = new AtomicLong();

  /** A body, and what it takes of the room that all large ones have together. */
  record Upload(byte[] body, long held) {

    static final Upload NONE = new Upload(null, 0);

    @Override
    public String toString() {
      return "Upload[" + held + "]";
    }
  }

  /**
   * Reads the body of a request. It is needed until its answer begins, for another key may have to
   * be asked, so its room is given back by {@link #release} when the call is over.
   *
   * @throws ProblemException TOO_LARGE; STORAGE_UNAVAILABLE when large ones take too much already
   */
  Upload read(HttpServletRequest request) throws IOException {
    long announced = request.getContentLengthLong();
    if (announced > LARGEST) {
      throw tooLarge();
    }
    if (announced >= 0 && announced <= SMALL) {
      return new Upload(exactly(request.getInputStream(), (int) announced), 0);
    }
    long room = announced < 0 ? LARGEST : announced;
    long most = Math.max(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP, LARGEST);
    byte[] body = null;
    try {
      if (held.addAndGet(room) > most) {
        throw ProblemException.retryable(
            Problem.STORAGE_UNAVAILABLE,
            "Too many large requests are being answered: try again",
            Duration.ofSeconds(2));
      }
      body =
          announced < 0
              ? upToLargest(request.getInputStream())
              : exactly(request.getInputStream(), (int) announced);
      return new Upload(body, body.length);
    } finally {
      held.addAndGet((body == null ? 0 : body.length) - room);
    }
  }

  /** The call is over. */
  void release(long bytes) {
    held.addAndGet(-bytes);
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
