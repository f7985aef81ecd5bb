package io.mimir.upstream.service;

import java.nio.ByteBuffer;
import java.util.Map;

/**
 * Takes the answer to a call. None of these may block: they are called on the threads that read
 * from providers, one after another.
 */
public interface ResponseTarget {

  /**
   * Takes a whole answer at once.
   *
   * @param headers further ones, in lower case
   */
  void answer(int status, String type, Map<String, String> headers, byte[] body);

  /** Begins an answer that comes in pieces. */
  void open(int status, String type, Map<String, String> headers);

  /** Takes a piece; its bytes are copied or written before this returns. */
  void write(ByteBuffer piece);

  /** There are no more pieces. */
  void close();

  /** Ends the call without an answer, or, where one has begun, the answer before its time. */
  void fail(CallFailure failure);

  /**
   * Ends an answer that has begun and whose form has no word for a failure: the connection is cut.
   */
  void cut();

  /** Whether something of an answer has reached a reader already. */
  default boolean hasBegun() {
    return false;
  }

  /** The provider is silent within a stream: whoever waits is told that the call lives. */
  default void keepAlive() {}

  /** Gets the handle of the call, for when the client is slow or goes away. */
  void follow(CallControl call);

  /** A call as its client sees it. */
  interface CallControl {

    /** The client has left. */
    void cancel();

    /** The client takes no more at the moment. */
    void pause();

    void resume();
  }
}
