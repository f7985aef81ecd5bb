package io.mimir.credential.service;

import io.mimir.llm.Provider;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The keys that one call has tried, and those that it may try at all. Not thread-safe. */
public final class TriedKeys {

  private final List<String> keys = new ArrayList<>(4);
  private Predicate<Provider> allowed = provider -> true;
  private String onlyKey;
  private boolean stable;

  /** Confines the call to keys of some providers. */
  public TriedKeys only(Predicate<Provider> providers) {
    allowed = providers;
    return this;
  }

  /**
   * Confines the call to one key.
   *
   * @param keyId null for any
   */
  public TriedKeys only(String keyId) {
    onlyKey = keyId;
    return this;
  }

  /** Asks for no secret that is only being tried. */
  public TriedKeys stableOnly() {
    stable = true;
    return this;
  }

  /** This lease failed: what it was made of is not taken again for the same call. */
  public void add(KeyLease failed) {
    if (failed.isCandidate()) {
      stable = true;
    } else {
      keys.add(failed.keyId());
    }
  }

  void add(RoutableKey unusable) {
    keys.add(unusable.id());
  }

  /** All keys may be tried once more. */
  public void forget() {
    keys.clear();
  }

  /** How many keys have been tried. */
  public int count() {
    return keys.size();
  }

  boolean has(RoutableKey key) {
    return keys.contains(key.id());
  }

  boolean allows(RoutableKey key) {
    return (onlyKey == null || onlyKey.equals(key.id())) && allowed.test(key.provider());
  }

  String onlyKey() {
    return onlyKey;
  }

  boolean isStable() {
    return stable;
  }
}
