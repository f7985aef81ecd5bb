package io.mimir.credential.service;

import io.mimir.credential.ApiKey;
import io.mimir.credential.KeyDraft;
import io.mimir.credential.ModelRef;
import io.mimir.llm.Provider;
import io.mimir.llm.service.Catalogs;
import io.mimir.net.EndpointUrl;
import io.mimir.net.service.EgressClients;
import io.mimir.security.DataKey;
import io.mimir.security.MasterKey;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.usage.service.UsageMeter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a call pays for its key: the choice among the keys of a model, its limits, the decryption,
 * and the end of the lease.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 5, time = 5)
@Fork(1)
public class KeyChoice {

  private static final ModelRef MODEL = new ModelRef(Provider.CUSTOM, "m");

  @Param({"10", "10000"})
  int keys;

  private KeyRing ring;
  private long conversations = 1;

  /** For each iteration, because ten keys at their highest limit last for some ten seconds. */
  @Setup(Level.Iteration)
  public void fill() {
    MasterKey master = MasterKey.parse(MasterKey.generate());
    Vault vault =
        new Vault(
            master,
            List.of(
                DataKey.create(DataKey.SEAL, master, Instant.EPOCH),
                DataKey.create(DataKey.MAC, master, Instant.EPOCH)));
    List<ApiKey> all = new ArrayList<>();
    for (int i = 0; i < keys; i++) {
      ApiKey key =
          new ApiKey(
              KeyDraft.of(Provider.CUSTOM, "key " + i)
                  .withMetadata(
                      Map.of(
                          "available_models",
                          List.of("m"),
                          "rate_limit",
                          1_000_000,
                          "max_concurrent",
                          100)),
              EndpointUrl.parse("http://127.0.0.1:9"),
              "admin",
              Instant.now());
      key.replaceSecret(Secret.of("sk-bench-0123456789abcdefghijklmnopqrstuvwxyz"), vault);
      all.add(key);
    }
    ring = new KeyRing();
    RoutingTableLoader loader = new RoutingTableLoader();
    ring.vault = vault;
    ring.loader = loader;
    ring.uses = new KeyUses();
    ring.limits = new KeyLimits();
    ring.trials = new RotationTrials();
    loader.vault = vault;
    loader.store =
        new KeyUse() {
          @Override
          public List<ApiKey> active() {
            return all;
          }
        };
    loader.catalog = Catalogs.usual();
    loader.endpoints = new KeyEndpoints();
    loader.endpoints.catalog = loader.catalog;
    loader.egress = EgressClients.open("127.0.0.1");
    ring.limits.meter = new UsageMeter();
    loader.keysChanged(new KeysChanged("all"));
  }

  @Benchmark
  public int borrow() {
    try (KeyLease lease = ring.lend(MODEL, new TriedKeys(), () -> 0, conversations++)) {
      return lease.secret().length();
    }
  }
}
