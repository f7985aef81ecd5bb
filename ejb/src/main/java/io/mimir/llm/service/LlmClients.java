package io.mimir.llm.service;

import io.mimir.llm.*;
import io.mimir.security.Secret;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;

@ApplicationScoped
public class LlmClients {
  public Probe probe(Endpoint e, Secret s, Duration t) {
    return new Probe(Reason.UNREACHABLE, "stub", 0, List.of());
  }
}
