package io.mimir.credential.service;

import io.mimir.llm.Endpoint;
import io.mimir.llm.LlmException;
import io.mimir.llm.ProviderOperation;
import io.mimir.llm.service.ProviderAdapter;
import io.mimir.net.service.UpstreamRoute;
import io.mimir.security.NamedSecrets;
import io.mimir.security.Secret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A key on lease for one call, from the choice to the last byte of the answer. Closing it gives its
 * place among the concurrent calls back and wipes the secret.
 */
public final class KeyLease implements AutoCloseable {

  private final LeaseBook book;
  private final RoutableKey key;
  private final String model;
  private final Secret secret;
  private final Secret headers;
  private final boolean candidate;
  private final long estimated;
  private final AtomicBoolean closed = new AtomicBoolean();

  KeyLease(
      LeaseBook book,
      RoutableKey key,
      String model,
      Secret secret,
      Secret headers,
      boolean candidate,
      long estimatedTokens) {
    this.book = book;
    this.key = key;
    this.model = model;
    this.secret = secret;
    this.headers = headers;
    this.candidate = candidate;
    this.estimated = estimatedTokens;
  }

  public String keyId() {
    return key.id();
  }

  public String keyName() {
    return key.name();
  }

  public Endpoint endpoint() {
    return key.endpoint();
  }

  /** Returns how the endpoint is called. */
  public ProviderAdapter adapter() {
    return key.adapter();
  }

  public UpstreamRoute route() {
    return key.route();
  }

  /** The provider's own id of the model. */
  public String model() {
    return model;
  }

  public Duration timeout() {
    return key.timeout();
  }

  /** How long an answer may get where the caller does not say and the provider wants to know. */
  public int maxTokens() {
    return key.metadata().maxTokens();
  }

  /** Closed with the lease. */
  public Secret secret() {
    return secret;
  }

  /** Returns the headers of the key's own, joined; empty for none. Closed with the lease. */
  public Secret headers() {
    return headers;
  }

  /** Returns all that is secret of the key: nothing of it may come back to a client. */
  public List<Secret> secrets() {
    List<Secret> all = new ArrayList<>(NamedSecrets.split(headers).values());
    all.add(secret);
    return all;
  }

  /** Whether this is the new secret of a rotation, which is only tried: the key has another one. */
  public boolean isCandidate() {
    return candidate;
  }

  /** Whether the endpoint has turned out not to have an operation. */
  public boolean lacks(ProviderOperation operation) {
    return key.runtime().isLacking(operation, System.nanoTime());
  }

  /** The endpoint has answered that it does not have an operation. */
  public void noteLackOf(ProviderOperation operation) {
    key.runtime().lacks(operation, System.nanoTime());
  }

  /** The question is on its way: the key's server is expected to say something. */
  public void sent() {
    key.runtime().waits(this, System.nanoTime());
  }

  /** The provider took the question: the key works. */
  public void accepted() {
    key.runtime().waitsNoLonger(this);
    book.accepted(key, model, candidate);
  }

  /**
   * The answer is complete.
   *
   * @param tokens of question and answer together; negative where nothing is known of them
   */
  public void answered(long tokens) {
    book.answered(key, tokens < 0 ? 0 : tokens - estimated);
  }

  /**
   * The provider, or the way to it, failed.
   *
   * @param question a fingerprint of what was asked: a question that fails again and again says
   *     nothing of others
   */
  public void failed(LlmException failure, int question) {
    key.runtime().waitsNoLonger(this);
    book.failed(key, model, candidate, question, failure);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      key.runtime().waitsNoLonger(this);
      key.runtime().concurrent.decrementAndGet();
      secret.close();
      headers.close();
    }
  }
}
