package io.mimir.llm.service;

import io.mimir.llm.Endpoint;
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
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hc.core5.http.HttpResponse;

/** Passes requests on to providers as they are, with a key of ours in place of the caller's. */
@ApplicationScoped
public class Relays {

  @Inject EgressClient egress;

  /**
   * @param request with what is passed on of the caller's headers, and no credentials
   * @return cancelling it closes the connection at once
   * @throws LlmException AUTH_FAILED when the key cannot be sent at all
   */
  public CallHandle send(
      Endpoint endpoint,
      UpstreamRoute route,
      Secret key,
      EgressRequest request,
      ResponseHandler handler)
      throws LlmException {
    LlmClients.requireSafe(key);
    Map<String, String> headers = new LinkedHashMap<>(request.headers());
    String version = headers.get(AnthropicProtocol.VERSION_HEADER);
    // Over whatever came: no other credential than the key's ever goes to a provider.
    headers.putAll(LlmClients.protocol(endpoint.provider()).credentials(key));
    if (version != null) {
      // A client that says which version of the protocol it speaks keeps it.
      headers.put(AnthropicProtocol.VERSION_HEADER, version);
    }
    return egress.send(route, request.with(headers), handler);
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
