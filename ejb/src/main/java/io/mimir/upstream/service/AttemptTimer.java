package io.mimir.upstream.service;

import io.mimir.credential.service.KeyLease;

/** Measures one question to a provider, from the moment that it is sent. */
final class AttemptTimer {

  private final UpstreamMetrics metrics;
  private final KeyLease lease;
  private final UpstreamRequest request;
  private final long begunAt = System.nanoTime();
  private boolean spoken;

  AttemptTimer(UpstreamMetrics metrics, KeyLease lease, UpstreamRequest request) {
    this.metrics = metrics;
    this.lease = lease;
    this.request = request;
  }

  /** A piece of the answer has come. */
  void heard() {
    if (!spoken) {
      spoken = true;
      metrics.firstByte(
          lease.endpoint().provider(), request.protocol(), System.nanoTime() - begunAt);
    }
  }

  /**
   * It is over.
   *
   * @param outcome {@code success}, {@code cancelled} or the word for a failure
   */
  void ended(String outcome) {
    metrics.ended(
        lease.endpoint().provider(), request.protocol(), outcome, System.nanoTime() - begunAt);
  }
}
