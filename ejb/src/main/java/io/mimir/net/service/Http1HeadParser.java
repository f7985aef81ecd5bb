package io.mimir.net.service;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.message.BasicHttpResponse;

/** Reads the lines of an answer's head, and what they say of its body. */
final class Http1HeadParser {

  private static final int MAX_HEADERS = 100;

  private static final List<String> KNOWN_NAMES =
      List.of(
          "content-type",
          "Content-Type",
          "content-length",
          "Content-Length",
          "transfer-encoding",
          "Transfer-Encoding",
          "connection",
          "Connection",
          "date",
          "Date",
          "server",
          "Server",
          "x-request-id",
          "request-id",
          "openai-processing-ms");

  private HttpResponse response;
  private int count;

  /**
   * Begins a head: "HTTP/1.1 200 OK", where the reason may be missing.
   *
   * @return the answer, as yet without headers
   */
  HttpResponse status(byte[] line, int length) throws IOException {
    boolean form =
        length >= 12
            && line[0] == 'H'
            && line[1] == 'T'
            && line[2] == 'T'
            && line[3] == 'P'
            && line[4] == '/'
            && line[5] == '1'
            && line[6] == '.'
            && (line[7] == '0' || line[7] == '1')
            && line[8] == ' '
            && (length == 12 || line[12] == ' ');
    int code = 0;
    for (int i = 9; form && i < 12; i++) {
      form = line[i] >= '0' && line[i] <= '9';
      code = code * 10 + line[i] - '0';
    }
    if (!form || code < 100) {
      throw malformed("The answer does not begin with a status line");
    }
    count = 0;
    response = new BasicHttpResponse(code);
    response.setVersion(line[7] == '1' ? HttpVersion.HTTP_1_1 : HttpVersion.HTTP_1_0);
    return response;
  }

  void header(byte[] line, int length) throws IOException {
    if (++count > MAX_HEADERS) {
      throw new MessageConstraintException("The answer has too many headers");
    }
    int colon = 0;
    while (colon < length && line[colon] != ':') {
      if (!isTokenCharacter(line[colon])) {
        throw malformed("A header of the answer has no proper name");
      }
      colon++;
    }
    if (colon == 0 || colon == length) {
      throw malformed("A header of the answer has no proper name");
    }
    int from = colon + 1;
    int to = length;
    while (from < to && (line[from] == ' ' || line[from] == '\t')) {
      from++;
    }
    while (to > from && (line[to - 1] == ' ' || line[to - 1] == '\t')) {
      to--;
    }
    for (int i = from; i < to; i++) {
      if ((line[i] >= 0 && line[i] < 0x20 && line[i] != '\t') || line[i] == 0x7f) {
        throw malformed("A header of the answer has control characters");
      }
    }
    response.addHeader(name(line, colon), text(line, from, to));
  }

  private static boolean isTokenCharacter(byte b) {
    return b > 0x20 && b < 0x7f && "\"(),/:;<=>?@[\\]{}".indexOf(b) < 0;
  }

  /** Tells whether a word is in a header that is a list. */
  boolean says(String name, String word) {
    for (Header header : response.getHeaders(name)) {
      for (String part : header.getValue().split(",")) {
        if (part.strip().toLowerCase(Locale.ROOT).equals(word)) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Returns what Content-Length says.
   *
   * @param lengths all headers of that name, at least one
   */
  static long contentLength(Header[] lengths) throws IOException {
    String text = lengths[0].getValue();
    for (Header other : lengths) {
      if (!other.getValue().equals(text)) {
        throw malformed("The answer has two lengths");
      }
    }
    if (text.isEmpty() || text.length() > 15) {
      throw malformed("The length of the answer is no number");
    }
    long length = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        throw malformed("The length of the answer is no number");
      }
      length = length * 10 + c - '0';
    }
    return length;
  }

  private static String text(byte[] line, int from, int to) {
    return new String(line, from, to - from, StandardCharsets.ISO_8859_1);
  }

  /** The name of a header, which is mostly one of a few: these are not made anew each time. */
  private static String name(byte[] line, int end) {
    for (String known : KNOWN_NAMES) {
      if (known.length() == end && begins(line, known)) {
        return known;
      }
    }
    return text(line, 0, end);
  }

  private static boolean begins(byte[] line, String text) {
    for (int i = 0; i < text.length(); i++) {
      if (line[i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  static IOException malformed(String what) {
    return new IOException(what, new ProtocolException(what));
  }
}
