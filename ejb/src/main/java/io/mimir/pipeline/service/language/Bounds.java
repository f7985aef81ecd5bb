package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.JsonNode;

/** Counts what one value comes to while it is made, so that it never gets larger than it may. */
final class Bounds {

  /** Bytes of a value as JSON, without blanks. */
  static final long MAX_BYTES = 32L * 1024 * 1024;

  /** Objects, lists, texts and the like in one value. */
  static final int MAX_NODES = 1_000_000;

  /** Objects and lists within one another. */
  static final int MAX_DEPTH = 64;

  private long bytes;
  private int nodes;

  /**
   * Counts one object, list or plain value.
   *
   * @param depth of objects and lists around it
   * @throws ValueException too_large, too_deep
   */
  void node(int depth) throws ValueException {
    if (depth > MAX_DEPTH) {
      throw new ValueException("too_deep", "The value is deeper than 64 objects and lists.");
    }
    if (++nodes > MAX_NODES) {
      throw new ValueException("too_large", "The value has more than 1,000,000 parts.");
    }
    bytes(2);
  }

  /** Counts a text, or the name of a member. */
  void text(String text) throws ValueException {
    bytes(2L + text.length());
  }

  private void bytes(long more) throws ValueException {
    bytes += more;
    if (bytes > MAX_BYTES) {
      throw new ValueException("too_large", "The value is larger than 32 MiB.");
    }
  }

  /** Counts all of a value. */
  void all(JsonNode value, int depth) throws ValueException {
    node(depth);
    if (value.isTextual()) {
      text(value.textValue());
    } else if (value.isObject()) {
      for (var member : value.properties()) {
        text(member.getKey());
        all(member.getValue(), depth + 1);
      }
    } else {
      for (JsonNode element : value) {
        all(element, depth + 1);
      }
    }
  }
}
