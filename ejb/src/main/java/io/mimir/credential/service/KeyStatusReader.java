package io.mimir.credential.service;

import io.mimir.credential.ApiKey;
import io.mimir.credential.KeyStatus;
import io.mimir.credential.LastTest;
import io.mimir.llm.CallOutcome;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Tells administrators how a key fares. */
@ApplicationScoped
public class KeyStatusReader {

  /** Why a key whose time is over is left alone. */
  public static final String EXPIRED = "expired";

  @Inject RoutingTableLoader loader;
  @Inject KeyUses uses;

  /**
   * Why a key is left alone at the moment, or would be.
   *
   * @param reason a word such as {@code auth_failed}
   * @param left how long it will be; zero when the next call tries it
   */
  public record Trouble(String reason, Duration left) {}

  public KeyStatus statusOf(ApiKey key) {
    KeyRuntime runtime = loader.runtime(key.getId());
    if (!loader.isReadable(key)) {
      return KeyStatus.UNREADABLE;
    }
    if (!key.isActive()) {
      return KeyStatus.DISABLED;
    }
    if (key.isExpired(Instant.now())) {
      return KeyStatus.FAILING;
    }
    boolean lastTestFailed = key.getLastTest().filter(LastTest::condemnsTheKey).isPresent();
    if (runtime != null && runtime.health.isFailing(System.nanoTime())
        || lastTestFailed && !wasUsedSince(key, key.getLastTest().get().testedAt())) {
      return KeyStatus.FAILING;
    }
    boolean known =
        key.getLastTest().filter(LastTest::isConclusive).isPresent() || uses.last(key).isPresent();
    return known ? KeyStatus.ACTIVE : KeyStatus.UNTESTED;
  }

  private boolean wasUsedSince(ApiKey key, Instant test) {
    return uses.last(key).filter(use -> use.isAfter(test)).isPresent();
  }

  /** What the last call of the key failed with; empty when it was answered. */
  public Optional<Trouble> trouble(ApiKey key) {
    if (key.isActive() && key.isExpired(Instant.now())) {
      return Optional.of(new Trouble(EXPIRED, Duration.ZERO));
    }
    KeyRuntime runtime = loader.runtime(key.getId());
    CallOutcome reason = runtime == null || !key.isActive() ? null : runtime.health.trouble();
    return reason == null
        ? Optional.empty()
        : Optional.of(new Trouble(reason.wire(), runtime.health.pause(System.nanoTime())));
  }

  /** When a key was last used, as memory knows it before it is written. */
  public Optional<Instant> lastUse(ApiKey key) {
    return uses.last(key);
  }

  /** Gives a key that an administrator has tested with success its good name back. */
  void tested(String keyId, boolean success) {
    KeyRuntime runtime = loader.runtime(keyId);
    if (runtime != null && success) {
      runtime.health.reset();
    }
  }
}
