package io.mimir.chat.service;

import io.mimir.credential.Lease;
import io.mimir.credential.ModelRef;
import io.mimir.credential.service.KeyRing;
import io.mimir.error.ProblemException;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.Endpoint;
import io.mimir.llm.LlmException;
import io.mimir.llm.Provider;
import io.mimir.net.EndpointUrl;
import io.mimir.security.Secret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Lends one and the same key, and remembers what became of it. */
class RingDouble extends KeyRing {

  final List<String> used = new ArrayList<>();
  final List<CallOutcome> failed = new ArrayList<>();
  Lease lease;
  ProblemException refusal;
  ModelRef defaultModel;
  List<Model> models = List.of();

  @Override
  public Lease lease(ModelRef wanted) {
    if (refusal != null) {
      throw refusal;
    }
    Endpoint endpoint =
        new Endpoint(wanted.provider(), EndpointUrl.parse("http://localhost:11434"));
    lease =
        new Lease(
            "key_1",
            "local",
            endpoint,
            wanted.name(),
            Secret.of("sk-test-0123456789"),
            Duration.ofSeconds(60),
            null);
    return lease;
  }

  @Override
  public ModelRef resolve(ModelRef wanted) {
    return wanted.provider() == null ? new ModelRef(Provider.OLLAMA, wanted.name()) : wanted;
  }

  @Override
  public Optional<ModelRef> defaultModel(Provider provider) {
    return Optional.ofNullable(defaultModel)
        .filter(model -> provider == null || provider == model.provider());
  }

  @Override
  public List<Model> models() {
    return models;
  }

  @Override
  public void used(Lease lent) {
    used.add(lent.keyId());
  }

  @Override
  public void failed(Lease lent, LlmException failure) {
    failed.add(failure.reason());
  }
}
