package io.mimir.llm;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a stream of bytes into lines, wherever the pieces happen to end: after LF, CR, or both. A
 * byte order mark at the beginning is left out.
 */
public final class LineReader {

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private final int longest;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private boolean afterCr;
  private boolean first = true;

  /**
   * @param longest the most bytes that a line may have
   */
  public LineReader(int longest) {
    this.longest = longest;
  }

  /**
   * @return the lines that this piece completes, without their ends
   * @throws LlmException NOT_LLM_API when a line is too long
   */
  public List<String> feed(ByteBuffer piece) throws LlmException {
    List<String> lines = new ArrayList<>();
    while (piece.hasRemaining()) {
      byte b = piece.get();
      if (b == '\n' && afterCr) {
        afterCr = false;
      } else if (b == '\n' || b == '\r') {
        afterCr = b == '\r';
        lines.add(take());
      } else {
        afterCr = false;
        if (line.size() == longest) {
          throw new LlmException(
              CallOutcome.NOT_LLM_API, "The endpoint sent a line that is too long");
        }
        line.write(b);
      }
    }
    return lines;
  }

  /** What came after the last end of a line; empty when there is nothing. */
  public String rest() {
    return take();
  }

  private String take() {
    String text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    if (first) {
      first = false;
      return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    }
    return text;
  }
}
