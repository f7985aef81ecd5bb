import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.PriorityQueue;

/**
 * A provider that answers like OpenAI and costs next to nothing, so that a relay in front of it is
 * what gets measured.
 *
 * <p>{@code Upstream PORT} listens on 127.0.0.1, on one thread, and knows:
 *
 * <ul>
 *   <li>{@code POST /v1/chat/completions}: always the same {@code chat.completion} of about 400
 *       bytes; {@code gpt-4o-mini-wait-20} as the model means after 20 ms, {@code
 *       gpt-4o-mini-size-500000} one with a text of 500,000 bytes. With {@code "stream":true} in
 *       the body an event stream instead: {@code gpt-4o-mini-stream-20-50} as the model means 20
 *       pieces, one each 50 ms, the first at once; their texts are {@code "w0 "}, {@code "w1 "} and
 *       so on. Any other model means 3 pieces without a pause.
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

  /** What one read takes, for whichever connection is read. */
  final ByteBuffer in = ByteBuffer.allocateDirect(64 * 1024);

  final UpstreamAnswers answers = new UpstreamAnswers();
  final PriorityQueue<UpstreamTimed> due = new PriorityQueue<>((a, b) -> Long.compare(a.at, b.at));
  long connections;
  long requests;
  long streamsOpen;
  long streamsFinished;
  long streamsAborted;
  private final Selector selector;
  private final ServerSocketChannel listener;

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
      System.err.println("Usage: java -cp CLASSES Upstream PORT");
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
    UpstreamConnection connection = (UpstreamConnection) key.attachment();
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
        UpstreamConnection connection = new UpstreamConnection(this, channel);
        connection.key = channel.register(selector, SelectionKey.OP_READ, connection);
        connections++;
      }
    } catch (IOException e) {
      System.err.println("upstream: a connection was not accepted: " + e.getMessage());
    }
  }

  String stats() {
    return String.format(
        "{\"connections\":%d,\"requests\":%d,\"streams_open\":%d,\"streams_finished\":%d,\"streams_aborted\":%d}",
        connections, requests, streamsOpen, streamsFinished, streamsAborted);
  }
}
