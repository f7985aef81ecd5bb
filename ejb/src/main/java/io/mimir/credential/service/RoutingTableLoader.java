package io.mimir.credential.service;

import static java.lang.System.Logger.Level.WARNING;

import io.mimir.audit.AuditedAction;
import io.mimir.audit.Outcome;
import io.mimir.audit.service.AuditLog;
import io.mimir.credential.ApiKey;
import io.mimir.credential.KeyMetadata;
import io.mimir.error.ProblemException;
import io.mimir.lifecycle.service.Started;
import io.mimir.lifecycle.service.Stopping;
import io.mimir.llm.Endpoint;
import io.mimir.llm.ProtocolFamily;
import io.mimir.llm.service.ProviderAdapter;
import io.mimir.llm.service.ProviderCatalog;
import io.mimir.net.service.EgressClient;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.VaultException;
import jakarta.annotation.Resource;
import jakarta.ejb.EJBException;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Keeps the table of the active keys in memory, sealed, and makes it anew when a key changes. */
@ApplicationScoped
public class RoutingTableLoader {

  private static final System.Logger LOG = System.getLogger(RoutingTableLoader.class.getName());

  @Inject KeyUse store;
  @Inject AuditLog audit;
  @Inject Vault vault;
  @Inject KeyEndpoints endpoints;
  @Inject ProviderCatalog catalog;
  @Inject EgressClient egress;
  @Resource ManagedScheduledExecutorService scheduler;

  private volatile RoutingTable table = RoutingTable.EMPTY;
  private volatile Instant nextExpiry = Instant.MAX;
  private final Map<String, KeyRuntime> runtimes = new ConcurrentHashMap<>();
  private final List<ScheduledFuture<?>> tasks = new ArrayList<>();

  void load(@Observes Started started) {
    rebuild();
    tasks.add(scheduler.scheduleWithFixedDelay(this::purge, 1, 360, TimeUnit.MINUTES));
    tasks.add(scheduler.scheduleWithFixedDelay(this::judgeSilence, 5, 5, TimeUnit.SECONDS));
  }

  /** Keys that were deleted more than seven days ago are removed for good. */
  private void purge() {
    try {
      store.purge(Instant.now().minus(ApiKey.UNDO));
    } catch (EJBException e) {
      LOG.log(WARNING, "Deleted keys could not be removed; it will be tried again");
    }
  }

  private void judgeSilence() {
    long nanos = System.nanoTime();
    table.keys().forEach(key -> key.runtime().judgeSilence(nanos));
  }

  void keysChanged(@Observes(during = TransactionPhase.AFTER_SUCCESS) KeysChanged change) {
    rebuild();
  }

  /** Makes the table anew: a list of models has come. */
  void reload() {
    rebuild();
  }

  /** The table as it is now: a key that has expired since it was made is in it no more. */
  public RoutingTable table() {
    if (nextExpiry != Instant.MAX && !Instant.now().isBefore(nextExpiry)) {
      use(table.keys());
    }
    return table;
  }

  /** What memory knows of a key; null for one that was not active since the start. */
  KeyRuntime runtime(String keyId) {
    return runtimes.get(keyId);
  }

  private synchronized void rebuild() {
    Set<String> readable = new HashSet<>();
    table.keys().forEach(key -> readable.add(key.id()));
    List<RoutableKey> keys = new ArrayList<>();
    for (ApiKey key : store.active()) {
      KeyRuntime runtime = runtimes.computeIfAbsent(key.getId(), id -> new KeyRuntime());
      boolean changed = runtime.version != key.getVersion();
      if (changed) {
        runtime.changed(key.getVersion());
      }
      // Nothing of an unchanged key is opened again: there may be thousands.
      boolean opens = !changed && readable.contains(key.getId()) || opens(key, runtime);
      if (opens) {
        keys.add(routable(key, runtime));
      }
    }
    use(keys);
  }

  /** Makes a table of the keys that have not expired. */
  private synchronized void use(List<RoutableKey> keys) {
    Instant now = Instant.now();
    List<RoutableKey> usable = keys.stream().filter(key -> key.expiresAt().isAfter(now)).toList();
    nextExpiry =
        usable.stream().map(RoutableKey::expiresAt).min(Instant::compareTo).orElse(Instant.MAX);
    table = new RoutingTable(usable);
  }

  private boolean opens(ApiKey key, KeyRuntime runtime) {
    boolean wasUnreadable = runtime.unreadable;
    runtime.unreadable = !isReadable(key);
    if (runtime.unreadable && !wasUnreadable) {
      LOG.log(WARNING, "The key {0} does not open: it was changed outside of Mimir", key.getId());
      audit.write(
          AuditedAction.ofTheServer("key.ciphertext_tamper").on(key.getId(), key.getName()),
          Outcome.FAILURE);
    }
    return !runtime.unreadable;
  }

  boolean isReadable(ApiKey key) {
    try (Secret opened = key.open(vault);
        Secret headers = key.openHeaders(vault)) {
      return opened != null && headers != null;
    } catch (VaultException | ProblemException e) {
      return false;
    }
  }

  private RoutableKey routable(ApiKey key, KeyRuntime runtime) {
    KeyMetadata metadata = key.getMetadata();
    Endpoint endpoint = endpoints.of(key);
    return new RoutableKey(
        key.getId(),
        key.getName(),
        ProviderAdapter.of(endpoint),
        egress.route(endpoint.provider().zone(), endpoint.url()),
        key.secret().sealed(),
        key.context(),
        key.headers().orElse(null),
        metadata,
        offerOf(key, runtime.list.models()),
        catalog.isAtHome(endpoint),
        key.routing().priority(),
        key.routing().weight(),
        metadata.timeout(),
        metadata.rateLimit().orElse(Integer.MAX_VALUE),
        metadata.tokensPerMinute().isPresent()
            ? metadata.tokensPerMinute().getAsInt()
            : Long.MAX_VALUE,
        metadata.maxConcurrent().orElse(Integer.MAX_VALUE),
        metadata.monthlyTokens().orElse(Long.MAX_VALUE),
        key.candidate().orElse(null),
        key.getExpiresAt() == null ? Instant.MAX : key.getExpiresAt(),
        runtime);
  }

  /** What an administrator allows, else says it has, else what was read from the endpoint. */
  private static ModelOffer offerOf(ApiKey key, List<String> read) {
    KeyMetadata metadata = key.getMetadata();
    List<String> listed = Optional.ofNullable(read).or(() -> listOfTest(key)).orElse(null);
    List<String> ids = listed == null ? List.of() : listed;
    if (!metadata.allowedModels().isEmpty()) {
      return ModelOffer.declared(metadata.allowedModels(), ids);
    }
    List<String> chosen = new ArrayList<>(metadata.defaultModel().stream().toList());
    if (!metadata.availableModels().isEmpty()) {
      chosen.addAll(metadata.availableModels());
      return ModelOffer.declared(chosen, ids);
    }
    return listed == null ? ModelOffer.unknown(chosen) : ModelOffer.listed(listed, chosen);
  }

  private static Optional<List<String>> listOfTest(ApiKey key) {
    boolean emptyIsAList = key.getProvider().family() == ProtocolFamily.OLLAMA;
    return key.getLastTest().flatMap(test -> test.listed(emptyIsAList));
  }

  void stop(@Observes Stopping stopping) {
    tasks.forEach(task -> task.cancel(false));
  }
}
