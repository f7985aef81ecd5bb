import java.io.IOException;
import java.nio.ByteBuffer;

/** The answer in pieces that is under way on a connection of the provider. */
final class UpstreamStream extends UpstreamTimed {

  private static final byte[] HEAD =
      Bytes.ascii(
          "HTTP/1.1 200 OK\r\n"
              + "Content-Type: text/event-stream; charset=utf-8\r\n"
              + "Cache-Control: no-cache\r\n"
              + "X-Accel-Buffering: no\r\n"
              + "Transfer-Encoding: chunked\r\n\r\n");

  private final Upstream upstream;
  private final UpstreamConnection connection;
  private final UpstreamModel model;
  private final boolean usage;
  private int sent;

  UpstreamStream(
      Upstream upstream, UpstreamConnection connection, UpstreamModel model, boolean usage) {
    this.upstream = upstream;
    this.connection = connection;
    this.model = model;
    this.usage = usage;
  }

  /** Sends the head and the first piece. */
  void begin() throws IOException {
    upstream.streamsOpen++;
    connection.write(ByteBuffer.wrap(HEAD));
    next(System.nanoTime());
  }

  @Override
  void next(long now) {
    try {
      if (sent < model.chunks()) {
        String role = sent == 0 ? "\"role\":\"assistant\"," : "";
        connection.write(
            chunk(
                "data: " + event("{" + role + "\"content\":\"w" + sent + " \"}", "null") + "\n\n",
                ""));
        sent++;
        at = now + model.pause();
        upstream.due.add(this);
        return;
      }
      String tail = "data: " + event("{}", "\"stop\"") + "\n\n";
      if (usage) {
        tail +=
            "data:"
                + " {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"gpt-4o-mini\","
                + "\"choices\":[],\"usage\":{\"prompt_tokens\":42,\"completion_tokens\":"
                + model.chunks()
                + ",\"total_tokens\":"
                + (42 + model.chunks())
                + "}}\n\n";
      }
      connection.write(chunk(tail + "data: [DONE]\n\n", "0\r\n\r\n"));
      upstream.streamsOpen--;
      upstream.streamsFinished++;
      connection.answered();
    } catch (IOException e) {
      connection.close();
    }
  }

  private String event(String delta, String finish) {
    return "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"gpt-4o-mini\","
               + "\"choices\":[{\"index\":0,\"delta\":"
        + delta
        + ",\"logprobs\":null,\"finish_reason\":"
        + finish
        + "}]"
        + (usage ? ",\"usage\":null}" : "}");
  }

  private static ByteBuffer chunk(String text, String after) {
    return ByteBuffer.wrap(
        Bytes.ascii(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n" + after));
  }
}
