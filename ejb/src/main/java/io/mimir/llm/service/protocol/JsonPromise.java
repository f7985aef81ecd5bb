package io.mimir.llm.service.protocol;

import io.mimir.llm.StopReason;
import java.io.IOException;

/**
 * Holds a model to JSON that was only told to answer with it. A fence of Markdown around the answer
 * is taken off; what is left has to be one JSON object, which is known at the end.
 */
final class JsonPromise extends ForwardingSink {

  /** What a provider is told that has no way of enforcing JSON without a schema. */
  static final String INSTRUCTION =
      "Answer with one JSON object and nothing else: no text around it, no Markdown.";

  private final StringBuilder head = new StringBuilder();
  private final StringBuilder said = new StringBuilder();
  private boolean begun;
  private boolean calling;
  private String held = "";
  private StopReason reason = StopReason.END;

  JsonPromise(ResponseSink next) {
    super(next);
  }

  @Override
  public void text(String text) throws IOException {
    String piece = text;
    if (!begun) {
      head.append(text);
      piece = begin();
    }
    String all = held + piece;
    int end = all.length();
    while (end > 0 && isMargin(all.charAt(end - 1))) {
      end--;
    }
    held = all.substring(end);
    if (end > 0) {
      said.append(all, 0, end);
      super.text(all.substring(0, end));
    }
  }

  /** What comes after white space and the first line of a fence; empty while that is not known. */
  private String begin() {
    String start = head.toString().stripLeading();
    if (start.isEmpty()) {
      return "";
    }
    int line = start.indexOf('\n');
    if (start.charAt(0) == '`' && line < 0) {
      return "";
    }
    begun = true;
    return start.charAt(0) == '`' ? start.substring(line + 1) : start;
  }

  private static boolean isMargin(char c) {
    return c == '`' || Character.isWhitespace(c);
  }

  @Override
  public void call(String id, String name) throws IOException {
    calling = true;
    super.call(id, name);
  }

  @Override
  public void stop(StopReason why, String sequence) throws IOException {
    reason = why;
    super.stop(why, sequence);
  }

  /**
   * Looks at the whole answer, unless it was cut, refused, or asks for tools.
   *
   * @throws JsonExpectedException when it is no JSON object
   */
  void check() throws IOException {
    boolean ended = reason == StopReason.END || reason == StopReason.SEQUENCE;
    if (ended && !calling && Json.objectIn(said.toString()) == null) {
      throw new JsonExpectedException();
    }
  }
}
