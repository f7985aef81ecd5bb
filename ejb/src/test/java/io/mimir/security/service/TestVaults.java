package io.mimir.security.service;

import io.mimir.security.DataKey;
import io.mimir.security.MasterKey;
import io.mimir.security.Vault;
import java.time.Instant;
import java.util.List;

/** Vaults for tests. */
public final class TestVaults {

  private TestVaults() {}

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
