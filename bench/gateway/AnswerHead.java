/** What the head of an answer says. */
final class AnswerHead {

  int status;

  /** Of the body, in bytes; -1 where the head does not say it. */
  int length = -1;

  boolean chunked;
  boolean close;

  /**
   * Reads a head.
   *
   * @param end where the empty line after it begins
   */
  static AnswerHead of(byte[] data, int end) {
    AnswerHead head = new AnswerHead();
    head.status = (data[9] - '0') * 100 + (data[10] - '0') * 10 + data[11] - '0';
    int at = 0;
    while (at < end) {
      int line = at;
      while (at < end && data[at] != '\r') {
        at++;
      }
      switch (data[line] | 0x20) {
        case 'c' -> {
          if (Bytes.starts(data, line, at, "content-length:")) {
            head.length =
                Integer.parseInt(Bytes.text(data, line + "content-length:".length(), at).strip());
          } else if (Bytes.starts(data, line, at, "connection:")) {
            head.close = Bytes.text(data, line, at).toLowerCase().contains("close");
          }
        }
        case 't' ->
            head.chunked |=
                Bytes.starts(data, line, at, "transfer-encoding:")
                    && Bytes.text(data, line, at).contains("chunked");
        default -> {}
      }
      at += 2;
    }
    return head;
  }
}
