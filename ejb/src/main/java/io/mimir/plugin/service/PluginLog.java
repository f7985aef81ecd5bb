package io.mimir.plugin.service;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The last lines that a plugin has said, by its host's log callback or by printing. They are kept
 * in memory only: a plugin may say anything, so nothing of it reaches the server's own log.
 */
final class PluginLog {

  private static final int MAX_LINES = 500;
  private static final int MAX_LINE_CHARS = 2_000;
  private static final List<String> LEVELS = List.of("trace", "debug", "info", "warning", "error");

  private final Deque<Line> lines = new ArrayDeque<>();

  /**
   * A line.
   *
   * @param level trace, debug, info, warning or error; {@code output} for what was printed
   */
  record Line(Instant at, String level, String text) {}

  /**
   * @param payload of a LOG frame
   */
  void frame(byte[] payload) {
    if (payload.length > 0) {
      String level = LEVELS.get(Math.min(Byte.toUnsignedInt(payload[0]), LEVELS.size() - 1));
      int length = Math.min(payload.length - 1, 4 * MAX_LINE_CHARS);
      add(level, new String(payload, 1, length, StandardCharsets.UTF_8));
    }
  }

  /** What the server has to say about the plugin. */
  void note(String text) {
    add("info", text);
  }

  /** Takes lines until the stream ends; whatever is too long is cut, not gathered. */
  void copy(InputStream in) throws IOException {
    byte[] line = new byte[4 * MAX_LINE_CHARS];
    int length = 0;
    byte[] piece = new byte[8192];
    for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
      for (int i = 0; i < count; i++) {
        if (piece[i] == '\n') {
          add("output", new String(line, 0, length, StandardCharsets.UTF_8));
          length = 0;
        } else if (length < line.length) {
          line[length++] = piece[i];
        }
      }
    }
    if (length > 0) {
      add("output", new String(line, 0, length, StandardCharsets.UTF_8));
    }
  }

  private synchronized void add(String level, String text) {
    String plain = text.replaceAll("[\\p{Cc}\\p{Cf}]", " ").strip();
    String cut = plain.length() > MAX_LINE_CHARS ? plain.substring(0, MAX_LINE_CHARS) + "…" : plain;
    if (lines.size() == MAX_LINES) {
      lines.removeFirst();
    }
    lines.addLast(new Line(Instant.now(), level, cut));
  }

  /** Oldest first. */
  synchronized List<Line> lines() {
    return List.copyOf(lines);
  }
}
