package io.mimir.upstream.service;

import static java.lang.System.Logger.Level.ERROR;

import io.mimir.credential.service.KeyLease;
import io.mimir.credential.service.TriedKeys;
import io.mimir.error.Faults;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.id.CurrentRequest;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.FailureOwner;
import io.mimir.llm.LlmException;
import io.mimir.usage.CallUsage;
import io.mimir.usage.TokenEstimate;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One call, from the choice of a key to the last byte: attempts with one key after another, or with
 * the only one again, until one answers. After the first byte of an answer there is no other
 * attempt.
 */
final class UpstreamCall implements ResponseTarget.CallControl {

  private static final System.Logger LOG = System.getLogger(UpstreamCall.class.getName());

  private final UpstreamCalls engine;
  private final CallSpec spec;
  private final CallPlan plan;
  private final ResponseTarget target;
  private final TriedKeys tried;
  private final RetryPolicy retries = new RetryPolicy();
  private final long begunAt = System.nanoTime();

  /** The request that asked for it, for the log; null where none did. */
  private final String requestId = CurrentRequest.id();

  private final AtomicBoolean over = new AtomicBoolean();
  private volatile UpstreamAttempt attempt;
  private volatile boolean gone;
  private CallFailure last;

  /** Negative until somebody asks. */
  private long estimatedTokens = -1;

  UpstreamCall(UpstreamCalls engine, CallSpec spec, CallPlan plan, ResponseTarget target) {
    this.engine = engine;
    this.spec = spec;
    this.plan = plan;
    this.target = target;
    this.tried = new TriedKeys().only(spec.providers()).only(spec.keyId());
  }

  UpstreamCalls engine() {
    return engine;
  }

  CallSpec spec() {
    return spec;
  }

  CallPlan plan() {
    return plan;
  }

  ResponseTarget target() {
    return target;
  }

  boolean isGone() {
    return gone;
  }

  String requestId() {
    return requestId;
  }

  /** A fingerprint: whether two calls ask the same. */
  int question() {
    return Arrays.hashCode(spec.body());
  }

  /** About how many tokens the question has: only limits of tokens ask, and it may be long. */
  private long estimatedTokens() {
    if (estimatedTokens < 0) {
      estimatedTokens = TokenEstimate.ofRequest(spec.body());
    }
    return estimatedTokens;
  }

  /** How long the provider may be silent. */
  Duration patience(KeyLease lease) {
    Duration own = spec.patience();
    return own == null || own.compareTo(lease.timeout()) > 0 ? lease.timeout() : own;
  }

  /**
   * @throws ProblemException when there is no key, or the question cannot be put to any
   */
  void start() {
    target.follow(this);
    next();
  }

  private void next() {
    while (!gone) {
      KeyLease lease;
      try {
        lease = engine.ring.lend(spec.model(), tried, this::estimatedTokens, spec.conversation());
      } catch (ProblemException e) {
        if (last == null) {
          throw e;
        }
        // Another key might have answered, and is only at its limit.
        end(e.problem() == Problem.RATE_LIMITED ? CallFailure.of(e) : last);
        return;
      }
      UpstreamAttempt next;
      try {
        next = new UpstreamAttempt(this, lease, plan.requestFor(lease));
      } catch (RuntimeException e) {
        lease.close();
        throw e;
      }
      if (begin(next)) {
        return;
      }
    }
    over();
  }

  /** Tells whether the call was not over before. */
  private boolean over() {
    boolean first = over.compareAndSet(false, true);
    if (first) {
      engine.begun.remove(this);
    }
    return first;
  }

  /** Whether the attempt is on its way, or has said the last word already. */
  private boolean begin(UpstreamAttempt next) {
    attempt = next;
    try {
      next.send();
      return true;
    } catch (LlmException e) {
      return !settle(next, e);
    }
  }

  /** The same key once more, with the question put in another way. */
  void again(UpstreamAttempt other) {
    if (!begin(other)) {
      proceed();
    }
  }

  /** The question cannot be put in the one way that the provider has. */
  void unsayable(UpstreamAttempt failed, ProblemException e) {
    failed.lease().close();
    end(CallFailure.of(e));
  }

  /** The attempt has failed before anything of an answer was sent to the target. */
  void failed(UpstreamAttempt failed, LlmException failure) {
    try {
      if (over.get()) {
        failed.lease().close();
      } else if (settle(failed, failure)) {
        proceed();
      }
    } catch (RuntimeException e) {
      broken(e);
    }
  }

  private void proceed() {
    try {
      next();
    } catch (ProblemException e) {
      end(CallFailure.of(e));
    } catch (RuntimeException e) {
      broken(e);
    }
  }

  /**
   * A fault of ours, on a thread that has nobody to tell it to: whoever waits is told, and would
   * wait for ever otherwise.
   */
  private void broken(RuntimeException fault) {
    LOG.log(ERROR, "A call of a model failed in a way that it should not", Faults.nameless(fault));
    end(
        CallFailure.of(
            new ProblemException(
                Problem.UNEXPECTED, "Something unexpected happened; the server's log says what")));
  }

  /**
   * @return whether another attempt may be made at once
   */
  private boolean settle(UpstreamAttempt failed, LlmException failure) {
    KeyLease lease = failed.lease();
    if (!gone) {
      lease.failed(failure, question());
    }
    meter(failed, true, false);
    // Before the secret is gone: nothing that repeats it may be said.
    CallFailure told = failed.failure(failure);
    Duration left = patience(lease).minusNanos(System.nanoTime() - begunAt);
    tried.add(lease);
    lease.close();
    retries.count();
    if (!spec.repeatable() || !retries.mayGoOn(failure) || left.isNegative()) {
      end(told.asFinal(retries.isFinal(failure)));
      return false;
    }
    last = told.asFinal(retries.isFinal(failure));
    if (engine.ring.canLend(spec.model(), tried)) {
      return true;
    }
    Duration pause = retries.pauseBefore(failure, left);
    if (pause == null) {
      end(last);
      return false;
    }
    last = told.asFinal(true);
    tried.forget();
    later(pause);
    return false;
  }

  private void later(Duration pause) {
    try {
      engine.scheduler.schedule(
          CurrentRequest.carried(this::proceedUnlessGone), pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      end(last);
    }
  }

  private void proceedUnlessGone() {
    if (gone) {
      over();
    } else {
      proceed();
    }
  }

  private void end(CallFailure failure) {
    if (over() && !gone) {
      target.fail(failure);
    }
  }

  /**
   * The answer was sent, or what there was of it.
   *
   * @param error whether it ended with one
   * @param complete whether it came to an end of the provider's
   */
  void finished(UpstreamAttempt done, boolean error, boolean complete) {
    KeyLease lease = done.lease();
    if (over()) {
      CallUsage used = meter(done, error, complete);
      lease.answered(used.tokens());
    }
    lease.close();
  }

  private CallUsage meter(UpstreamAttempt done, boolean error, boolean complete) {
    CallUsage bare =
        CallUsage.of(
                spec.source(),
                done.lease().keyId(),
                done.lease().model(),
                error,
                (System.nanoTime() - begunAt) / 1_000_000)
            .withLeftOut(done.leftOut().size());
    CallUsage used = done.usage().settle(bare, spec.body(), complete);
    engine.meter.count(used);
    return used;
  }

  /** Ends the call before its time, for a reason that no key and no provider is to blame for. */
  void end(ProblemException why) {
    UpstreamAttempt current = attempt;
    if (current == null || !current.end(why)) {
      end(CallFailure.of(why));
    }
    cancel();
  }

  @Override
  public void cancel() {
    gone = true;
    UpstreamAttempt current = attempt;
    if (current != null) {
      current.cancel();
    }
  }

  @Override
  public void pause() {
    UpstreamAttempt current = attempt;
    if (current != null) {
      current.pause();
    }
  }

  @Override
  public void resume() {
    UpstreamAttempt current = attempt;
    if (current != null) {
      current.resume();
    }
  }

  /** What a cancelled call is for the key that it was made with: nothing. */
  static LlmException cancelled() {
    return new LlmException(
        CallOutcome.UPSTREAM_ERROR, FailureOwner.QUESTION, 0, "The call was cancelled", null);
  }
}
