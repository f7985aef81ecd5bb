package io.mimir.chat.service;

import io.mimir.security.service.Identity;
import io.mimir.upstream.service.ModelSource;
import io.mimir.upstream.service.ModelSources;
import java.util.List;
import java.util.Optional;

/** A server on which every model is one of a provider. */
final class NoSources extends ModelSources {

  @Override
  public Optional<ModelSource> of(String model) {
    return Optional.empty();
  }

  @Override
  public List<String> models(Identity caller) {
    return List.of();
  }
}
