/** Asks for event streams, and looks at each piece of them. */
final class EventStreams extends LoadConnection {

  private static final int SIZE = -1;
  private static final int TRAILER = -2;

  private final StringBuilder line = new StringBuilder();

  /** The size of a chunk, or a line after the last one. */
  private final StringBuilder frame = new StringBuilder();

  private AnswerHead head;

  /**
   * Bytes of the chunk, or of the body, that have not come; 0 at the line end after a chunk, or
   * what comes there.
   */
  private int left;

  private int piece;
  private long firstPiece;
  private long lastPiece;
  private boolean finished;
  private boolean complete;

  EventStreams(Load load) {
    super(load);
  }

  @Override
  void begin() {
    line.setLength(0);
    frame.setLength(0);
    head = null;
    piece = 0;
    finished = false;
    complete = false;
  }

  @Override
  void take(byte[] data, int length, long now) {
    for (int i = 0; i < length && busy; i++) {
      char c = (char) (data[i] & 0xff);
      if (head == null) {
        head(c);
      } else if (left > 0) {
        left--;
        content(c, now);
        if (left == 0 && !head.chunked && busy) {
          end();
        }
      } else if (c != '\n') {
        if (c != '\r') {
          frame.append(c);
        }
      } else if (left == SIZE) {
        int size = Integer.parseInt(frame.toString().split(";")[0].strip(), 16);
        left = size == 0 ? TRAILER : size;
        frame.setLength(0);
      } else if (left == TRAILER) {
        if (frame.length() == 0) {
          end();
        }
        frame.setLength(0);
      } else {
        left = SIZE;
      }
    }
  }

  private void head(char c) {
    line.append(c);
    if (c != '\n' || line.lastIndexOf("\r\n\r\n") != line.length() - 4 || line.length() < 4) {
      return;
    }
    byte[] text = Bytes.ascii(line.toString());
    line.setLength(0);
    head = AnswerHead.of(text, text.length - Bytes.HEAD_END.length);
    left = head.chunked ? SIZE : head.length >= 0 ? head.length : Integer.MAX_VALUE;
    if (head.status != 200) {
      fail("status_" + head.status);
    }
  }

  private void content(char c, long now) {
    if (c == '\n') {
      event(line.toString(), now);
      line.setLength(0);
    } else if (c != '\r') {
      line.append(c);
    }
  }

  private void event(String text, long now) {
    if (!text.startsWith("data:")) {
      return;
    }
    String data = text.substring("data:".length()).strip();
    if (options.events.isEnd(data)) {
      complete = true;
      return;
    }
    if (data.contains("\"error\"")) {
      fail("error_event");
      return;
    }
    String content = options.events.contentOf(data);
    if (!content.isEmpty()) {
      piece(content, now);
    }
    finished |= options.events.isFinish(data);
  }

  private void piece(String content, long now) {
    if (!content.equals("w" + piece + " ")) {
      fail("order");
      return;
    }
    if (piece == 0) {
      firstPiece = now;
    } else {
      load.tally.gap(now - lastPiece);
    }
    lastPiece = now;
    piece++;
    load.tally.pieces++;
    if (options.abort) {
      load.tally.good(now - due);
      done(false);
    }
  }

  private void end() {
    if (!complete) {
      fail("no_done");
    } else if (piece != options.chunks) {
      fail("pieces");
    } else if (!finished) {
      fail("no_finish");
    } else {
      load.tally.good(firstPiece - due);
      done(!head.close && (head.chunked || head.length >= 0));
    }
  }

  @Override
  void ended(long now) {
    if (head != null && !head.chunked && head.length < 0) {
      end();
    } else {
      fail("lost");
    }
  }
}
