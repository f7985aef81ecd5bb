package io.mimir.web.payara;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same bytes in one piece, in two at each place, and one by one: the same is said. */
class RequestFramingTest {

  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String CHUNKED =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n",
        "\r\n\r\nGET / HTTP/1.1\r\nhOST:\r\nX-Empty:\r\nX-Y: a:b, \"c\"\tü\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\t5 \r\nExpect: 100-continue\r\n\r\nGET \n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED \r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na\nb\rc\r\n0005;x=\"y\"\r\n\r\n\r\n\r\r\nA \r\n0123456789\r\n0 ;last\r\nX-Trailer: 1\r\nHost: b\r\n\r\n",
      })
  void requestsInOrderAreFollowedToTheirEnd(String request) {
    inEachSplit(request + request + GET, null);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "foo",
        ": foo",
        "Content-Length : 0",
        "\tX: y",
        " X: y",
        "X(y): z",
        "Xü: z",
        "X: a\rb",
        "X: a\0b",
        "X: a\177b"
      })
  void linesThatAreNoHeadersAreRefused(String line) {
    inEachSplit("GET / HTTP/1.1\r\nHost: a\r\n" + line + "\r\n\r\n", RequestFraming.LINE);
  }

  @Test
  void theBeginningOfHttp2IsRefusedAtOnce() {
    inEachSplit("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", RequestFraming.PROTOCOL);
    inEachSplit("PRI * HTTP/1.1\r\nHost: a\r\n\r\n" + GET, null);
  }

  @Test
  void aCarriageReturnAloneEndsNoHead() {
    inEachSplit("GET / HTTP/1.1\r\nHost: a\r\n\rX", RequestFraming.LINE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Host: a\r\nHost: a", "Host: a\r\nX: y\r\nhost: b"})
  void aSecondHostIsRefused(String headers) {
    inEachSplit("GET / HTTP/1.1\r\n" + headers + "\r\n\r\n", FramingHeaders.HOST);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5\r\nContent-Length: 5",
        "Content-Length: 5, 5",
        "Content-Length: 5 5",
        "Content-Length: +5",
        "Content-Length: -5",
        "Content-Length: 0x5",
        "Content-Length: 5.0",
        "Content-Length: ",
        "Content-Length: 1000000000000000000",
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5"
      })
  void aLengthThatIsNoneIsRefused(String headers) {
    inEachSplit("POST / HTTP/1.1\r\n" + headers + "\r\n\r\nhello", FramingHeaders.LENGTH);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunkedx",
        "Transfer-Encoding: chunk",
        "Transfer-Encoding: chun ked",
        "Transfer-Encoding: ",
        "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"
      })
  void aCodingThatIsNotChunkedIsRefused(String headers) {
    inEachSplit("POST / HTTP/1.1\r\n" + headers + "\r\n\r\n0\r\n\r\n", FramingHeaders.CODING);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5\nhello\n0\n\n",
        "5\r\nhello\n0\r\n\r\n",
        "5\r\nhelloXX\r\n0\r\n\r\n",
        "5\r\nhello\rX0\r\n\r\n",
        "5\r\nhello\r\n0\n\r\n",
        "5\rhello",
        "\r\n5\r\nhello",
        "x\r\n",
        "-1\r\n",
        "0x5\r\nhello",
        " 5\r\nhello",
        ";x\r\nhello",
        "1000000000000000\r\n",
        "5;x\nhello",
        "5;x\0y\r\nhello"
      })
  void chunksThatAreNotAsTheySayAreRefused(String body) {
    inEachSplit(CHUNKED + body, ChunkFraming.CHUNK);
  }

  @Test
  void whatIsSaidBesideTheLengthOfAChunkHasAnEnd() {
    inEachSplit(CHUNKED + "5;" + "x".repeat(256) + "\r\nhello\r\n0\r\n\r\n", null);
    inEachSplit(CHUNKED + "5;" + "x".repeat(257) + "\r\nhello\r\n0\r\n\r\n", ChunkFraming.CHUNK);
  }

  @ParameterizedTest
  @ValueSource(strings = {"foo\r\n\r\n", "X: y\n\r\n", "\n", "X: y\r\n\n", " X: y\r\n\r\n"})
  void trailersThatAreNoHeadersAreRefused(String trailer) {
    inEachSplit(CHUNKED + "0\r\n" + trailer, RequestFraming.LINE);
  }

  /** The word of a body that looks like a request is not one. */
  @Test
  void aBodyIsNotReadAsARequest() {
    String body = "Host: a\r\nHost: b\r\n\r\n";
    inEachSplit(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length() + "\r\n\r\n" + body + GET,
        null);
  }

  @Test
  void aHeadIsDueFromItsFirstByteToItsLast() {
    RequestFraming framing = new RequestFraming();
    assertThat(framing.isHeadDue()).isFalse();
    read(framing, "\r\n");
    assertThat(framing.isHeadDue()).isTrue();
    assertThat(framing.isInHead()).isFalse();
    for (int i = 0; i < CHUNKED.length(); i++) {
      if (i > 0) {
        assertThat(framing.isInHead()).as("after %d bytes", i).isTrue();
        assertThat(framing.isHeadDue()).isTrue();
      }
      read(framing, CHUNKED.substring(i, i + 1));
    }
    assertThat(framing.isHeadDue()).isFalse();
    read(framing, "2\r\nab\r\n0\r\n\r\n");
    assertThat(framing.isHeadDue()).isFalse();
  }

  private static void inEachSplit(String all, RawAnswer expected) {
    assertThat(read(new RequestFraming(), all)).as("whole").isSameAs(expected);
    RequestFraming one = new RequestFraming();
    RawAnswer said = null;
    for (int i = 0; i < all.length() && said == null; i++) {
      said = read(one, all.substring(i, i + 1));
    }
    assertThat(said).as("byte by byte").isSameAs(expected);
    if (expected == null) {
      assertThat(one.isHeadDue()).as("a further head").isFalse();
    }
    for (int i = 1; i < all.length(); i++) {
      RequestFraming two = new RequestFraming();
      RawAnswer first = read(two, all.substring(0, i));
      assertThat(first == null ? read(two, all.substring(i)) : first)
          .as("in two after %d bytes", i)
          .isSameAs(expected);
    }
  }

  private static RawAnswer read(RequestFraming framing, String bytes) {
    return framing.read(ByteBuffer.wrap(bytes.getBytes(ISO_8859_1)));
  }
}
