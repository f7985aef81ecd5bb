package io.mimir.gateway.web;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The form field {@code model} of audio and image calls (RFC 7578). */
final class MultipartModel {

  private static final int WITHIN_BYTES = 64 * 1024;

  private static final Pattern MODEL =
      Pattern.compile(
          "name=\"model\"\\r\\n(?:[^\\r\\n]+\\r\\n)*\\r\\n([\\x21-\\x7E]{1,200})\\r\\n");

  private MultipartModel() {}

  /** Finds the model that a form names, near its beginning or its end; null when it does not. */
  static String in(byte[] form) {
    int head = Math.min(form.length, WITHIN_BYTES);
    Matcher first = MODEL.matcher(new String(form, 0, head, StandardCharsets.ISO_8859_1));
    if (first.find()) {
      return first.group(1);
    }
    Matcher last =
        MODEL.matcher(new String(form, form.length - head, head, StandardCharsets.ISO_8859_1));
    return last.find() ? last.group(1) : null;
  }
}
