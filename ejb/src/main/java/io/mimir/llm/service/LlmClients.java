package io.mimir.llm.service;

import io.mimir.llm.Endpoint;
import io.mimir.llm.Probe;
import io.mimir.llm.Prompt;
import io.mimir.llm.Reason;
import io.mimir.security.Secret;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

@ApplicationScoped
public class LlmClients {
  public Probe probe(Endpoint e, Secret s, Duration t) {
    return new Probe(Reason.UNREACHABLE, "stub", 0, List.of());
  }

  public Exchange ask(
      Endpoint endpoint,
      Secret key,
      Prompt prompt,
      Duration timeout,
      boolean streamed,
      Consumer<String> onText) {
    throw new UnsupportedOperationException();
  }
}
