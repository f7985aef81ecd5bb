package io.mimir.net.service;

import io.mimir.net.HttpProxy;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.reactor.EventMask;
import org.apache.hc.core5.reactor.IOEventHandler;
import org.apache.hc.core5.reactor.IOSession;
import org.apache.hc.core5.util.Timeout;

/**
 * A connection to a proxy for as long as it is asked for a tunnel (RFC 9110, 9.3.6). Nothing of the
 * call that waits for it goes over the connection before the proxy has agreed.
 */
final class ProxyTunnel implements IOEventHandler, Http1ResponseParser.Sink {

  /** A proxy may have to ask others who the user is, and then connects for us. */
  private static final Timeout PATIENCE = Timeout.ofSeconds(10);

  private static final int BUFFER_BYTES = 4 * 1024;

  /** Takes what becomes of a tunnel. */
  interface Outcome {

    /** The proxy has agreed: what is written now reaches the server. */
    void agreed();

    void failed(Exception cause);
  }

  private final Http1ResponseParser parser = new Http1ResponseParser();
  private final ByteBuffer request;
  private final Outcome outcome;
  private boolean over;

  /**
   * @param authority host and port of the server, as CONNECT wants them
   */
  ProxyTunnel(HttpProxy proxy, String authority, Outcome outcome) {
    StringBuilder head = new StringBuilder();
    head.append("CONNECT ").append(authority).append(" HTTP/1.1\r\nHost: ").append(authority);
    if (proxy.authorization() != null) {
      head.append("\r\nProxy-Authorization: ").append(proxy.authorization());
    }
    head.append("\r\nUser-Agent: Mimir\r\n\r\n");
    this.request = ByteBuffer.wrap(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    this.outcome = outcome;
  }

  /** Asks for the tunnel, on the thread of the reactor that connected. */
  void begin(IOSession session) {
    parser.beginTunnel();
    session.setSocketTimeout(PATIENCE);
    session.setEvent(EventMask.READ | EventMask.WRITE);
  }

  @Override
  public void connected(IOSession session) {
    // The callback of the connection takes it from here.
  }

  @Override
  public void outputReady(IOSession session) {
    try {
      if (session.write(request) < 0) {
        fail(new ConnectException("The proxy closed the connection"));
      } else if (!request.hasRemaining()) {
        session.clearEvent(EventMask.WRITE);
      }
    } catch (IOException e) {
      fail(e);
    }
  }

  @Override
  public void inputReady(IOSession session, ByteBuffer decrypted) {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    try {
      int count = session.read(buffer);
      if (count < 0) {
        fail(new ConnectException("The proxy closed the connection"));
        return;
      }
      buffer.flip();
      if (!parser.feed(buffer, this) || over) {
        return;
      }
      if (buffer.hasRemaining()) {
        // A server that is spoken to in TLS waits to be greeted.
        fail(new ConnectException("The proxy went on after its answer"));
        return;
      }
      over = true;
      outcome.agreed();
    } catch (IOException e) {
      fail(e);
    }
  }

  @Override
  public void head(HttpResponse response) throws IOException {
    if (response.getCode() > 299) {
      throw new ProxyRefusedException(response.getCode());
    }
  }

  @Override
  public void data(ByteBuffer piece) {
    piece.position(piece.limit());
  }

  @Override
  public void timeout(IOSession session, Timeout limit) {
    fail(new ConnectException("The proxy did not answer in time"));
  }

  @Override
  public void exception(IOSession session, Exception cause) {
    fail(cause);
  }

  @Override
  public void disconnected(IOSession session) {
    fail(new ConnectException("The proxy closed the connection"));
  }

  private void fail(Exception cause) {
    if (!over) {
      over = true;
      outcome.failed(cause);
    }
  }
}
