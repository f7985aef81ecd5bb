package io.mimir.chat.service;

import io.mimir.credential.ModelRef;
import io.mimir.credential.service.ModelCatalog;
import io.mimir.llm.Provider;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Knows every model. */
class CatalogDouble extends ModelCatalog {

  ModelRef defaultModel;
  List<Model> models = List.of();

  @Override
  public ModelRef resolve(ModelRef wanted) {
    ModelRef named = ModelRef.of(wanted.provider(), wanted.name());
    return named.provider() == null ? new ModelRef(Provider.OLLAMA, named.name()) : named;
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
