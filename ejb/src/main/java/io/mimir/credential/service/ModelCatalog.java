package io.mimir.credential.service;

import io.mimir.credential.ModelRef;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.llm.service.KnownModels;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/** The models that can be asked now, by the same table that calls are routed by. */
@ApplicationScoped
public class ModelCatalog {

  @Inject RoutingTableLoader loader;

  /**
   * A model that can be asked.
   *
   * @param provider null where none has a part in it, as with a pipeline
   * @param keyCount how many active keys offer it
   */
  public record Model(String id, Provider provider, String label, int keyCount) {}

  /**
   * Finds out which model is meant, by the keys as they are now: an id that a key offers, else
   * {@code <provider>/<model>}, else a name that is known to belong to a provider.
   *
   * @return with a provider where only its keys may serve it
   * @throws ProblemException MODEL_NOT_FOUND; NO_USABLE_KEY when the provider has no active key
   */
  public ModelRef resolve(ModelRef wanted) {
    RoutingTable table = loader.table();
    if (!table.pool(wanted).isEmpty()) {
      return wanted;
    }
    ModelRef qualified = wanted.provider() == null ? ModelRef.of(null, wanted.name()) : wanted;
    if (qualified.provider() != null && !table.pool(qualified).isEmpty()) {
      return qualified;
    }
    Optional<Provider> provider =
        Optional.ofNullable(qualified.provider()).or(() -> KnownModels.providerOf(wanted.name()));
    if (provider.isPresent() && table.keysOf(provider.get()).findAny().isEmpty()) {
      throw ProblemException.retryable(
          Problem.NO_USABLE_KEY,
          "There is no active %s key: an administrator can add one under Settings, API keys"
              .formatted(provider.get().label()),
          KeyRefusal.RETRY);
    }
    throw new ProblemException(
        Problem.MODEL_NOT_FOUND,
        "No key offers this model: choose one of GET /api/v1/models, or write provider/model");
  }

  /** What is meant by a call that names no model: something that is kept at an account. */
  public static ModelRef ofAccount(Provider provider) {
    return new ModelRef(provider, RoutingTable.ANY_MODEL);
  }

  /** Tells whether a call names no model. */
  public static boolean isOfAccount(ModelRef model) {
    return model.name().equals(RoutingTable.ANY_MODEL);
  }

  /**
   * Returns what is meant by a call that names no model, of something that is kept with one key.
   *
   * @return empty when the key is not active
   */
  public Optional<ModelRef> ofKey(String keyId) {
    return loader.table().keys().stream()
        .filter(key -> key.id().equals(keyId))
        .map(key -> ofAccount(key.provider()))
        .findFirst();
  }

  /** Tells whether one key serves a model, as {@link #resolve} gave it. */
  public boolean isServedBy(ModelRef model, String keyId) {
    return loader.table().pool(model).has(key -> key.id().equals(keyId));
  }

  /** Whether a key of one of these providers serves a model, as {@link #resolve} gave it. */
  public boolean isServed(ModelRef model, Predicate<Provider> providers) {
    KeyPool pool = loader.table().pool(model);
    return pool.isEmpty() || pool.has(key -> providers.test(key.provider()));
  }

  /**
   * Chooses a model when nobody named one: the default model of the active keys, if they agree on
   * one.
   *
   * @param provider null for any
   * @throws ProblemException NO_USABLE_KEY when there is no active key at all
   */
  public Optional<ModelRef> defaultModel(Provider provider) {
    List<RoutableKey> keys =
        loader.table().keys().stream()
            .filter(key -> provider == null || key.provider().equals(provider))
            .toList();
    if (keys.isEmpty()) {
      throw ProblemException.retryable(
          Problem.NO_USABLE_KEY,
          "There is no active %s: an administrator can add one under Settings, API keys"
              .formatted(provider == null ? "key" : provider.label() + " key"),
          KeyRefusal.RETRY);
    }
    List<ModelRef> defaults =
        keys.stream()
            .flatMap(
                key ->
                    key
                        .metadata()
                        .defaultModel()
                        .map(m -> new ModelRef(key.provider(), m))
                        .stream())
            .distinct()
            .toList();
    return defaults.size() == 1 ? Optional.of(defaults.get(0)) : Optional.empty();
  }

  /**
   * Lists what the active keys offer, each model once a provider, in the order of providers and
   * names. Whatever is listed is served.
   */
  public List<Model> models() {
    Map<Provider, Map<String, Integer>> counts = new LinkedHashMap<>();
    for (Provider provider : Provider.all()) {
      counts.put(provider, new TreeMap<>());
    }
    for (RoutableKey key : loader.table().keys()) {
      key.offer().ids().forEach(id -> counts.get(key.provider()).merge(id, 1, Integer::sum));
    }
    List<Model> all = new ArrayList<>();
    counts.forEach(
        (provider, models) ->
            models.forEach(
                (id, count) ->
                    all.add(new Model(id, provider, KnownModels.labelOf(provider, id), count))));
    return all;
  }
}
