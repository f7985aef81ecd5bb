import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Arrays;

/** One client of the provider; reads a request, answers it, then reads the next one. */
final class UpstreamConnection {

  private static final byte[] KEY = Bytes.ascii("Bearer sk-bench-");
  private static final byte[] STREAM = Bytes.ascii("\"stream\"");
  private static final byte[] USAGE = Bytes.ascii("\"include_usage\"");
  private static final byte[] LAST_CHUNK = Bytes.ascii("0\r\n\r\n");
  private static final int LARGEST_REQUEST = 1 << 20;

  SelectionKey key;
  private final Upstream upstream;
  private final SocketChannel channel;

  /** The answer that is under way and waits for its time, or null. */
  private UpstreamTimed timed;

  private byte[] request = new byte[4096];
  private int length;

  /** What the socket would not take yet; null most of the time. */
  private ByteBuffer pending;

  UpstreamConnection(Upstream upstream, SocketChannel channel) {
    this.upstream = upstream;
    this.channel = channel;
  }

  void read() throws IOException {
    upstream.in.clear();
    int count = channel.read(upstream.in);
    if (count < 0) {
      close();
      return;
    }
    upstream.in.flip();
    if (length + count > request.length) {
      if (length + count > LARGEST_REQUEST) {
        throw new IOException("a request is too large");
      }
      request = Arrays.copyOf(request, Math.max(2 * request.length, length + count));
    }
    upstream.in.get(request, length, count);
    length += count;
    answerWhatIsThere();
  }

  private void answerWhatIsThere() throws IOException {
    while (timed == null && length > 0) {
      int head = Bytes.find(request, 0, length, Bytes.HEAD_END);
      if (head < 0) {
        return;
      }
      int body = head + Bytes.HEAD_END.length;
      int end = endOfBody(head, body);
      if (end < 0) {
        return;
      }
      upstream.requests++;
      answer(body, end);
      if (!channel.isOpen()) {
        return;
      }
      System.arraycopy(request, end, request, 0, length - end);
      length -= end;
    }
  }

  /** Where the request ends, or -1 while it is not there as a whole. */
  private int endOfBody(int head, int body) {
    int at = 0;
    while (at < head) {
      int line = at;
      while (at < head && request[at] != '\r') {
        at++;
      }
      if (Bytes.starts(request, line, at, "content-length:")) {
        int size = 0;
        for (int i = line + "content-length:".length(); i < at; i++) {
          if (request[i] >= '0' && request[i] <= '9') {
            size = size * 10 + request[i] - '0';
          }
        }
        return body + size <= length ? body + size : -1;
      }
      if (Bytes.starts(request, line, at, "transfer-encoding:")) {
        // The body need not be decoded: what is looked for in it is found all the same.
        int last = Bytes.find(request, body, length, LAST_CHUNK);
        return last < 0 ? -1 : last + LAST_CHUNK.length;
      }
      at += 2;
    }
    return body;
  }

  private void answer(int body, int end) throws IOException {
    if (Bytes.starts(request, 0, body, "post /v1/chat/completions ")) {
      if (Bytes.find(request, 0, body, KEY) < 0) {
        write(upstream.answers.refusal());
        return;
      }
      UpstreamModel model = UpstreamModel.in(request, body, end);
      if (isTrue(body, end, STREAM)) {
        UpstreamStream stream = new UpstreamStream(upstream, this, model, isTrue(body, end, USAGE));
        timed = stream;
        stream.begin();
      } else if (model.delay() == 0) {
        write(upstream.answers.completion(model.size()));
      } else {
        timed = new Later(model.size(), System.nanoTime() + model.delay());
        upstream.due.add(timed);
      }
    } else if (Bytes.starts(request, 0, body, "get /v1/models ")) {
      write(
          Bytes.find(request, 0, body, KEY) < 0
              ? upstream.answers.refusal()
              : upstream.answers.models());
    } else if (Bytes.starts(request, 0, body, "get /stats ")) {
      write(ByteBuffer.wrap(UpstreamAnswers.whole("200 OK", upstream.stats())));
    } else {
      write(upstream.answers.unknown());
    }
  }

  private boolean isTrue(int from, int to, byte[] name) {
    int at = Bytes.find(request, from, to, name);
    if (at < 0) {
      return false;
    }
    at += name.length;
    while (at < to && (request[at] == ' ' || request[at] == ':')) {
      at++;
    }
    return at < to && request[at] == 't';
  }

  /** Goes on with the next request: the answer that waited for its time has been sent. */
  void answered() throws IOException {
    timed = null;
    answerWhatIsThere();
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
    upstream.connections--;
    if (timed instanceof UpstreamStream) {
      upstream.streamsOpen--;
      upstream.streamsAborted++;
    }
    if (timed != null) {
      upstream.due.remove(timed);
      timed = null;
    }
    try {
      channel.close();
    } catch (IOException e) {
      System.err.println("upstream: a connection did not close: " + e.getMessage());
    }
  }

  /** A whole answer that has to wait. */
  private final class Later extends UpstreamTimed {
    private final int size;

    Later(int size, long at) {
      this.size = size;
      this.at = at;
    }

    @Override
    void next(long now) {
      try {
        write(upstream.answers.completion(size));
        answered();
      } catch (IOException e) {
        close();
      }
    }
  }
}
