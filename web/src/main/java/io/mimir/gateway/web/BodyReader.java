package io.mimir.gateway.web;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.util.Arrays;

/**
 * Reads the body of one request. What has arrived with its headers is read at once, which is all of
 * most bodies; the rest is read as it comes, and no thread waits for it.
 *
 * <p>The server must not be asked for more when it has all: it would begin to read the next request
 * of the connection while it still has this one, and then reads that one on two threads at once.
 */
public final class BodyReader implements ReadListener {

  static final int MAX_BYTES = 32 * 1024 * 1024;

  /** Up to here a body is small and takes none of the room that large ones share. */
  private static final int SMALL = 64 * 1024;

  private static final int FIRST_PIECE = 8 * 1024;

  /**
   * A body that has arrived.
   *
   * @param bytes null for none
   * @param held what it takes of the room for large bodies; its owner gives that back
   */
  record Body(byte[] bytes, long held) {

    static final Body NONE = new Body(null, 0);

    @Override
    public String toString() {
      return "Body[" + held + "]";
    }
  }

  /** What the server knows of a body, and servlets have no word for. */
  interface Arrival {

    /** Whether its last byte has come, even if it was not taken yet. */
    boolean isWhole();

    /** Whether bytes of the connection have come that the server has not read yet. */
    boolean isMoreInSocket();
  }

  /** The one that waits for a body; told once, by a thread of the server. */
  interface Handler {

    void arrived(Body body);

    /** The body will not be had: too large, too slow, no room, or its client has left. */
    void failed(ProblemException why);
  }

  private final BodyRoom room;
  private final ServletInputStream in;
  private final int announced;
  private final Arrival arrival;
  private final long begun = System.nanoTime();

  private byte[] buffer;
  private int count;
  private long held;
  private long lastProgress = begun;
  private boolean over;
  private Handler handler;

  /**
   * @param announced the length in bytes, or -1 where the client does not say it
   * @param arrival what the server knows of the body
   * @throws ProblemException TOO_LARGE
   */
  BodyReader(BodyRoom room, ServletInputStream in, long announced, Arrival arrival) {
    if (announced > MAX_BYTES) {
      throw tooLarge();
    }
    this.room = room;
    this.in = in;
    this.announced = (int) announced;
    this.arrival = arrival;
    this.buffer = new byte[announced < 0 ? FIRST_PIECE : (int) Math.min(announced, SMALL)];
  }

  /**
   * Reads what is there already.
   *
   * @return the body, or null when more of it has to come: {@link #await} goes on
   * @throws ProblemException TOO_LARGE or OVERLOADED
   */
  Body readArrived() throws IOException {
    try {
      while (count != announced && hasArrived() && read() > 0) {
        // Until nothing is left that can be read without waiting.
      }
    } catch (IOException | ProblemException e) {
      release();
      throw e;
    }
    return count == announced ? body() : null;
  }

  /**
   * Whether some of it can be read without waiting. Of a body of known length that includes what
   * waits in the socket: there each byte counts, and to be told of it takes longer than to read it.
   */
  private boolean hasArrived() throws IOException {
    return in.available() > 0 || announced >= 0 && arrival.isMoreInSocket();
  }

  /** Reads the rest as it comes; the request is asynchronous from now on. */
  void await(Handler waiting) {
    handler = waiting;
    room.await(this);
    in.setReadListener(this);
  }

  @Override
  public void onDataAvailable() {
    synchronized (this) {
      if (over) {
        return;
      }
      try {
        while (mayAsk() && in.isReady() && read() >= 0) {
          // Until the server has no more at the moment; it calls again.
        }
      } catch (IOException e) {
        fail(leftEarly());
      } catch (ProblemException e) {
        fail(e);
      }
    }
  }

  private boolean mayAsk() throws IOException {
    return announced >= 0 ? count < announced : in.available() > 0 || !arrival.isWhole();
  }

  @Override
  public void onAllDataRead() {
    Body whole;
    synchronized (this) {
      if (over) {
        return;
      }
      if (announced >= 0 && count < announced) {
        fail(leftEarly());
        return;
      }
      end();
      whole = body();
    }
    handler.arrived(whole);
  }

  @Override
  public void onError(Throwable cause) {
    synchronized (this) {
      if (!over) {
        fail(leftEarly());
      }
    }
  }

  void giveUp(ProblemException why) {
    synchronized (this) {
      if (!over) {
        fail(why);
      }
    }
  }

  /** Gives the body up when it has not gone on for too long. */
  void checkTime(long now) {
    synchronized (this) {
      boolean slow =
          now - lastProgress > room.longestSilence.toNanos()
              || now - begun > room.longestUpload.toNanos();
      if (!over && slow) {
        fail(
            new ProblemException(
                Problem.REQUEST_TIMEOUT, "The rest of the body did not come: send it again"));
      }
    }
  }

  /** Told within the lock: the request must not end while the server reads from it. */
  private void fail(ProblemException why) {
    end();
    release();
    handler.failed(why);
  }

  private void end() {
    over = true;
    room.arrived(this);
  }

  private void release() {
    room.release(held);
    held = 0;
    buffer = null;
  }

  private int read() throws IOException {
    if (count == announced) {
      return -1;
    }
    if (count == buffer.length) {
      grow();
    }
    int fresh = in.read(buffer, count, buffer.length - count);
    if (fresh > 0) {
      count += fresh;
      lastProgress = System.nanoTime();
      if (count > MAX_BYTES) {
        throw tooLarge();
      }
      if (count > SMALL) {
        room.take(count - held);
        held = count;
      }
    }
    return fresh;
  }

  private void grow() {
    // One byte more than allowed, so that a body that is too large shows.
    int limit = announced < 0 ? MAX_BYTES + 1 : announced;
    buffer = Arrays.copyOf(buffer, (int) Math.min(limit, Math.max(SMALL, 2L * buffer.length)));
  }

  private Body body() {
    byte[] bytes = buffer.length == count ? buffer : Arrays.copyOf(buffer, count);
    buffer = null;
    return new Body(bytes, held);
  }

  private static ProblemException tooLarge() {
    return new ProblemException(Problem.TOO_LARGE, "A request has 32 MiB at most");
  }

  private static ProblemException leftEarly() {
    return new ProblemException(Problem.MALFORMED, "The body is shorter than announced");
  }
}
