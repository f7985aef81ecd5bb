package io.mimir.credential.service;

import io.mimir.llm.Endpoint;
import io.mimir.llm.LlmException;
import io.mimir.net.service.UpstreamRoute;
import io.mimir.security.Secret;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A key on loan for one call of the gateway, from the choice to the last byte of the answer.
 * Closing it gives its place among the concurrent calls back and wipes the secret.
 */
public final class Loan implements AutoCloseable {

  private final KeyRing ring;
  private final KeyEntry entry;
  private final String model;
  private final Secret secret;
  private final boolean candidate;
  private final long reckoned;
  private boolean taken;
  private final AtomicBoolean closed = new AtomicBoolean();

  Loan(
      KeyRing ring,
      KeyEntry entry,
      String model,
      Secret secret,
      boolean candidate,
      long reckonedTokens) {
    this.ring = ring;
    this.entry = entry;
    this.model = model;
    this.secret = secret;
    this.candidate = candidate;
    this.reckoned = reckonedTokens;
  }

  public String keyId() {
    return entry.id();
  }

  public String keyName() {
    return entry.name();
  }

  public Endpoint endpoint() {
    return entry.endpoint();
  }

  public UpstreamRoute route() {
    return entry.route();
  }

  /** The provider's own id of the model. */
  public String model() {
    return model;
  }

  public Duration timeout() {
    return entry.timeout();
  }

  /** How long an answer may get where the caller does not say and the provider wants to know. */
  public int maxTokens() {
    return entry.metadata().maxTokens();
  }

  /** Closed with the loan. */
  public Secret secret() {
    return secret;
  }

  /** Whether this is the new secret of a rotation, which is only tried: the key has another one. */
  public boolean isCandidate() {
    return candidate;
  }

  /** The provider took the question: the key works. */
  public void accepted() {
    ring.accepted(entry, candidate);
  }

  /**
   * The answer is complete.
   *
   * @param tokens of question and answer together; negative where the provider did not say
   */
  public void answered(long tokens) {
    ring.answered(entry, tokens < 0 ? 0 : tokens - reckoned);
  }

  /** The provider, or the way to it, failed. */
  public void failed(LlmException failure) {
    ring.failed(entry, candidate, failure);
  }

  /** The secret, which the caller closes from now on. */
  Secret takeSecret() {
    taken = true;
    return secret;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      entry.state().concurrent.decrementAndGet();
      if (!taken) {
        secret.close();
      }
    }
  }
}
