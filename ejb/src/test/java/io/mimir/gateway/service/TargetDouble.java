package io.mimir.gateway.service;

import io.mimir.upstream.service.CallFailure;
import io.mimir.upstream.service.ResponseTarget;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A client that keeps what it gets. */
final class TargetDouble implements ResponseTarget {

  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private CallFailure failure;
  private boolean closed;

  @Override
  public void answer(int status, String type, Map<String, String> headers, byte[] bytes) {
    body.writeBytes(bytes);
    closed = true;
  }

  @Override
  public void open(int status, String type, Map<String, String> headers) {
    // What comes in pieces is collected like what comes at once.
  }

  @Override
  public void write(ByteBuffer piece) {
    byte[] bytes = new byte[piece.remaining()];
    piece.get(bytes);
    body.writeBytes(bytes);
  }

  @Override
  public void close() {
    closed = true;
  }

  @Override
  public void fail(CallFailure why) {
    failure = why;
  }

  @Override
  public void cut() {
    closed = false;
  }

  @Override
  public void follow(CallControl call) {
    // This client never leaves.
  }

  String body() {
    return body.toString(StandardCharsets.UTF_8);
  }

  boolean isClosed() {
    return closed;
  }

  CallFailure failure() {
    return failure;
  }
}
