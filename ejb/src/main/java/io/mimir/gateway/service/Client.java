package io.mimir.gateway.service;

import java.nio.ByteBuffer;
import java.util.Map;

/**
 * Who asked, as far as an answer needs to know. None of these may block: they are called on the
 * threads that read from providers, one after another.
 */
public interface Client {

  /**
   * The whole answer at once.
   *
   * @param headers further ones, in lower case
   */
  void answer(int status, String type, Map<String, String> headers, byte[] body);

  /** The answer begins and comes in pieces. */
  void open(int status, String type, Map<String, String> headers);

  /** A piece; its bytes are copied or written before this returns. */
  void write(ByteBuffer piece);

  /** There are no more pieces. */
  void close();

  /** Instead of an answer. */
  void refuse(Refusal refusal);

  /**
   * The answer that has begun cannot go on: the connection is cut, since its form has no word for
   * it.
   */
  void cut();

  /** How to reach the call, for when the client is slow or goes away. */
  void follow(Upstream upstream);

  /** The call as its client sees it. */
  interface Upstream {

    /** The client has left. */
    void cancel();

    /** The client takes no more at the moment. */
    void pause();

    void resume();
  }
}
