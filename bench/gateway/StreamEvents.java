/** How a protocol says in its events what a stream of pieces says. */
enum StreamEvents {
  OPENAI("\"content\":\"", "\"finish_reason\":\"stop\"") {
    @Override
    boolean isEnd(String data) {
      return data.equals("[DONE]");
    }
  },

  ANTHROPIC("\"text\":\"", "\"stop_reason\":\"end_turn\"") {
    @Override
    boolean isEnd(String data) {
      return data.contains("\"message_stop\"");
    }
  };

  private final String before;
  private final String finish;

  StreamEvents(String before, String finish) {
    this.before = before;
    this.finish = finish;
  }

  static StreamEvents of(String protocol) {
    return valueOf(protocol.toUpperCase(java.util.Locale.ROOT));
  }

  /** Tells whether nothing comes after this event. */
  abstract boolean isEnd(String data);

  /** Tells whether the event says that the answer came to its own end. */
  boolean isFinish(String data) {
    return data.contains(finish);
  }

  /** The text in an event; empty where there is none. */
  String contentOf(String data) {
    int at = data.indexOf(before);
    return at < 0
        ? ""
        : data.substring(at + before.length(), data.indexOf('"', at + before.length()));
  }
}
