package io.mimir.credential;

import io.mimir.security.SealContext;
import io.mimir.security.SealedSecret;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.Embedded;

/** The secret of a key at rest, and what may be shown of it. */
@Embeddable
public class KeySecret {

  @Embedded private SealedSecret sealed;

  @Column(name = "key_hint", nullable = false)
  private String hint;

  @Column(name = "has_key", nullable = false)
  private boolean given;

  protected KeySecret() {}

  /**
   * Seals a secret.
   *
   * @param context what it is bound to
   */
  static KeySecret seal(Secret secret, SealContext context, Vault vault) {
    KeySecret kept = new KeySecret();
    kept.sealed = vault.seal(secret, context);
    kept.hint = secret.hint();
    kept.given = !secret.isEmpty();
    return kept;
  }

  public SealedSecret sealed() {
    return sealed;
  }

  /** What may be shown of it. */
  public String hint() {
    return hint;
  }

  /** Tells whether there is any: some servers need none. */
  public boolean isGiven() {
    return given;
  }
}
