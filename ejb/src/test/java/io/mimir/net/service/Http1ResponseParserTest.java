package io.mimir.net.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class Http1ResponseParserTest {

  private static final String OK = "HTTP/1.1 200 OK\r\n";

  /** Keeps what was read. */
  private static final class Kept implements Http1ResponseParser.Sink {

    private HttpResponse head;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    @Override
    public void head(HttpResponse response) {
      head = response;
    }

    @Override
    public void data(ByteBuffer piece) {
      byte[] bytes = new byte[piece.remaining()];
      piece.get(bytes);
      body.writeBytes(bytes);
    }

    String text() {
      return body.toString(StandardCharsets.UTF_8);
    }
  }

  private final Http1ResponseParser parser = new Http1ResponseParser();
  private final Kept kept = new Kept();

  private boolean feed(String text) throws IOException {
    parser.begin(false);
    return parser.feed(bytes(text), kept);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void readsAnAnswerWithALength() throws IOException {
    assertThat(feed(OK + "Content-Length: 5\r\nX-A: b c \r\n\r\nhello")).isTrue();

    assertThat(kept.head.getCode()).isEqualTo(200);
    assertThat(kept.head.getFirstHeader("x-a").getValue()).isEqualTo("b c");
    assertThat(kept.text()).isEqualTo("hello");
    assertThat(parser.isReusable()).isTrue();
  }

  @Test
  void readsChunksWhereverThePiecesEnd() throws IOException {
    String answer =
        OK
            + "Transfer-Encoding: chunked\r\n\r\n"
            + "5;name=value\r\nhello\r\n1\r\n \r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n";
    byte[] bytes = answer.getBytes(StandardCharsets.ISO_8859_1);
    parser.begin(false);
    for (int i = 0; i < bytes.length; i++) {
      boolean complete = parser.feed(ByteBuffer.wrap(bytes, i, 1), kept);
      assertThat(complete).as("after byte " + i).isEqualTo(i == bytes.length - 1);
    }

    assertThat(kept.text()).isEqualTo("hello 0123456789");
    assertThat(parser.isReusable()).isTrue();
  }

  @Test
  void whatFollowsAnAnswerStaysInTheBuffer() throws IOException {
    ByteBuffer in =
        ByteBuffer.wrap(
            (OK + "Content-Length: 1\r\n\r\naHTTP/1.1").getBytes(StandardCharsets.ISO_8859_1));
    parser.begin(false);

    assertThat(parser.feed(in, kept)).isTrue();
    assertThat(in.remaining()).isEqualTo(8);
  }

  @Test
  void leavesInterimAnswersOut() throws IOException {
    assertThat(
            feed("HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + OK + "Content-Length: 0\r\n\r\n"))
        .isTrue();

    assertThat(kept.head.getCode()).isEqualTo(200);
    assertThat(kept.head.getHeaders()).hasSize(1);
  }

  @Test
  void anAnswerWithoutALengthEndsWithTheConnection() throws IOException {
    assertThat(feed(OK + "\r\nhello")).isFalse();

    assertThat(parser.closed()).isTrue();
    assertThat(kept.text()).isEqualTo("hello");
    assertThat(parser.isReusable()).isFalse();
  }

  @Test
  void anAnswerThatIsCutIsNotComplete() throws IOException {
    assertThat(feed(OK + "Content-Length: 10\r\n\r\nhello")).isFalse();

    assertThat(parser.closed()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 204 No\r\nContent-Length: 3\r\n\r\n",
        "HTTP/1.1 304 No\r\nContent-Length: 3\r\n\r\n"
      })
  void someAnswersHaveNoBodyWhateverTheySay(String answer) throws IOException {
    assertThat(feed(answer)).isTrue();
  }

  @Test
  void anAnswerToHeadHasNoBodyWhateverItSays() throws IOException {
    parser.begin(true);
    ByteBuffer in = bytes(OK + "Content-Length: 5\r\n\r\n");

    assertThat(parser.feed(in, kept)).isTrue();
    assertThat(parser.isReusable()).isTrue();
  }

  @Test
  void whatFollowsAnAgreementToATunnelIsTheTunnel() throws IOException {
    parser.beginTunnel();
    ByteBuffer in = bytes(OK + "Content-Length: 5\r\n\r\nhello");

    assertThat(parser.feed(in, kept)).isTrue();
    assertThat(in.remaining()).isEqualTo(5);
  }

  @Test
  void aRefusalOfATunnelHasABody() throws IOException {
    parser.beginTunnel();
    ByteBuffer in = bytes("HTTP/1.1 407 No\r\nContent-Length: 5\r\n\r\nhello");

    assertThat(parser.feed(in, kept)).isTrue();
    assertThat(kept.text()).isEqualTo("hello");
  }

  static Stream<Arguments> odd() {
    String chunked = OK + "Transfer-Encoding: chunked\r\n\r\n";
    return Stream.of(
        Arguments.of("no reason", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", "ok"),
        Arguments.of("an empty reason", "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok", "ok"),
        Arguments.of(
            "a reason in UTF-8", "HTTP/1.1 200 \u00c3\u00a4\r\nContent-Length: 0\r\n\r\n", ""),
        Arguments.of("lines that end with LF", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", "ok"),
        Arguments.of(
            "the same length twice", OK + "Content-Length: 2\r\ncontent-length: 2\r\n\r\nok", "ok"),
        Arguments.of("a header without a value", OK + "X-A:\r\nContent-Length: 2\r\n\r\nok", "ok"),
        Arguments.of(
            "a header with a tab", OK + "X-A:\tb\tc\r\nContent-Length:\t2 \r\n\r\nok", "ok"),
        Arguments.of(
            "a word in another case",
            OK + "TRANSFER-ENCODING: Chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "ok"),
        Arguments.of("no chunk at all", chunked + "0\r\n\r\n", ""),
        Arguments.of("a last chunk of many zeros", chunked + "2\r\nok\r\n00000\r\n\r\n", "ok"),
        Arguments.of("a size with zeros in front", chunked + "0002\r\nok\r\n0\r\n\r\n", "ok"),
        Arguments.of(
            "a size in small letters", chunked + "a\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
        Arguments.of("spaces after a size", chunked + "2  \r\nok\r\n0 \r\n\r\n", "ok"),
        Arguments.of("extensions", chunked + "2;a;b=c;d=\"e;f\"\r\nok\r\n0;z\r\n\r\n", "ok"),
        Arguments.of("trailers", chunked + "2\r\nok\r\n0\r\nX-A: b\r\nX-C: d\r\n\r\n", "ok"),
        Arguments.of(
            "answers that come before the answer",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Go on\r\nX: y\r\n\r\n"
                + OK
                + "Content-Length: 2\r\n\r\nok",
            "ok"),
        Arguments.of("no content", "HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n", ""),
        Arguments.of(
            "a status of nobody's", "HTTP/1.1 599 X\r\nContent-Length: 2\r\n\r\nok", "ok"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("odd")
  void readsWhatIsOddAndClear(String what, String answer, String body) throws IOException {
    byte[] all = answer.getBytes(StandardCharsets.ISO_8859_1);
    // Wherever it is cut in two, it says the same.
    for (int cut = 0; cut < all.length; cut++) {
      Kept whole = new Kept();
      parser.begin(false);
      assertThat(parser.feed(ByteBuffer.wrap(all, 0, cut), whole)).as("at " + cut).isFalse();
      assertThat(parser.feed(ByteBuffer.wrap(all, cut, all.length - cut), whole)).isTrue();
      assertThat(whole.text()).isEqualTo(body);
      assertThat(parser.isReusable()).isTrue();
    }
  }

  @Test
  void anAnswerOfTheOldVersionEndsItsConnection() throws IOException {
    assertThat(feed("HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok"))
        .isTrue();
    assertThat(parser.isReusable()).isFalse();

    assertThat(feed("HTTP/1.0 200 OK\r\n\r\nok")).isFalse();
    assertThat(parser.closed()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Connection: close", "Connection: keep-alive, Close"})
  void aConnectionThatIsToBeClosedIsNotUsedAgain(String header) throws IOException {
    assertThat(feed(OK + header + "\r\nContent-Length: 0\r\n\r\n")).isTrue();

    assertThat(parser.isReusable()).isFalse();
  }

  static Stream<Arguments> unclear() {
    return Stream.of(
            "two lengths|" + OK + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
            "length and chunks|"
                + OK
                + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "another encoding|" + OK + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "two encodings|"
                + OK
                + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "a negative length|" + OK + "Content-Length: -3\r\n\r\n",
            "a length with a sign|" + OK + "Content-Length: +3\r\n\r\nabc",
            "an empty length|" + OK + "Content-Length:\r\n\r\n",
            "a list of lengths|" + OK + "Content-Length: 3, 3\r\n\r\nabc",
            "a chunk without a size|" + OK + "Transfer-Encoding: chunked\r\n\r\n\r\n",
            "a chunk with a sign|" + OK + "Transfer-Encoding: chunked\r\n\r\n+1\r\na\r\n",
            "a chunk in hex notation|" + OK + "Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n",
            "a chunk that is longer|" + OK + "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
            "a chunk that ends with LF|" + OK + "Transfer-Encoding: chunked\r\n\r\n1\na\n",
            "a huge chunk|" + OK + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n",
            "a space before the colon|" + OK + "Content-Length : 3\r\n\r\nabc",
            "a folded header|" + OK + "X-A: b\r\n c\r\n\r\n",
            "a header without a name|" + OK + ": b\r\n\r\n",
            "a header with NUL|" + OK + "X-A: b\0\r\n\r\n",
            "another protocol|ICY 200 OK\r\n\r\n",
            "another version|HTTP/2.0 200 OK\r\n\r\n",
            "no status|HTTP/1.1 OK\r\n\r\n",
            "a short status|HTTP/1.1 20 OK\r\n\r\n",
            "a status below 100|HTTP/1.1 000 OK\r\n\r\n",
            "a switch of protocols|HTTP/1.1 101 Switching\r\n\r\n")
        .map(line -> line.split("\\|", 2))
        .map(parts -> Arguments.of(parts[0], parts[1]));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("unclear")
  void refusesWhatTwoReadersCouldReadDifferently(String what, String answer) {
    assertThatThrownBy(() -> feed(answer))
        .isInstanceOf(IOException.class)
        .cause()
        .isInstanceOf(HttpException.class);
  }

  static Stream<Arguments> endless() {
    return Stream.of(
        Arguments.of("a line", OK + "X-A: " + "b".repeat(17 * 1024)),
        Arguments.of("headers", OK + "X-A: b\r\n".repeat(101) + "\r\n"),
        Arguments.of("a head", OK + ("X-A: " + "b".repeat(8000) + "\r\n").repeat(9) + "\r\n"),
        Arguments.of(
            "an extension", OK + "Transfer-Encoding: chunked\r\n\r\n1;" + "x".repeat(2000)),
        Arguments.of(
            "trailers", OK + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + "A: b\r\n".repeat(60)),
        Arguments.of("interim answers", "HTTP/1.1 100 Go on\r\n\r\n".repeat(30)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("endless")
  void refusesWhatDoesNotEnd(String what, String answer) {
    assertThatThrownBy(() -> feed(answer)).isInstanceOf(IOException.class);
  }
}
