package io.mimir.credential.service;

import io.mimir.audit.AuditedAction;
import io.mimir.audit.service.TestEvents;
import io.mimir.audit.service.TestLog;
import io.mimir.credential.ApiKey;
import io.mimir.credential.KeyDraft;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.Endpoint;
import io.mimir.llm.Probe;
import io.mimir.llm.Provider;
import io.mimir.llm.service.Catalogs;
import io.mimir.llm.service.EndpointProbe;
import io.mimir.net.service.EgressClient;
import io.mimir.net.service.EgressClients;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.service.TestIdentities;
import io.mimir.security.service.TestVaults;
import io.mimir.storage.service.TestSchedulers;
import io.mimir.storage.service.TestStore;
import jakarta.ejb.SessionContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.function.Supplier;

/** The beans of keys on a database, wired as the server wires them, with a provider of our own. */
final class CredentialBeans implements AutoCloseable {

  static final String CALLER = "ada";
  static final String URL = "https://llm.example.com/v1";

  final TestStore store = TestStore.fresh();
  final Vault vault = TestVaults.fresh();
  final EgressClient egress = EgressClients.dev();
  final List<AuditedAction> deeds = new ArrayList<>();
  final List<KeysChanged> changes = new ArrayList<>();
  final TestLog log = new TestLog();
  final TestSchedulers.Kept scheduler = new TestSchedulers.Kept();
  final ApiKeys keys = new ApiKeys();
  final KeyEditor editor = new KeyEditor();
  final KeyEndpoints endpoints = new KeyEndpoints();
  final KeyUse use = new KeyUse();
  final KeyUses uses = new KeyUses();
  final RoutingTableLoader loader = new RoutingTableLoader();
  final KeyStatusReader statuses = new KeyStatusReader();
  final KeyTests tests = new KeyTests();
  final RotationTrials trials = new RotationTrials();
  final Rotations rotations = new Rotations();

  /** What was asked of the provider: the secret, and the model if one was asked. */
  final List<String> asked = new ArrayList<>();

  /** What the provider answers. */
  Supplier<Probe> answer = () -> new Probe(CallOutcome.OK, "fine", 10);

  CredentialBeans() {
    SessionContext session = TestIdentities.sessionOf(CALLER);
    EndpointProbe probes = new Answering();
    editor.vault = vault;
    editor.catalog = Catalogs.usual();
    editor.egress = egress;
    endpoints.catalog = editor.catalog;
    use.em = store.em();
    uses.store = use;
    uses.scheduler = scheduler.managed();
    keys.em = store.em();
    keys.vault = vault;
    keys.deeds = TestEvents.into(deeds);
    keys.changed = TestEvents.into(changes);
    keys.editor = editor;
    keys.session = session;
    loader.store = use;
    loader.audit = log;
    loader.vault = vault;
    loader.endpoints = endpoints;
    loader.catalog = editor.catalog;
    loader.egress = egress;
    loader.scheduler = scheduler.managed();
    statuses.loader = loader;
    statuses.uses = uses;
    tests.vault = vault;
    tests.changed = TestEvents.into(changes);
    tests.editor = editor;
    tests.endpoints = endpoints;
    tests.statuses = statuses;
    tests.limiter = new KeyTestLimiter();
    tests.probes = probes;
    tests.session = session;
    tests.keys = keys;
    tests.store = use;
    tests.audit = log;
    tests.self = tests;
    rotations.em = store.em();
    rotations.vault = vault;
    rotations.deeds = TestEvents.into(deeds);
    rotations.changed = TestEvents.into(changes);
    rotations.trials = trials;
    rotations.limiter = new KeyTestLimiter();
    rotations.probes = probes;
    rotations.endpoints = endpoints;
    rotations.session = session;
    rotations.audit = log;
    rotations.self =
        new Rotations() {
          @Override
          public ApiKey begin(String keyId, Trial trial, LongPredicate seen) {
            return CredentialBeans.this.store.in(() -> rotations.begin(keyId, trial, seen));
          }
        };
  }

  private final class Answering extends EndpointProbe {
    @Override
    public Probe probe(Endpoint endpoint, Secret key, Secret own, Duration timeout) {
      asked.add(key.reveal());
      return answer.get();
    }

    @Override
    public Probe ask(Endpoint endpoint, Secret key, Secret own, String model, Duration timeout) {
      asked.add(key.reveal() + " " + model);
      return answer.get();
    }
  }

  static KeyDraft draft(String name) {
    return KeyDraft.of(Provider.CUSTOM, name).withSecret(Secret.of("sk-" + name)).withEndpoint(URL);
  }

  ApiKey add(String name) {
    return add(draft(name));
  }

  ApiKey add(KeyDraft draft) {
    return store.in(() -> keys.add(draft));
  }

  ApiKey change(ApiKey key, KeyDraft change) {
    return store.in(() -> keys.change(key.getId(), change, version -> true));
  }

  /** A key as it is stored now. */
  ApiKey stored(ApiKey key) {
    return store.em().find(ApiKey.class, key.getId());
  }

  /** Changes what is stored past everything that looks after it. */
  void execute(String sql, Object... parameters) {
    store.during(
        () -> {
          var query = store.em().createNativeQuery(sql);
          for (int i = 0; i < parameters.length; i++) {
            query.setParameter(i + 1, parameters[i]);
          }
          query.executeUpdate();
        });
  }

  /** Moves what is sealed for one key to the row of another, where it does not open. */
  void putSealedOf(ApiKey from, ApiKey to) {
    execute(
        "update api_keys set key_value = (select key_value from api_keys where id = ?) where id = ?",
        from.getId(),
        to.getId());
  }

  /** The last thing that was done, as one line; what was begun and not done says so. */
  String lastDeed() {
    AuditedAction last = deeds.get(deeds.size() - 1);
    return "%s %s".formatted(last.isDone() ? "done" : "begun", last);
  }

  @Override
  public void close() {
    EgressClients.close(egress);
    store.close();
  }
}
