package io.mimir.upstream.service;

import io.mimir.credential.service.KeyLease;
import io.mimir.error.ProblemException;

/** Puts a call to whichever key it gets. */
public interface CallPlan {

  /**
   * Makes the request for a key's provider.
   *
   * @throws ProblemException REFUSED when that provider's protocol cannot say what is asked, naming
   *     what it cannot say
   */
  UpstreamRequest requestFor(KeyLease lease);

  /**
   * Makes a request that asks the same in another way, for an endpoint that has refused the first.
   *
   * @param status the HTTP status of the refusal
   * @return null where there is no other way
   * @throws ProblemException as {@link #requestFor}
   */
  default UpstreamRequest otherwise(KeyLease lease, UpstreamRequest refused, int status) {
    return null;
  }
}
