package io.mimir.net.service;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.hc.core5.http.HttpResponse;

/**
 * Takes an answer as it comes. All methods are called one after another, on threads of the client:
 * none may block.
 */
public interface ResponseHandler {

  /** Status and headers; the body follows. */
  void head(HttpResponse response);

  /**
   * A piece of the body.
   *
   * @throws IOException to end the call here: it reaches {@link #failed}
   */
  void data(ByteBuffer piece) throws IOException;

  /**
   * Tells whether the last piece brought some of what is waited for. One that did not, such as a
   * comment that only keeps the connection open, does not end the silence.
   */
  default boolean hasAdvanced() {
    return true;
  }

  /** The body is complete. */
  void end();

  /**
   * There will be no more. Alone of all it may come while another is at work.
   *
   * @param cause a {@link BlockedException}, {@link ConnectFailedException}, {@link
   *     ProxyRefusedException}, {@link SilenceException} or {@link ConnectionLostException}; else
   *     what {@link #data} threw, or an exception of HttpCore about what is no proper HTTP
   */
  void failed(Exception cause);
}
