package io.mimir.credential;

import io.mimir.llm.Provider;
import io.mimir.security.Secret;
import java.time.Instant;
import java.util.Map;

/**
 * A key as it was entered: to be made, changed or tested. A member that is null stays as it is, and
 * has its default in a new key.
 *
 * @param provider of a key that is there, none or its own
 * @param name the rules are those of {@link KeyRules}
 * @param secret empty like null for a key that is there
 * @param endpointUrl as it was entered; blank for the provider's own
 * @param metadata laid over what is there; a null value removes a member
 * @param priority 1 to 100, the lower number is tried first
 * @param weight 1 to 1000, the share among keys of the same priority
 * @param extras what few keys have
 */
public record KeyDraft(
    Provider provider,
    String name,
    Secret secret,
    String endpointUrl,
    Map<String, Object> metadata,
    Boolean active,
    Integer priority,
    Integer weight,
    Extras extras) {

  /** Changes nothing. */
  public static final KeyDraft NONE =
      new KeyDraft(null, null, null, null, null, null, null, null, Extras.NONE);

  /**
   * What few keys have.
   *
   * @param request what each call carries besides
   * @param setsExpiry whether {@code expiresAt} is meant, null for never
   */
  public record Extras(RequestOptions.Change request, boolean setsExpiry, Instant expiresAt) {

    public static final Extras NONE = new Extras(RequestOptions.Change.NONE, false, null);
  }

  /** A new key with the defaults, and without a secret. */
  public static KeyDraft of(Provider provider, String name) {
    return new KeyDraft(provider, name, Secret.of(""), null, null, null, null, null, Extras.NONE);
  }

  /** The same with a secret. */
  public KeyDraft withSecret(Secret wanted) {
    return new KeyDraft(
        provider, name, wanted, endpointUrl, metadata, active, priority, weight, extras);
  }

  /** The same with an address. */
  public KeyDraft withEndpoint(String wanted) {
    return new KeyDraft(provider, name, secret, wanted, metadata, active, priority, weight, extras);
  }

  /** The same with metadata. */
  public KeyDraft withMetadata(Map<String, Object> wanted) {
    return new KeyDraft(
        provider, name, secret, endpointUrl, wanted, active, priority, weight, extras);
  }

  /** The same with a place among other keys. */
  public KeyDraft withPlace(Integer wantedPriority, Integer wantedWeight) {
    return new KeyDraft(
        provider,
        name,
        secret,
        endpointUrl,
        metadata,
        active,
        wantedPriority,
        wantedWeight,
        extras);
  }

  /** The same, to be enabled or disabled. */
  public KeyDraft withActive(boolean wanted) {
    return new KeyDraft(
        provider, name, secret, endpointUrl, metadata, wanted, priority, weight, extras);
  }

  /** The same with what few keys have. */
  public KeyDraft withExtras(Extras wanted) {
    return new KeyDraft(
        provider, name, secret, endpointUrl, metadata, active, priority, weight, wanted);
  }

  /** Tells whether there is a secret in it. */
  public boolean bringsASecret() {
    return secret != null && !secret.stripped().isEmpty();
  }

  /** Says whose key it is only: the rest is nobody's business. */
  @Override
  public String toString() {
    return "KeyDraft[" + provider + "]";
  }
}
