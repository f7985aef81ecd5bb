package io.mimir.credential.service;

import io.mimir.credential.ModelRef;
import io.mimir.llm.Provider;
import io.mimir.llm.service.KnownModels;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Which keys serve which model, worked out when a key changes. A key serves what it offers and
 * nothing else; one whose offer is not known yet serves what the model's name says of its provider,
 * at the provider's own address, and only where nobody is known to offer the model. Immutable but
 * for pools that are made when they are first asked for.
 */
public final class RoutingTable {

  static final RoutingTable EMPTY = new RoutingTable(List.of());

  /** Stands for a call that names no model: any key of the provider serves it. */
  static final String ANY_MODEL = "-";

  private static final int MAX_POOLS = 10_000;

  private final List<RoutableKey> keys;
  private final Map<String, List<RoutableKey>> offering = new HashMap<>();
  private final List<RoutableKey> withWildcards;
  private final Map<ModelRef, KeyPool> pools = new ConcurrentHashMap<>();

  RoutingTable(List<RoutableKey> keys) {
    this.keys = List.copyOf(keys);
    for (RoutableKey key : keys) {
      for (String name : key.offer().canonicalNames()) {
        offering.computeIfAbsent(name, n -> new ArrayList<>()).add(key);
      }
    }
    this.withWildcards = keys.stream().filter(key -> key.offer().hasWildcards()).toList();
  }

  List<RoutableKey> keys() {
    return keys;
  }

  Stream<RoutableKey> keysOf(Provider provider) {
    return keys.stream().filter(key -> key.provider().equals(provider));
  }

  /**
   * The keys for a model.
   *
   * @param model with the provider whose keys alone may serve it, or without one
   */
  KeyPool pool(ModelRef model) {
    KeyPool known = pools.get(model);
    if (known != null) {
      return known;
    }
    KeyPool made = KeyPool.of(serving(model));
    if (!made.isEmpty() && pools.size() < MAX_POOLS) {
      KeyPool other = pools.putIfAbsent(model, made);
      return other == null ? made : other;
    }
    return made;
  }

  /**
   * The keys for a call that may be confined to one: what is kept with a key is had with that key,
   * wherever its server is.
   *
   * @param keyId null for any
   */
  KeyPool pool(ModelRef model, String keyId) {
    return keyId == null || !model.name().equals(ANY_MODEL)
        ? pool(model)
        : KeyPool.of(keys.stream().filter(key -> key.id().equals(keyId)).toList());
  }

  private List<RoutableKey> serving(ModelRef model) {
    List<RoutableKey> offered = offering(model.name());
    Provider provider = model.provider();
    if (provider == null) {
      return offered.isEmpty()
          ? KnownModels.providerOf(model.name()).map(this::unread).orElse(List.of())
          : across(model.name(), offered);
    }
    if (model.name().equals(ANY_MODEL)) {
      return holding(provider);
    }
    List<RoutableKey> ofProvider =
        offered.stream().filter(key -> key.provider().equals(provider)).toList();
    return ofProvider.isEmpty() ? unread(provider) : ofProvider;
  }

  private List<RoutableKey> offering(String name) {
    Set<RoutableKey> found =
        new LinkedHashSet<>(offering.getOrDefault(ModelOffer.canonical(name), List.of()));
    for (RoutableKey key : withWildcards) {
      if (key.offer().spelling(name) != null) {
        found.add(key);
      }
    }
    return List.copyOf(found);
  }

  /**
   * Keys of several providers offer the model. Those of which an administrator said so all take
   * part; an endpoint's own list takes no prompts away from the provider that the name belongs to.
   */
  private static List<RoutableKey> across(String name, Collection<RoutableKey> offered) {
    Optional<Provider> known =
        KnownModels.providerOf(name)
            .filter(p -> offered.stream().anyMatch(key -> key.provider().equals(p)));
    Provider owner =
        known.orElseGet(
            () ->
                offered.stream()
                    .filter(key -> key.offer().isDeclared())
                    .findFirst()
                    .orElse(offered.iterator().next())
                    .provider());
    return offered.stream()
        .filter(key -> key.offer().isDeclared() || key.provider().equals(owner))
        .toList();
  }

  /**
   * Whatever is kept at an account is kept at the provider's own address, else at the one server.
   */
  private List<RoutableKey> holding(Provider provider) {
    List<RoutableKey> atHome = keysOf(provider).filter(RoutableKey::atHome).toList();
    if (!atHome.isEmpty()) {
      return atHome;
    }
    List<RoutableKey> elsewhere = keysOf(provider).toList();
    long servers = elsewhere.stream().map(k -> k.endpoint().url().origin()).distinct().count();
    return servers == 1 ? elsewhere : List.of();
  }

  /** Keys of a provider, at its own address, of which nobody knows yet what they offer. */
  private List<RoutableKey> unread(Provider provider) {
    return keysOf(provider).filter(key -> key.atHome() && !key.offer().isKnown()).toList();
  }
}
