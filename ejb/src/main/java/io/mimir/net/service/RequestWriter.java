package io.mimir.net.service;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.hc.core5.reactor.EventMask;
import org.apache.hc.core5.reactor.IOSession;

/**
 * The writing side of a connection. The thread that brings a request writes as much as the socket
 * takes at once, and the reactor's the rest, each under the lock of the session.
 */
final class RequestWriter {

  private volatile ByteBuffer[] request;
  private volatile long sentAt = System.nanoTime();
  private int written;
  private boolean waitsForRoom;

  /** Takes the next request, of which nothing is written yet. */
  void begin(ByteBuffer[] next) {
    request = next;
    written = 0;
  }

  /** Leaves the writing to the thread of the reactor. */
  void waitForRoom(IOSession session) {
    waitsForRoom = true;
    session.setEvent(EventMask.WRITE);
  }

  /** Gives up writing. What was not written stays unsent. */
  void stop(IOSession session) {
    waitsForRoom = false;
    session.clearEvent(EventMask.WRITE);
  }

  /** Writes what the socket takes; the rest when it is ready for more. */
  void write(IOSession session) throws IOException {
    while (request != null && written < request.length) {
      ByteBuffer part = request[written];
      if (session.write(part) < 0) {
        throw new IOException("The provider closed the connection");
      }
      if (part.hasRemaining()) {
        if (!waitsForRoom) {
          waitForRoom(session);
        }
        return;
      }
      written++;
    }
    if (request != null) {
      request = null;
      sentAt = System.nanoTime();
    }
    if (waitsForRoom) {
      stop(session);
    }
  }

  /** Tells whether the whole request has left, as far as this thread can see. */
  boolean isSent() {
    return request == null;
  }

  /**
   * Tells whether the whole request has left. An answer may come before the thread that wrote the
   * request has noted that it is sent.
   */
  boolean isSent(IOSession session) {
    if (request == null) {
      return true;
    }
    session.getLock().lock();
    try {
      return request == null;
    } finally {
      session.getLock().unlock();
    }
  }

  /** Returns when the last request had left, in {@link System#nanoTime}. */
  long sentAt() {
    return sentAt;
  }
}
