package io.mimir.credential.service;

import io.mimir.credential.ModelRef;
import io.mimir.llm.Provider;
import io.mimir.llm.service.KnownModels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which keys serve which model, worked out when a key changes. Immutable. */
final class RoutingTable {

  static final RoutingTable EMPTY = new RoutingTable(List.of());

  private final List<KeyEntry> entries;
  private final Map<String, Provider> owners = new HashMap<>();
  private final Map<Provider, Map<String, KeyPool>> named = new HashMap<>();
  private final Map<Provider, KeyPool> open = new HashMap<>();

  RoutingTable(List<KeyEntry> entries) {
    this.entries = List.copyOf(entries);
    for (Provider provider : Provider.all()) {
      List<KeyEntry> ofProvider = entries.stream().filter(e -> e.provider() == provider).toList();
      KeyPool unconfined =
          KeyPool.of(ofProvider.stream().filter(e -> !e.confined()).toList(), null);
      open.put(provider, unconfined);
      named.put(provider, pools(ofProvider, unconfined));
    }
    for (Provider provider : Provider.all()) {
      named.get(provider).keySet().forEach(model -> owners.merge(model, provider, (a, b) -> a));
    }
    // Two providers name the same model: it is the one's that it is known to belong to.
    owners.replaceAll(
        (model, first) ->
            KnownModels.providerOf(model)
                .filter(known -> named.get(known).containsKey(model))
                .orElse(first));
  }

  private static Map<String, KeyPool> pools(List<KeyEntry> ofProvider, KeyPool unconfined) {
    Map<String, List<KeyEntry>> naming = new HashMap<>();
    for (KeyEntry entry : ofProvider) {
      for (String model : entry.models()) {
        naming.computeIfAbsent(model, m -> new ArrayList<>()).add(entry);
      }
    }
    Map<String, KeyPool> pools = new HashMap<>();
    naming.forEach((model, keys) -> pools.put(model, KeyPool.of(keys, unconfined)));
    return pools;
  }

  List<KeyEntry> entries() {
    return entries;
  }

  /** Whose model this is by the keys that name it. */
  Optional<Provider> ownerOf(String model) {
    return Optional.ofNullable(owners.get(model));
  }

  /** The keys for a model whose provider is known. */
  KeyPool pool(ModelRef model) {
    KeyPool pool = named.get(model.provider()).get(model.name());
    return pool == null ? open.get(model.provider()) : pool;
  }
}
