package io.mimir.llm;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads server-sent events (WHATWG HTML, 9.2.6), as far as providers use them: event names and
 * data; ids and retry times are left out.
 */
public final class SseReader {

  private final int longest;
  private final LineReader lines;
  private final StringBuilder data = new StringBuilder();
  private String name;
  private boolean hasData;

  /**
   * @param longest the most bytes that an event may have
   */
  public SseReader(int longest) {
    this.longest = longest;
    this.lines = new LineReader(longest);
  }

  /**
   * One event.
   *
   * @param name null where none was given
   */
  public record Event(String name, String data) {}

  /**
   * @return the events that this piece completes
   * @throws LlmException NOT_LLM_API when an event is too long
   */
  public List<Event> feed(ByteBuffer piece) throws LlmException {
    List<Event> events = new ArrayList<>();
    for (String line : lines.feed(piece)) {
      if (line.isEmpty()) {
        complete(events);
      } else {
        take(line);
      }
    }
    return events;
  }

  private void take(String line) throws LlmException {
    int colon = line.indexOf(':');
    if (colon == 0) {
      return;
    }
    String field = colon < 0 ? line : line.substring(0, colon);
    String value = colon < 0 ? "" : line.substring(colon + 1);
    if (value.startsWith(" ")) {
      value = value.substring(1);
    }
    if (field.equals("event")) {
      name = value;
    } else if (field.equals("data")) {
      if (data.length() + value.length() > longest) {
        throw new LlmException(
            CallOutcome.NOT_LLM_API, "The endpoint sent an event that is too long");
      }
      data.append(hasData ? "\n" : "").append(value);
      hasData = true;
    }
  }

  private void complete(List<Event> events) {
    if (hasData) {
      events.add(new Event(name, data.toString()));
    }
    data.setLength(0);
    hasData = false;
    name = null;
  }
}
