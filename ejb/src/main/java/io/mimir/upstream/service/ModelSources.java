package io.mimir.upstream.service;

import io.mimir.security.service.Identity;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** All models that no key has to be chosen for. */
@ApplicationScoped
public class ModelSources {

  @Inject @Any Instance<ModelSource> sources;

  /** Finds who answers for a model; empty when a provider does. */
  public Optional<ModelSource> of(String model) {
    return sources.stream().filter(source -> source.has(model)).findFirst();
  }

  /** Lists what somebody may ask of them, each with the prefix of its source and a slash. */
  public List<String> models(Identity caller) {
    List<String> models = new ArrayList<>();
    for (ModelSource source : sources) {
      models.addAll(source.models(caller));
    }
    return models;
  }
}
