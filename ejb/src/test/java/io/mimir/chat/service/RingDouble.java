package io.mimir.chat.service;

import io.mimir.credential.ModelRef;
import io.mimir.credential.service.KeyLease;
import io.mimir.credential.service.KeyRing;
import io.mimir.credential.service.ModelCatalog;
import io.mimir.credential.service.TestLeases;
import io.mimir.credential.service.TriedKeys;
import io.mimir.error.ProblemException;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.Endpoint;
import io.mimir.llm.Provider;
import io.mimir.net.EndpointUrl;
import io.mimir.security.Secret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Lends one and the same key, and remembers what became of it. */
class RingDouble extends KeyRing {

  final List<String> used = new ArrayList<>();
  final List<CallOutcome> failed = new ArrayList<>();
  final Catalog catalog = new Catalog();
  KeyLease lease;
  ProblemException refusal;

  @Override
  public KeyLease lend(ModelRef wanted, TriedKeys tried, long tokens, long conversation) {
    if (refusal != null) {
      throw refusal;
    }
    lease =
        TestLeases.of(
            "key_1",
            "local",
            new Endpoint(wanted.provider(), EndpointUrl.parse("http://localhost:11434")),
            wanted.name(),
            Secret.of("sk-test-0123456789"),
            Duration.ofSeconds(60),
            Map.of(),
            this::note);
    return lease;
  }

  private void note(String told) {
    String what = told.substring(told.indexOf(' ') + 1);
    if (told.startsWith("used ")) {
      used.add(what);
    } else {
      failed.add(CallOutcome.valueOf(what));
    }
  }

  /** Knows every model. */
  static class Catalog extends ModelCatalog {

    ModelRef defaultModel;
    List<Model> models = List.of();

    @Override
    public ModelRef resolve(ModelRef wanted) {
      return wanted.provider() == null ? new ModelRef(Provider.OLLAMA, wanted.name()) : wanted;
    }

    @Override
    public boolean isServed(ModelRef model, Predicate<Provider> providers) {
      return providers.test(model.provider());
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
  }
}
