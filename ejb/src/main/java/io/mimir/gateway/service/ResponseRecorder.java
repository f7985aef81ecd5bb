package io.mimir.gateway.service;

import io.mimir.upstream.service.CallFailure;
import io.mimir.upstream.service.ResponseTarget;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Consumer;

/** Passes an answer on as it comes, and reads the id of the response on the way. */
final class ResponseRecorder implements ResponseTarget {

  /** The first event repeats the instructions and tools; the id comes before them. */
  private static final int MAX_READ_BYTES = 1024 * 1024;

  private final ResponseTarget target;
  private final Consumer<String> made;

  /** What has come of a stream until its id is found; null when nothing is looked for. */
  private byte[] read;

  private int length;
  private int tried;

  /**
   * @param made gets the id at most once, on the thread that reads from the provider
   */
  ResponseRecorder(ResponseTarget target, Consumer<String> made) {
    this.target = target;
    this.made = made;
  }

  @Override
  public void answer(int status, String type, Map<String, String> headers, byte[] body) {
    String id = status < 300 ? ObjectIds.of(body) : null;
    if (id != null) {
      made.accept(id);
    }
    target.answer(status, type, headers, body);
  }

  @Override
  public void open(int status, String type, Map<String, String> headers) {
    read = new byte[4 * 1024];
    target.open(status, type, headers);
  }

  @Override
  public void write(ByteBuffer piece) {
    if (read != null) {
      look(piece.duplicate());
    }
    target.write(piece);
  }

  private void look(ByteBuffer piece) {
    int size = length + piece.remaining();
    if (size > MAX_READ_BYTES) {
      read = null;
      return;
    }
    if (size > read.length) {
      read = Arrays.copyOf(read, Math.max(size, 2 * read.length));
    }
    piece.get(read, length, piece.remaining());
    length = size;
    // Each time that there is twice as much: a stream in small pieces is not read again and again.
    if (length >= 2 * tried || endsEvent()) {
      tried = length;
      String id = ObjectIds.ofStream(read, length);
      if (id != null) {
        read = null;
        made.accept(id);
      } else if (endsEvent()) {
        read = null;
      }
    }
  }

  private boolean endsEvent() {
    return length > 1 && read[length - 1] == '\n' && read[length - 2] == '\n';
  }

  @Override
  public void close() {
    target.close();
  }

  @Override
  public void fail(CallFailure failure) {
    target.fail(failure);
  }

  @Override
  public void cut() {
    target.cut();
  }

  @Override
  public boolean hasBegun() {
    return target.hasBegun();
  }

  @Override
  public void keepAlive() {
    target.keepAlive();
  }

  @Override
  public void follow(CallControl call) {
    target.follow(call);
  }
}
