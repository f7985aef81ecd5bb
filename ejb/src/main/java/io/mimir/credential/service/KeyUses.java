package io.mimir.credential.service;

import io.mimir.credential.ApiKey;
import io.mimir.lifecycle.service.Stopping;
import io.mimir.storage.service.LastUses;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** When each key was last used: known at once in memory, and written behind. */
@ApplicationScoped
public class KeyUses {

  @Inject KeyUse store;
  @Resource ManagedScheduledExecutorService scheduler;

  private final LastUses uses =
      new LastUses("keys", Duration.ofSeconds(10), () -> scheduler, due -> store.used(due));

  /** Notes that a key is used now. */
  public void used(String keyId) {
    uses.used(keyId, Instant.now());
  }

  /** When a key was last used, as memory knows it before it is written. */
  public Optional<Instant> last(ApiKey key) {
    Instant known = uses.of(key.getId()).orElse(null);
    Instant stored = key.getLastUsedAt();
    return Optional.ofNullable(
        known == null || (stored != null && stored.isAfter(known)) ? stored : known);
  }

  /** Without session beans and the server's pool, which may be gone already. */
  void stop(@Observes Stopping stopping) {
    uses.stop(LastUses.directly("api_keys"));
  }
}
