import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** A connection of the load generator: asks, and hands what comes to its kind of load. */
abstract class LoadConnection {

  final Load load;
  final LoadOptions options;
  boolean busy;

  /** When the request that is under way was due, and when something came last. */
  long due;

  long lastByte;
  private SocketChannel channel;
  private SelectionKey key;
  private final ByteBuffer out;

  LoadConnection(Load load) {
    this.load = load;
    this.options = load.options;
    this.out = options.request.duplicate();
  }

  void ask(long due, long now) throws IOException {
    busy = true;
    this.due = due;
    lastByte = now;
    out.rewind();
    begin();
    try {
      if (channel == null) {
        channel = SocketChannel.open();
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        load.tally.connects++;
        boolean there = channel.connect(options.address);
        key =
            channel.register(
                load.selector, there ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, this);
        if (!there) {
          return;
        }
      }
      write();
    } catch (IOException e) {
      fail(e instanceof ConnectException ? "refused" : "lost");
    }
  }

  /** Does what the selector found possible. */
  void ready(SelectionKey key) {
    try {
      if (key.isConnectable()) {
        channel.finishConnect();
        write();
      } else if (key.isReadable()) {
        read();
      } else if (key.isWritable()) {
        write();
      }
    } catch (IOException e) {
      fail(e instanceof ConnectException ? "refused" : "lost");
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      fail("malformed");
    }
  }

  private void write() throws IOException {
    channel.write(out);
    int wanted =
        out.hasRemaining() ? SelectionKey.OP_WRITE | SelectionKey.OP_READ : SelectionKey.OP_READ;
    if (key.interestOps() != wanted) {
      key.interestOps(wanted);
    }
  }

  private void read() throws IOException {
    load.in.clear();
    int length = channel.read(load.in);
    long now = System.nanoTime();
    if (length < 0) {
      if (busy) {
        ended(now);
      } else {
        // A server may close a connection that it is not asked anything on.
        disconnect();
      }
      return;
    }
    if (!busy) {
      load.tally.fail("unasked");
      disconnect();
      return;
    }
    lastByte = now;
    load.in.flip();
    load.in.get(load.bytes, 0, length);
    take(load.bytes, length, now);
  }

  /** Forgets what was read of the last answer. */
  abstract void begin();

  abstract void take(byte[] data, int length, long now);

  /**
   * The server has closed the connection before the answer was there as a whole, as far as is
   * known.
   */
  abstract void ended(long now);

  void done(boolean keep) {
    busy = false;
    if (!keep) {
      disconnect();
    }
    load.idle.add(this);
  }

  void fail(String kind) {
    if (busy) {
      load.tally.fail(kind);
      done(false);
    } else {
      disconnect();
    }
  }

  private void disconnect() {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        load.tally.fail("close");
      }
      channel = null;
    }
  }
}
