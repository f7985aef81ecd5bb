package io.mimir.gateway.service;

import io.mimir.credential.ModelRef;
import io.mimir.credential.service.KeyLease;
import io.mimir.credential.service.TriedKeys;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.FailureOwner;
import io.mimir.llm.LlmException;
import io.mimir.usage.CallSource;
import io.mimir.usage.CallUsage;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One call of a client, from the choice of a key to the last byte: attempts with one key after
 * another until one answers. After the first byte of an answer there is no other attempt.
 */
final class GatewayCall implements Client.Upstream {

  private static final int MAX_KEYS = 3;
  private static final int BYTES_PER_TOKEN = 4;

  private final Gateway gateway;
  private final Asked asked;
  private final ModelRef model;
  private final Client client;
  private final TriedKeys tried;
  private final long begunAt = System.nanoTime();
  private final AtomicBoolean over = new AtomicBoolean();
  private volatile Attempt attempt;
  private volatile boolean gone;
  private Refusal last;

  GatewayCall(Gateway gateway, Asked asked, ModelRef model, Client client) {
    this.gateway = gateway;
    this.asked = asked;
    this.model = model;
    this.client = client;
    this.tried =
        new TriedKeys()
            .only(provider -> gateway.limits.allows(asked.caller(), provider, model.name()));
  }

  /** A fingerprint: whether two calls ask the same. */
  int question() {
    return Arrays.hashCode(asked.body());
  }

  Gateway gateway() {
    return gateway;
  }

  Asked asked() {
    return asked;
  }

  Client client() {
    return client;
  }

  boolean isGone() {
    return gone;
  }

  long begunAt() {
    return begunAt;
  }

  /**
   * @throws ProblemException when there is no key, or the question cannot be put to any
   */
  void start() {
    client.follow(this);
    next();
  }

  private void next() {
    while (!gone) {
      KeyLease lease;
      try {
        lease = gateway.ring.lend(model, tried, asked.body() == null ? 0 : tokens(), 0);
      } catch (ProblemException e) {
        if (last == null) {
          throw e;
        }
        // Another key might have answered, and is only at its limit.
        refuse(
            e.problem() == Problem.RATE_LIMITED
                ? Refusal.of(asked.operation().family(), e, true)
                : last);
        return;
      }
      Attempt next;
      try {
        next = new Attempt(this, lease, Course.of(asked, lease));
      } catch (ProblemException e) {
        lease.close();
        throw e;
      }
      if (begin(next)) {
        return;
      }
    }
    over.set(true);
  }

  private long tokens() {
    return asked.body().length / BYTES_PER_TOKEN;
  }

  /** Whether the attempt is on its way, or has said the last word already. */
  private boolean begin(Attempt next) {
    attempt = next;
    try {
      next.send();
      return true;
    } catch (LlmException e) {
      return !remember(next, e);
    }
  }

  /** The same key once more, with the question put in another way. */
  void again(Attempt plainer) {
    if (!begin(plainer)) {
      proceed();
    }
  }

  /** The question cannot be put in the one way that the provider has. */
  void unsayable(Attempt attempt, ProblemException e) {
    attempt.lease().close();
    refuse(Refusal.of(asked.operation().family(), e, true));
  }

  /** The attempt has failed before anything of an answer was sent to the client. */
  void failed(Attempt failed, LlmException failure) {
    if (over.get()) {
      failed.lease().close();
      return;
    }
    if (remember(failed, failure)) {
      proceed();
    }
  }

  private void proceed() {
    try {
      next();
    } catch (ProblemException e) {
      refuse(Refusal.of(asked.operation().family(), e, true));
    }
  }

  /**
   * @return whether another key may be tried
   */
  private boolean remember(Attempt failed, LlmException failure) {
    KeyLease lease = failed.lease();
    if (!gone) {
      lease.failed(failure, question());
    }
    count(lease, true, new TokenCounts());
    tried.add(lease);
    boolean more = tried.count() < MAX_KEYS && mayAskAnother(failure.owner());
    // Before the secret is gone: nothing that repeats it may be said.
    last = failed.refusal(failure);
    lease.close();
    if (!more) {
      refuse(last);
    }
    return more;
  }

  /** Another key would refuse the same question; a silent provider may be paid for it already. */
  private static boolean mayAskAnother(FailureOwner owner) {
    return owner != FailureOwner.QUESTION && owner != FailureOwner.SILENCE;
  }

  private void refuse(Refusal refusal) {
    if (over.compareAndSet(false, true) && !gone) {
      client.refuse(refusal);
    }
  }

  /** The answer was sent, or what there was of it. */
  void finished(Attempt done, boolean error) {
    if (over.compareAndSet(false, true)) {
      KeyLease lease = done.lease();
      TokenCounts counts = done.counts();
      long in = Math.max(0, counts.input());
      long out = Math.max(0, counts.output());
      lease.answered(counts.input() < 0 && counts.output() < 0 ? -1 : in + out);
      count(lease, error, counts);
    }
    done.lease().close();
  }

  private void count(KeyLease lease, boolean error, TokenCounts counts) {
    gateway.meter.count(
        CallUsage.of(
                CallSource.of(asked.caller().accountId(), asked.caller().tokenId()),
                lease.keyId(),
                lease.model(),
                error,
                (System.nanoTime() - begunAt) / 1_000_000)
            .withTokens(counts.input(), counts.output()));
  }

  @Override
  public void cancel() {
    gone = true;
    Attempt current = attempt;
    if (current != null) {
      current.cancel();
    }
  }

  @Override
  public void pause() {
    Attempt current = attempt;
    if (current != null) {
      current.pause();
    }
  }

  @Override
  public void resume() {
    Attempt current = attempt;
    if (current != null) {
      current.resume();
    }
  }

  /** What a cancelled call is for the key that it was made with: nothing. */
  static LlmException cancelled() {
    return new LlmException(CallOutcome.UPSTREAM_ERROR, "The call was cancelled");
  }
}
