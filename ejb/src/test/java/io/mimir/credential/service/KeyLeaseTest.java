package io.mimir.credential.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.security.NamedSecrets;
import io.mimir.security.Secret;
import io.mimir.security.SecretTraces;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KeyLeaseTest {

  @Test
  void aHeaderOfTheKeyIsAsSecretAsTheKey() {
    KeyLease lease =
        new KeyLease(
            null,
            KeyPoolTest.key("a", 50, 1, "m"),
            "m",
            Secret.of("sk-0123456789"),
            NamedSecrets.join(Map.of("X-Tenant", Secret.of("tenant-of-acme"))),
            false,
            0);

    SecretTraces traces = SecretTraces.of(lease.secrets());

    assertThat(traces.areIn("id-tenant-of-acme")).isTrue();
    assertThat(traces.areIn("id-sk-0123456789")).isTrue();
    assertThat(traces.areIn("X-Tenant")).isFalse();
  }
}
