package io.mimir.upstream.service;

import io.mimir.id.CurrentRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Remembers what a caller gets. */
final class RecordedTarget implements ResponseTarget {

  final CountDownLatch ended = new CountDownLatch(1);
  volatile CallControl control;
  volatile int status;
  volatile Map<String, String> headers = Map.of();
  volatile CallFailure failure;
  volatile boolean cut;
  volatile int keptAlive;

  /** What the thread that told the end worked for. */
  volatile String request;

  private final StringBuilder text = new StringBuilder();

  @Override
  public void answer(int code, String type, Map<String, String> passed, byte[] body) {
    open(code, type, passed);
    write(ByteBuffer.wrap(body));
    close();
  }

  @Override
  public void open(int code, String type, Map<String, String> passed) {
    status = code;
    headers = passed;
  }

  @Override
  public synchronized void write(ByteBuffer piece) {
    text.append(StandardCharsets.UTF_8.decode(piece));
  }

  @Override
  public void close() {
    request = CurrentRequest.id();
    ended.countDown();
  }

  @Override
  public void fail(CallFailure why) {
    failure = why;
    request = CurrentRequest.id();
    ended.countDown();
  }

  @Override
  public void cut() {
    cut = true;
    ended.countDown();
  }

  @Override
  public void keepAlive() {
    keptAlive++;
  }

  @Override
  public void follow(CallControl call) {
    control = call;
  }

  synchronized String text() {
    return text.toString();
  }

  /** Tells whether there was a whole answer, and no sign of a failure. */
  boolean succeeded() {
    return status == 200 && failure == null && !cut;
  }

  RecordedTarget await() throws InterruptedException {
    if (!ended.await(30, TimeUnit.SECONDS)) {
      throw new AssertionError("The call has not ended");
    }
    return this;
  }
}
