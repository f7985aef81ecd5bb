package io.mimir.credential.web;

import io.mimir.credential.ApiKey;
import io.mimir.credential.KeyStatus;
import io.mimir.credential.LastTest;
import io.mimir.credential.service.KeyStatusReader;
import io.mimir.credential.service.RotationTrials;
import io.mimir.llm.Provider;
import io.mimir.llm.service.KnownModels;
import io.mimir.web.Texts;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/**
 * A key as the list of the page shows it. There is no member for the secret, so none can leak.
 *
 * @param hint the last characters of the key, or empty when it has none
 * @param version the version that is shown, so that a change by somebody else is noticed
 * @param rotation null unless a replacement of the secret is being tried
 * @param trouble why calls are not made with it at the moment, or null
 */
public record KeyRow(
    String id,
    long version,
    Provider provider,
    String name,
    String hint,
    String endpointUrl,
    boolean active,
    KeyStatus status,
    String defaultModel,
    Instant lastUsedAt,
    String createdBy,
    Instant createdAt,
    Instant deletedAt,
    LastTest lastTest,
    ApiKeyView.Rotation rotation,
    String trouble) {

  /** Who used a key within this time would miss it (console.md, delete). */
  private static final Duration IN_USE = Duration.ofDays(30);

  static KeyRow of(ApiKey key, KeyStatusReader statuses, RotationTrials trials) {
    return new KeyRow(
        key.getId(),
        key.getVersion(),
        key.getProvider(),
        key.getName(),
        key.secret().hint(),
        key.getEndpointUrl(),
        key.isActive(),
        statuses.statusOf(key),
        key.getMetadata()
            .defaultModel()
            .map(model -> KnownModels.labelOf(key.getProvider(), model))
            .orElse(null),
        statuses.lastUse(key).orElse(null),
        key.history().createdBy(),
        key.history().createdAt(),
        key.history().deletedAt(),
        key.getLastTest().orElse(null),
        ApiKeyView.Rotation.of(key, trials),
        statuses.trouble(key).map(KeyRow::words).orElse(null));
  }

  private static String words(KeyStatusReader.Trouble trouble) {
    if (trouble.reason().equals(KeyStatusReader.EXPIRED)) {
      return Texts.of("keys.expired");
    }
    return Texts.of(
        "keys.trouble",
        Texts.of("keys.trouble." + trouble.reason()),
        (trouble.left().toMillis() + 999) / 1000);
  }

  boolean matches(String search, KeyStatus wanted) {
    if (wanted != null && wanted != status) {
      return false;
    }
    String text =
        String.join(
            "\n", name, provider.label(), empty(endpointUrl), empty(defaultModel), createdBy);
    return text.toLowerCase(Locale.ROOT).contains(search.strip().toLowerCase(Locale.ROOT));
  }

  private static String empty(String text) {
    return text == null ? "" : text;
  }

  /** Whether its last call was so lately that somebody is likely to miss it. */
  public boolean isInUse() {
    return lastUsedAt != null && lastUsedAt.isAfter(Instant.now().minus(IN_USE));
  }

  /** How far the trial of a new secret is, in words. */
  public String getProgress() {
    return Texts.of(
        "keys.rotation.progress", rotation.callsOk(), rotation.calls(), rotation.callsFailed());
  }

  /** Whether the row says more than its badge: why the last test failed. */
  public boolean isTestFailed() {
    return lastTest != null && !lastTest.success() && status == KeyStatus.FAILING;
  }
}
