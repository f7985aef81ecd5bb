package io.mimir.gateway.service;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.upstream.service.CallFailure;
import io.mimir.upstream.service.ResponseTarget;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.function.Consumer;

/** Holds an answer back until it is whole, for somebody who has to write something down first. */
final class CollectedAnswer implements ResponseTarget {

  /**
   * A whole answer.
   *
   * @param headers further ones, in lower case
   */
  record Whole(int status, String type, Map<String, String> headers, byte[] body) {}

  private static final int MAX_BYTES = 16 * 1024 * 1024;

  private final ResponseTarget target;
  private final boolean making;
  private final Consumer<Whole> then;

  private ByteArrayOutputStream collected;
  private Whole head;
  private boolean over;

  /**
   * @param target told of failures
   * @param making whether the provider makes something, and has to be heard to the end although the
   *     client has left: what it made would belong to nobody
   * @param then gets the answer, on the thread that reads from the provider
   */
  CollectedAnswer(ResponseTarget target, boolean making, Consumer<Whole> then) {
    this.target = target;
    this.making = making;
    this.then = then;
  }

  @Override
  public void answer(int status, String type, Map<String, String> headers, byte[] body) {
    then.accept(new Whole(status, type, headers, body));
  }

  @Override
  public void open(int status, String type, Map<String, String> headers) {
    head = new Whole(status, type, headers, null);
    collected = new ByteArrayOutputStream();
  }

  @Override
  public void write(ByteBuffer piece) {
    if (over) {
      return;
    }
    if (collected.size() + piece.remaining() > MAX_BYTES) {
      giveUp("The provider's answer is larger than 16 MiB: ask for less with limit");
      return;
    }
    byte[] bytes = new byte[piece.remaining()];
    piece.get(bytes);
    collected.writeBytes(bytes);
  }

  private void giveUp(String why) {
    over = true;
    collected = null;
    target.fail(CallFailure.of(new ProblemException(Problem.PROVIDER_ERROR, why)));
  }

  @Override
  public void close() {
    if (!over) {
      over = true;
      then.accept(new Whole(head.status(), head.type(), head.headers(), collected.toByteArray()));
    }
  }

  @Override
  public void fail(CallFailure failure) {
    if (!over) {
      over = true;
      target.fail(failure);
    }
  }

  @Override
  public void cut() {
    if (!over) {
      giveUp("The provider broke off before its answer was complete");
    }
  }

  @Override
  public void follow(CallControl call) {
    if (!making) {
      target.follow(call);
    }
  }
}
