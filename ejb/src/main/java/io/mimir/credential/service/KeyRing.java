package io.mimir.credential.service;

import static java.lang.System.Logger.Level.WARNING;

import io.mimir.audit.Outcome;
import io.mimir.audit.service.AuditLog;
import io.mimir.credential.ApiKey;
import io.mimir.credential.KeyHealth;
import io.mimir.credential.KeyMetadata;
import io.mimir.credential.KeyStatus;
import io.mimir.credential.LastTest;
import io.mimir.credential.Lease;
import io.mimir.credential.ModelRef;
import io.mimir.credential.RateWindow;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Endpoint;
import io.mimir.llm.LlmException;
import io.mimir.llm.Provider;
import io.mimir.llm.service.KnownModels;
import io.mimir.llm.service.ProviderEndpoints;
import io.mimir.security.SealContext;
import io.mimir.security.SealedSecret;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.VaultException;
import io.mimir.start.service.Started;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.ejb.EJB;
import jakarta.ejb.EJBException;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lends keys to calls. It works from a table of the active keys in memory, sealed; a key is opened
 * for the one call that it is lent to. A call asks no database: uses are written behind.
 */
@ApplicationScoped
public class KeyRing {

  private static final System.Logger LOG = System.getLogger(KeyRing.class.getName());
  private static final Duration WRITE_EVERY = Duration.ofMinutes(1);

  @EJB KeyUse store;
  @EJB AuditLog audit;
  @Inject Vault vault;
  @Inject ProviderEndpoints endpoints;
  @Resource ManagedScheduledExecutorService scheduler;

  private volatile List<Entry> table = List.of();
  private final Map<String, State> states = new ConcurrentHashMap<>();
  private final Map<String, Instant> uses = new ConcurrentHashMap<>();
  private final Map<String, Instant> written = new ConcurrentHashMap<>();
  private final AtomicLong turns = new AtomicLong();
  private ScheduledFuture<?> writing;
  private ScheduledFuture<?> purging;

  /** A key as calls need it. */
  private record Entry(
      String id,
      long version,
      String name,
      Endpoint endpoint,
      SealedSecret sealed,
      SealContext context,
      KeyMetadata metadata,
      Set<String> models) {

    Provider provider() {
      return endpoint.provider();
    }

    boolean serves(String model) {
      return models.contains(model);
    }
  }

  /** What memory knows of a key beside what is stored. */
  private static final class State {
    private final KeyHealth health = new KeyHealth();
    private final RateWindow window = new RateWindow();
    private volatile boolean unreadable;
    private volatile long version;
    private volatile long lastTurn;
  }

  /**
   * A model that can be asked.
   *
   * @param keyCount how many active keys offer it
   */
  public record Model(String id, Provider provider, String label, int keyCount) {}

  void load(@Observes Started started) {
    rebuild();
    purging = scheduler.scheduleWithFixedDelay(this::purge, 1, 360, TimeUnit.MINUTES);
  }

  /** Keys that were deleted more than seven days ago are removed for good. */
  private void purge() {
    try {
      store.purge(Instant.now().minus(ApiKey.UNDO));
    } catch (EJBException e) {
      LOG.log(WARNING, "Deleted keys could not be removed; it will be tried again");
    }
  }

  void keysChanged(@Observes(during = TransactionPhase.AFTER_SUCCESS) KeysChanged change) {
    rebuild();
  }

  private synchronized void rebuild() {
    List<Entry> entries = new ArrayList<>();
    for (ApiKey key : store.active()) {
      State state = states.computeIfAbsent(key.getId(), id -> new State());
      if (state.version != key.getVersion()) {
        state.health.succeeded();
        state.version = key.getVersion();
      }
      if (opens(key, state)) {
        entries.add(entry(key));
      }
    }
    table = List.copyOf(entries);
  }

  private boolean opens(ApiKey key, State state) {
    boolean wasUnreadable = state.unreadable;
    state.unreadable = !isReadable(key);
    if (state.unreadable && !wasUnreadable) {
      LOG.log(WARNING, "The key {0} does not open: it was changed outside of Mimir", key.getId());
      audit.write(AuditLog.SYSTEM, "key.ciphertext_tamper", key.getId(), Outcome.FAILURE);
    }
    return !state.unreadable;
  }

  private boolean isReadable(ApiKey key) {
    try (Secret opened = key.open(vault)) {
      return opened != null;
    } catch (VaultException | ProblemException e) {
      return false;
    }
  }

  private Entry entry(ApiKey key) {
    Set<String> models = new LinkedHashSet<>();
    key.getMetadata().defaultModel().ifPresent(models::add);
    models.addAll(key.getMetadata().availableModels());
    if (key.getMetadata().availableModels().isEmpty()) {
      key.getLastTest().map(LastTest::models).ifPresent(models::addAll);
    }
    return new Entry(
        key.getId(),
        key.getVersion(),
        key.getName(),
        endpoints.endpointFor(key.getProvider(), Optional.ofNullable(key.endpoint())),
        key.getSealed(),
        key.context(),
        key.getMetadata(),
        models);
  }

  /**
   * Lends a key for one call, and counts the call against its limit.
   *
   * @return a lease that the caller closes
   * @throws ProblemException MODEL_NOT_FOUND; RATE_LIMITED with the time to wait when limits are
   *     the only cause; else NO_USABLE_KEY
   */
  public Lease lease(ModelRef wanted) {
    List<Entry> now = table;
    ModelRef model = resolve(wanted, now);
    List<Entry> candidates =
        now.stream()
            .filter(entry -> entry.provider() == model.provider())
            .sorted(
                Comparator.comparing((Entry entry) -> !entry.serves(model.name()))
                    .thenComparing(entry -> states.get(entry.id()).lastTurn))
            .toList();
    long nanos = System.nanoTime();
    Duration wait = null;
    for (Entry entry : candidates) {
      State state = states.get(entry.id());
      Duration pause = state.health.pause(nanos);
      int limit = entry.metadata().rateLimit().orElse(Integer.MAX_VALUE);
      if (!pause.isZero()) {
        wait = state.health.isLimited() ? shorter(wait, pause) : wait;
      } else if (limit == Integer.MAX_VALUE || state.window.tryTake(limit, nanos)) {
        state.lastTurn = turns.incrementAndGet();
        return open(entry, model.name());
      } else {
        wait = shorter(wait, state.window.waitFor(limit, nanos));
      }
    }
    throw refusal(model.provider(), candidates.isEmpty(), wait);
  }

  private Lease open(Entry entry, String model) {
    try {
      Secret secret = vault.open(entry.sealed(), entry.context());
      return new Lease(
          entry.id(), entry.name(), entry.endpoint(), model, secret, entry.metadata().timeout());
    } catch (VaultException e) {
      states.get(entry.id()).unreadable = true;
      throw new ProblemException(
          Problem.NO_USABLE_KEY, "The stored key does not open any more: replace it");
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one == null || other.compareTo(one) < 0 ? other : one;
  }

  private static ProblemException refusal(Provider provider, boolean none, Duration wait) {
    if (wait != null) {
      return ProblemException.retryable(
          Problem.RATE_LIMITED,
          "Every %s key is at its limit: try again in %d seconds"
              .formatted(provider.label(), Math.max(1, wait.toSeconds() + 1)),
          wait);
    }
    String what =
        none
            ? "There is no active %s key: an administrator can add one under Settings, API keys"
            : "No %s key works at the moment: an administrator can test them under Settings, API keys";
    return new ProblemException(Problem.NO_USABLE_KEY, what.formatted(provider.label()));
  }

  /**
   * Which provider's model is meant, by the keys as they are now.
   *
   * @throws ProblemException MODEL_NOT_FOUND
   */
  public ModelRef resolve(ModelRef wanted) {
    return resolve(wanted, table);
  }

  /**
   * The model to ask when nobody named one: the default model of the active keys, if they agree on
   * one.
   *
   * @param provider null for any
   * @throws ProblemException NO_USABLE_KEY when there is no active key at all
   */
  public Optional<ModelRef> defaultModel(Provider provider) {
    List<Entry> entries =
        table.stream().filter(e -> provider == null || e.provider() == provider).toList();
    if (entries.isEmpty()) {
      throw new ProblemException(
          Problem.NO_USABLE_KEY,
          "There is no active %s: an administrator can add one under Settings, API keys"
              .formatted(provider == null ? "key" : provider.label() + " key"));
    }
    List<ModelRef> defaults =
        entries.stream()
            .flatMap(
                e -> e.metadata().defaultModel().map(m -> new ModelRef(e.provider(), m)).stream())
            .distinct()
            .toList();
    return defaults.size() == 1 ? Optional.of(defaults.get(0)) : Optional.empty();
  }

  /**
   * The provider that the name means: as written, else by the keys, else by what is generally known
   * of it.
   */
  private static ModelRef resolve(ModelRef wanted, List<Entry> entries) {
    if (wanted.provider() != null) {
      return wanted;
    }
    String name = wanted.name();
    Optional<Provider> owner =
        entries.stream().filter(e -> e.serves(name)).map(Entry::provider).findFirst();
    if (owner.isPresent()) {
      return new ModelRef(owner.get(), name);
    }
    ModelRef qualified = ModelRef.of(null, name);
    if (qualified.provider() != null) {
      return qualified;
    }
    return KnownModels.providerOf(name)
        .map(provider -> new ModelRef(provider, name))
        .orElseThrow(
            () ->
                new ProblemException(
                    Problem.MODEL_NOT_FOUND,
                    "No key offers this model: choose one of GET /api/v1/models, or write provider/model"));
  }

  /** The call was answered. */
  public void used(Lease lease) {
    Instant now = Instant.now();
    State state = states.get(lease.keyId());
    if (state != null) {
      state.health.succeeded();
    }
    uses.put(lease.keyId(), now);
    startWriting();
  }

  /** The call failed at the provider. */
  public void failed(Lease lease, LlmException failure) {
    State state = states.get(lease.keyId());
    if (state != null) {
      state.health.failed(failure, System.nanoTime());
    }
  }

  /** An administrator's test has the last word on a key's health. */
  void tested(String id, boolean success) {
    State state = states.get(id);
    if (state != null && success) {
      state.health.succeeded();
    }
  }

  /**
   * What the active keys can reach, each model once a provider, in the order of providers and
   * names.
   */
  public List<Model> models() {
    Map<Provider, Map<String, Integer>> counts = new LinkedHashMap<>();
    for (Provider provider : Provider.values()) {
      counts.put(provider, new java.util.TreeMap<>());
    }
    for (Entry entry : table) {
      Set<String> models =
          entry.models().isEmpty() ? KnownModels.idsOf(entry.provider()) : entry.models();
      models.forEach(model -> counts.get(entry.provider()).merge(model, 1, Integer::sum));
    }
    List<Model> all = new ArrayList<>();
    counts.forEach(
        (provider, models) ->
            models.forEach(
                (id, count) ->
                    all.add(new Model(id, provider, KnownModels.labelOf(provider, id), count))));
    return all;
  }

  /** When a key was last used, as memory knows it before it is written. */
  public Optional<Instant> lastUse(ApiKey key) {
    Instant known = uses.get(key.getId());
    Instant stored = key.getLastUsedAt();
    return Optional.ofNullable(
        known == null || (stored != null && stored.isAfter(known)) ? stored : known);
  }

  public KeyStatus statusOf(ApiKey key) {
    State state = states.get(key.getId());
    if (!isReadable(key)) {
      return KeyStatus.UNREADABLE;
    }
    if (!key.isActive()) {
      return KeyStatus.DISABLED;
    }
    boolean lastTestFailed = key.getLastTest().filter(LastTest::condemnsTheKey).isPresent();
    if ((state != null && state.health.isFailing())
        || (lastTestFailed && !wasUsedSince(key, key.getLastTest().get().testedAt()))) {
      return KeyStatus.FAILING;
    }
    boolean known = key.getLastTest().isPresent() || lastUse(key).isPresent();
    return known ? KeyStatus.ACTIVE : KeyStatus.UNTESTED;
  }

  private boolean wasUsedSince(ApiKey key, Instant test) {
    return lastUse(key).filter(use -> use.isAfter(test)).isPresent();
  }

  private synchronized void startWriting() {
    if (writing == null) {
      writing = scheduler.scheduleWithFixedDelay(this::write, 10, 10, TimeUnit.SECONDS);
    }
  }

  private void write() {
    Instant oldest = Instant.now().minus(WRITE_EVERY);
    write(oldest);
  }

  private void write(Instant writtenBefore) {
    Map<String, Instant> due = new HashMap<>();
    uses.forEach(
        (id, at) -> {
          Instant last = written.getOrDefault(id, Instant.MIN);
          if (at.isAfter(last) && last.isBefore(writtenBefore)) {
            due.put(id, at);
          }
        });
    if (due.isEmpty()) {
      return;
    }
    try {
      store.used(due);
      written.putAll(due);
    } catch (EJBException e) {
      LOG.log(WARNING, "Last uses could not be written; it will be tried again");
    }
  }

  @PreDestroy
  void stop() {
    if (purging != null) {
      purging.cancel(false);
    }
    if (writing != null) {
      writing.cancel(false);
    }
    write(Instant.MAX);
  }
}
