package io.mimir.llm.service;

import io.mimir.llm.CallOutcome;
import io.mimir.llm.Endpoint;
import io.mimir.llm.LlmException;
import io.mimir.llm.Probe;
import io.mimir.net.service.EgressClient;
import io.mimir.security.Secret;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;

/**
 * Tests of endpoints and keys. A test costs no tokens; a question, which does, is asked by {@link
 * #ask} alone.
 */
@ApplicationScoped
public class EndpointProbe {

  @Inject EgressClient egress;

  /**
   * Finds out whether an endpoint and a key work, which models there are and which protocols the
   * endpoint speaks.
   *
   * @param own the key's own headers, joined; empty for none
   * @param timeout for all calls of the test together
   * @return the verdict; a failure of the provider is one
   */
  public Probe probe(Endpoint endpoint, Secret key, Secret own, Duration timeout) {
    ControlCalls calls = new ControlCalls(egress, endpoint, timeout);
    try {
      return new ProbeRun(endpoint, key, own, calls).verdict();
    } catch (LlmException e) {
      return failed(e, endpoint, calls);
    }
  }

  /**
   * Asks a model for one short answer, which costs tokens.
   *
   * @return OK when there is an answer, without findings
   */
  public Probe ask(Endpoint endpoint, Secret key, Secret own, String model, Duration timeout) {
    ControlCalls calls = new ControlCalls(egress, endpoint, timeout);
    try {
      TestQuestion.ask(ProviderAdapter.of(endpoint), key, own, model, calls);
      return new Probe(
          CallOutcome.OK,
          "%s answered a question to %s".formatted(endpoint.provider().label(), model),
          calls.latencyMs());
    } catch (LlmException e) {
      return failed(e, endpoint, calls);
    }
  }

  private static Probe failed(LlmException e, Endpoint endpoint, ControlCalls calls) {
    boolean ownWords =
        e.reason() == CallOutcome.BLOCKED
            || e.reason() == CallOutcome.PROXY_REFUSED
            || (e.reason() == CallOutcome.NOT_FOUND && e.status() == 0)
            || (e.reason() == CallOutcome.UPSTREAM_ERROR && e.status() >= 400 && e.status() < 500);
    return new Probe(
        e.reason(),
        ownWords ? e.getMessage() : Failures.sentence(e.reason(), endpoint.provider()),
        calls.latencyMs());
  }
}
