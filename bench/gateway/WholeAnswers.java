import java.util.Arrays;

/** Asks for answers that come as a whole. */
final class WholeAnswers extends LoadConnection {

  private byte[] data = new byte[4096];
  private int size;

  /**
   * The last body that had in it all that is expected: the next one that is the same needs no
   * search.
   */
  private byte[] good = new byte[0];

  WholeAnswers(Load load) {
    super(load);
  }

  @Override
  void begin() {
    size = 0;
  }

  @Override
  void take(byte[] read, int length, long now) {
    if (size + length > data.length) {
      data = Arrays.copyOf(data, Math.max(2 * data.length, size + length));
    }
    System.arraycopy(read, 0, data, size, length);
    size += length;
    int headEnd = Bytes.find(data, 0, size, Bytes.HEAD_END);
    if (headEnd < 0) {
      return;
    }
    AnswerHead head = AnswerHead.of(data, headEnd);
    int from = headEnd + Bytes.HEAD_END.length;
    if (head.length >= 0) {
      if (size - from >= head.length) {
        judge(head, data, from, from + head.length, size - from == head.length, now);
      }
    } else if (head.chunked) {
      int decoded = lengthOfChunks(from, null);
      if (decoded >= 0) {
        byte[] body = new byte[decoded];
        lengthOfChunks(from, body);
        judge(head, body, 0, body.length, true, now);
      }
    }
  }

  /**
   * Adds up the chunks of a body.
   *
   * @param body where they are put, or null to count only, which a large answer that is not there
   *     yet is not copied for
   * @return their length in bytes, or -1 while the end is not there
   */
  private int lengthOfChunks(int from, byte[] body) {
    int length = 0;
    int at = from;
    while (true) {
      int line = at;
      while (at < size && data[at] != '\n') {
        at++;
      }
      if (at == size) {
        return -1;
      }
      int chunk = Integer.parseInt(Bytes.text(data, line, at).split(";")[0].strip(), 16);
      at++;
      if (at + chunk + 2 > size) {
        return -1;
      }
      if (chunk == 0) {
        return length;
      }
      if (body != null) {
        System.arraycopy(data, at, body, length, chunk);
      }
      length += chunk;
      at += chunk + 2;
    }
  }

  @Override
  void ended(long now) {
    int headEnd = Bytes.find(data, 0, size, Bytes.HEAD_END);
    if (headEnd >= 0) {
      AnswerHead head = AnswerHead.of(data, headEnd);
      if (head.length < 0 && !head.chunked) {
        judge(head, data, headEnd + Bytes.HEAD_END.length, size, false, now);
        return;
      }
    }
    fail("lost");
  }

  private void judge(AnswerHead head, byte[] in, int from, int to, boolean keep, long now) {
    if (head.status != 200) {
      load.tally.fail("status_" + head.status);
    } else if (!isGood(in, from, to)) {
      load.tally.fail("body");
    } else if (!options.isClosedLoop() || now <= load.phaseEnd) {
      load.tally.good(now - due);
    }
    done(keep && !head.close);
  }

  private boolean isGood(byte[] in, int from, int to) {
    if (Arrays.equals(in, from, to, good, 0, good.length)) {
      return true;
    }
    for (byte[] text : options.expected) {
      if (Bytes.find(in, from, to, text) < 0) {
        return false;
      }
    }
    good = Arrays.copyOfRange(in, from, to);
    return true;
  }
}
