package io.mimir.security;

import java.time.Instant;
import java.util.List;

/** Vaults for tests. */
public final class Vaults {

  private Vaults() {}

  /** A vault with keys of its own. */
  public static Vault fresh() {
    MasterKey master = MasterKey.parse(MasterKey.generate());
    return new Vault(
        master,
        List.of(
            DataKey.create(DataKey.SEAL, master, Instant.EPOCH),
            DataKey.create(DataKey.MAC, master, Instant.EPOCH)));
  }
}
