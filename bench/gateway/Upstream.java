import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.PriorityQueue;

/**
 * A provider that answers like OpenAI and costs next to nothing, so that a relay in front of it is
 * what gets measured.
 *
 * <p>{@code java Upstream.java PORT} listens on 127.0.0.1, on one thread, and knows:
 *
 * <ul>
 *   <li>{@code POST /v1/chat/completions}: always the same {@code chat.completion} of about 400
 *       bytes. With {@code "stream":true} in the body an event stream instead: {@code
 *       gpt-4o-mini-stream-20-50} as the model means 20 pieces, one each 50 ms, the first at once;
 *       their texts are {@code "w0 "}, {@code "w1 "} and so on. Any other model means 3 pieces
 *       without a pause.
 *   <li>{@code GET /v1/models}: a list of one.
 *   <li>{@code GET /stats}: open connections (the one that asks included), requests, and streams:
 *       open, finished, aborted.
 * </ul>
 *
 * <p>A client that closes while its stream runs is counted as aborted. The key must begin with
 * {@code sk-bench-}, else the answer is 401: a relay that forgets to put the provider's key in is
 * found at once. Anything else is answered with 404.
 */
public final class Upstream {

  private static final String ANSWER =
      "{\"id\":\"chatcmpl-bench0000000000000000000000\",\"object\":\"chat.completion\",\"created\":1700000000,"
          + "\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Sunlight"
          + " meets air, and air scatters blue far more than"
          + " red.\",\"refusal\":null},\"logprobs\":null,"
          + "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":42,\"completion_tokens\":13,\"total_tokens\":55},"
          + "\"system_fingerprint\":\"fp_bench\"}";
  private static final String MODELS =
      "{\"object\":\"list\",\"data\":[{\"id\":\"gpt-4o-mini\",\"object\":\"model\",\"created\":1700000000,\"owned_by\":\"bench\"}]}";
  private static final byte[] STREAM_HEAD =
      ascii(
          "HTTP/1.1 200 OK\r\n"
              + "Content-Type: text/event-stream; charset=utf-8\r\n"
              + "Cache-Control: no-cache\r\n"
              + "X-Accel-Buffering: no\r\n"
              + "Transfer-Encoding: chunked\r\n\r\n");
  private static final byte[] HEAD_END = ascii("\r\n\r\n");
  private static final byte[] KEY = ascii("Bearer sk-bench-");
  private static final byte[] STREAM = ascii("\"stream\"");
  private static final byte[] USAGE = ascii("\"include_usage\"");
  private static final byte[] PACE = ascii("-stream-");
  private static final int LARGEST_REQUEST = 1 << 20;

  private final Selector selector;
  private final ServerSocketChannel listener;
  private final ByteBuffer in = ByteBuffer.allocateDirect(64 * 1024);
  private final ByteBuffer answer = direct(whole("200 OK", ANSWER));
  private final ByteBuffer models = direct(whole("200 OK", MODELS));
  private final ByteBuffer unknown =
      direct(
          whole(
              "404 Not Found",
              "{\"error\":{\"message\":\"No such"
                  + " address\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":null}}"));
  private final ByteBuffer refusal =
      direct(
          whole(
              "401 Unauthorized",
              "{\"error\":{\"message\":\"Wrong"
                  + " key\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"invalid_api_key\"}}"));
  private final PriorityQueue<Stream> due = new PriorityQueue<>((a, b) -> Long.compare(a.at, b.at));
  private long connections;
  private long requests;
  private long streamsOpen;
  private long streamsFinished;
  private long streamsAborted;

  private Upstream(int port) throws IOException {
    selector = Selector.open();
    listener = ServerSocketChannel.open();
    listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    listener.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 4096);
    listener.configureBlocking(false);
    listener.register(selector, SelectionKey.OP_ACCEPT);
  }

  public static void main(String[] args) throws IOException {
    if (args.length != 1) {
      System.err.println("Usage: java Upstream.java PORT");
      System.exit(64);
    }
    new Upstream(Integer.parseInt(args[0])).serve();
  }

  private void serve() throws IOException {
    while (true) {
      if (due.isEmpty()) {
        selector.select(this::handle);
      } else {
        long wait = (due.peek().at - System.nanoTime() + 999_999) / 1_000_000;
        if (wait <= 0) {
          selector.selectNow(this::handle);
        } else {
          selector.select(this::handle, wait);
        }
      }
      long now = System.nanoTime();
      while (!due.isEmpty() && due.peek().at <= now) {
        due.poll().next(now);
      }
    }
  }

  private void handle(SelectionKey key) {
    if (key.channel() == listener) {
      accept();
      return;
    }
    Connection connection = (Connection) key.attachment();
    try {
      if (key.isWritable()) {
        connection.flush();
      }
      if (key.isValid() && key.isReadable()) {
        connection.read();
      }
    } catch (IOException e) {
      connection.close();
    }
  }

  private void accept() {
    try {
      SocketChannel channel;
      while ((channel = listener.accept()) != null) {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        Connection connection = new Connection(channel);
        connection.key = channel.register(selector, SelectionKey.OP_READ, connection);
        connections++;
      }
    } catch (IOException e) {
      System.err.println("upstream: a connection was not accepted: " + e.getMessage());
    }
  }

  /** One client; reads a request, answers it, then reads the next one. */
  private final class Connection {
    final SocketChannel channel;
    SelectionKey key;
    Stream stream;
    private byte[] request = new byte[4096];
    private int length;

    /** What the socket would not take yet; null most of the time. */
    private ByteBuffer pending;

    Connection(SocketChannel channel) {
      this.channel = channel;
    }

    void read() throws IOException {
      in.clear();
      int count = channel.read(in);
      if (count < 0) {
        close();
        return;
      }
      in.flip();
      if (length + count > request.length) {
        if (length + count > LARGEST_REQUEST) {
          throw new IOException("a request is too large");
        }
        request = Arrays.copyOf(request, Math.max(2 * request.length, length + count));
      }
      in.get(request, length, count);
      length += count;
      answerWhatIsThere();
    }

    void answerWhatIsThere() throws IOException {
      while (stream == null && length > 0) {
        int head = find(request, 0, length, HEAD_END);
        if (head < 0) {
          return;
        }
        int body = head + HEAD_END.length;
        int end = endOfBody(head, body);
        if (end < 0) {
          return;
        }
        requests++;
        answer(body, end);
        if (!channel.isOpen()) {
          return;
        }
        System.arraycopy(request, end, request, 0, length - end);
        length -= end;
      }
    }

    /** Where the request ends, or -1 while it is not there as a whole. */
    private int endOfBody(int head, int body) throws IOException {
      int at = 0;
      while (at < head) {
        int line = at;
        while (at < head && request[at] != '\r') {
          at++;
        }
        if (starts(line, at, "content-length:")) {
          int size = 0;
          for (int i = line + "content-length:".length(); i < at; i++) {
            if (request[i] >= '0' && request[i] <= '9') {
              size = size * 10 + request[i] - '0';
            }
          }
          return body + size <= length ? body + size : -1;
        }
        if (starts(line, at, "transfer-encoding:")) {
          // The body need not be decoded: what is looked for in it is found all the same.
          int last = find(request, body, length, ascii("0\r\n\r\n"));
          return last < 0 ? -1 : last + 5;
        }
        at += 2;
      }
      return body;
    }

    private boolean starts(int from, int to, String name) {
      if (to - from < name.length()) {
        return false;
      }
      for (int i = 0; i < name.length(); i++) {
        int c = request[from + i];
        if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != name.charAt(i)) {
          return false;
        }
      }
      return true;
    }

    private void answer(int body, int end) throws IOException {
      if (starts(0, body, "post /v1/chat/completions ")) {
        if (find(request, 0, body, KEY) < 0) {
          write(refusal.duplicate());
          return;
        }
        if (!isTrue(body, end, STREAM)) {
          write(answer.duplicate());
          return;
        }
        int chunks = 3;
        int delay = 0;
        int pace = find(request, body, end, PACE);
        if (pace >= 0) {
          int at = pace + PACE.length;
          chunks = 0;
          while (at < end && Character.isDigit(request[at])) {
            chunks = chunks * 10 + request[at++] - '0';
          }
          at++;
          while (at < end && Character.isDigit(request[at])) {
            delay = delay * 10 + request[at++] - '0';
          }
        }
        stream = new Stream(this, chunks, delay * 1_000_000L, isTrue(body, end, USAGE));
        streamsOpen++;
        write(ByteBuffer.wrap(STREAM_HEAD));
        stream.next(System.nanoTime());
      } else if (starts(0, body, "get /v1/models ")) {
        write(find(request, 0, body, KEY) < 0 ? refusal.duplicate() : models.duplicate());
      } else if (starts(0, body, "get /stats ")) {
        write(
            ByteBuffer.wrap(
                whole(
                    "200 OK",
                    String.format(
                        "{\"connections\":%d,\"requests\":%d,\"streams_open\":%d,\"streams_finished\":%d,\"streams_aborted\":%d}",
                        connections, requests, streamsOpen, streamsFinished, streamsAborted))));
      } else {
        write(unknown.duplicate());
      }
    }

    private boolean isTrue(int from, int to, byte[] name) {
      int at = find(request, from, to, name);
      if (at < 0) {
        return false;
      }
      at += name.length;
      while (at < to && (request[at] == ' ' || request[at] == ':')) {
        at++;
      }
      return at < to && request[at] == 't';
    }

    void write(ByteBuffer bytes) throws IOException {
      if (pending == null) {
        channel.write(bytes);
        if (bytes.hasRemaining()) {
          pending = ByteBuffer.allocate(Math.max(64 * 1024, bytes.remaining()));
          pending.put(bytes).flip();
          key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
        }
        return;
      }
      ByteBuffer more =
          ByteBuffer.allocate(Math.max(64 * 1024, pending.remaining() + bytes.remaining()));
      more.put(pending).put(bytes).flip();
      pending = more;
    }

    void flush() throws IOException {
      if (pending != null) {
        channel.write(pending);
        if (pending.hasRemaining()) {
          return;
        }
        pending = null;
      }
      key.interestOps(SelectionKey.OP_READ);
    }

    void close() {
      if (!channel.isOpen()) {
        return;
      }
      connections--;
      if (stream != null) {
        streamsOpen--;
        streamsAborted++;
        due.remove(stream);
        stream = null;
      }
      try {
        channel.close();
      } catch (IOException e) {
        System.err.println("upstream: a connection did not close: " + e.getMessage());
      }
    }
  }

  /** The answer in pieces that is under way on a connection. */
  private final class Stream {
    long at;
    private final Connection connection;
    private final int chunks;
    private final long delay;
    private final boolean usage;
    private int sent;

    Stream(Connection connection, int chunks, long delay, boolean usage) {
      this.connection = connection;
      this.chunks = chunks;
      this.delay = delay;
      this.usage = usage;
    }

    void next(long now) {
      try {
        if (sent < chunks) {
          String role = sent == 0 ? "\"role\":\"assistant\"," : "";
          connection.write(
              chunk(
                  "data: " + event("{" + role + "\"content\":\"w" + sent + " \"}", "null") + "\n\n",
                  ""));
          sent++;
          at = now + delay;
          due.add(this);
          return;
        }
        String tail = "data: " + event("{}", "\"stop\"") + "\n\n";
        if (usage) {
          tail +=
              "data:"
                  + " {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"gpt-4o-mini\","
                  + "\"choices\":[],\"usage\":{\"prompt_tokens\":42,\"completion_tokens\":"
                  + chunks
                  + ",\"total_tokens\":"
                  + (42 + chunks)
                  + "}}\n\n";
        }
        connection.write(chunk(tail + "data: [DONE]\n\n", "0\r\n\r\n"));
        streamsOpen--;
        streamsFinished++;
        connection.stream = null;
        connection.answerWhatIsThere();
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
  }

  private static ByteBuffer chunk(String text, String after) {
    return ByteBuffer.wrap(
        ascii(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n" + after));
  }

  private static byte[] whole(String status, String json) {
    return ascii(
        "HTTP/1.1 "
            + status
            + "\r\nContent-Type: application/json\r\nContent-Length: "
            + json.length()
            + "\r\nx-request-id: req_bench\r\n\r\n"
            + json);
  }

  private static ByteBuffer direct(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static int find(byte[] in, int from, int to, byte[] what) {
    byte first = what[0];
    outer:
    for (int i = from; i <= to - what.length; i++) {
      if (in[i] != first) {
        continue;
      }
      for (int j = 1; j < what.length; j++) {
        if (in[i + j] != what[j]) {
          continue outer;
        }
      }
      return i;
    }
    return -1;
  }
}
