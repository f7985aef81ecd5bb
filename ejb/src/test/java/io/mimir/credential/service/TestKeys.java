package io.mimir.credential.service;

import io.mimir.credential.ApiKey;
import io.mimir.credential.KeyDraft;
import io.mimir.llm.Provider;
import io.mimir.llm.service.Catalogs;
import io.mimir.net.EndpointUrl;
import io.mimir.net.service.EgressClient;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.service.TestVaults;
import io.mimir.usage.service.UsageMeter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A ring of keys without a database, for tests of whole calls. */
public final class TestKeys {

  private final List<ApiKey> keys = new ArrayList<>();
  private final Vault vault = TestVaults.fresh();
  private final RoutingTableLoader loader = new RoutingTableLoader();
  private final ModelCatalog catalog = new ModelCatalog();
  private final KeyRing ring = new KeyRing();
  private final List<String> used = new ArrayList<>();

  public TestKeys(EgressClient egress, UsageMeter meter) {
    loader.vault = vault;
    loader.store =
        new KeyUse() {
          @Override
          public List<ApiKey> active() {
            return List.copyOf(keys);
          }
        };
    loader.catalog = Catalogs.usual();
    loader.endpoints = new KeyEndpoints();
    loader.endpoints.catalog = loader.catalog;
    loader.egress = egress;
    catalog.loader = loader;
    ring.vault = vault;
    ring.loader = loader;
    ring.uses =
        new KeyUses() {
          @Override
          public void used(String keyId) {
            used.add(keyId);
          }
        };
    ring.trials = new RotationTrials();
    ring.limits = new KeyLimits();
    ring.limits.meter = meter;
  }

  public ApiKey add(
      Provider provider, String name, String secret, String url, Map<String, Object> metadata) {
    ApiKey key =
        new ApiKey(
            KeyDraft.of(provider, name).withMetadata(metadata),
            EndpointUrl.parse(url),
            "admin",
            Instant.now());
    key.replaceSecret(Secret.of(secret), vault);
    keys.add(key);
    loader.keysChanged(new KeysChanged(key.getId()));
    return key;
  }

  public void removeAll() {
    keys.clear();
    loader.keysChanged(new KeysChanged("all"));
    used.clear();
  }

  /** How many calls are being made with a key. */
  public int concurrent(ApiKey key) {
    return loader.runtime(key.getId()).concurrent.get();
  }

  public List<String> used() {
    return used;
  }

  public KeyRing ring() {
    return ring;
  }

  public ModelCatalog catalog() {
    return catalog;
  }
}
