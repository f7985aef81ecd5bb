package io.mimir.llm.service;

import io.mimir.llm.LlmException;
import io.mimir.net.service.CallHandle;
import io.mimir.net.service.EgressClient;
import io.mimir.net.service.EgressRequest;
import io.mimir.net.service.ResponseHandler;
import io.mimir.net.service.UpstreamRoute;
import io.mimir.security.Secret;
import io.mimir.security.SecretTraces;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.apache.hc.core5.http.HttpResponse;

/** Passes requests on to providers as they are, with a key of ours in place of the caller's. */
@ApplicationScoped
public class Relays {

  @Inject EgressClient egress;

  /**
   * @param own the headers of the key's own; empty for none
   * @param request with what is passed on of the caller's headers, and no credentials
   * @return cancelling it closes the connection at once
   * @throws LlmException AUTH_FAILED when the key cannot be sent at all
   */
  public CallHandle send(
      ProviderAdapter adapter,
      UpstreamRoute route,
      Secret key,
      Secret own,
      EgressRequest request,
      ResponseHandler handler)
      throws LlmException {
    return egress.send(route, request.with(adapter.headers(request.headers(), key, own)), handler);
  }

  /** An answer that is a refusal, in our own words. */
  public static LlmException refusal(HttpResponse response, String body) {
    return Failures.ofStatus(response, body);
  }

  /** Tells whether a text repeats the key, or enough of it to matter, in any usual form (T08). */
  public static boolean givesAway(Secret key, String text) {
    return SecretTraces.of(key).areIn(text);
  }
}
