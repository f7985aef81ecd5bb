package io.mimir.credential.service;

import static java.lang.System.Logger.Level.WARNING;

import io.mimir.audit.Outcome;
import io.mimir.audit.service.AuditLog;
import io.mimir.credential.ApiKey;
import io.mimir.credential.Candidate;
import io.mimir.credential.KeyHealth;
import io.mimir.credential.KeyMetadata;
import io.mimir.credential.KeyStatus;
import io.mimir.credential.LastTest;
import io.mimir.credential.Lease;
import io.mimir.credential.ModelRef;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.lifecycle.service.Started;
import io.mimir.lifecycle.service.Stopping;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.Endpoint;
import io.mimir.llm.LlmException;
import io.mimir.llm.ProtocolFamily;
import io.mimir.llm.Provider;
import io.mimir.llm.service.KnownModels;
import io.mimir.llm.service.ProviderCatalog;
import io.mimir.metrics.service.MetricsSource;
import io.mimir.net.service.EgressClient;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.VaultException;
import io.mimir.storage.service.LastUses;
import io.mimir.usage.service.UsageMeter;
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
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Lends keys to calls. It works from a table of the active keys in memory, sealed; a key is opened
 * for the one call that it is lent to. A call asks no database: uses are written behind.
 */
@ApplicationScoped
public class KeyRing implements MetricsSource {

  private static final System.Logger LOG = System.getLogger(KeyRing.class.getName());

  /** A new secret that the provider refuses is given up at once, one that fails otherwise then. */
  private static final int MOST_CANARY_FAILURES = 3;

  @EJB KeyUse store;
  @EJB AuditLog audit;
  @EJB Rotations rotations;
  @Inject Canaries canaries;
  @Inject Vault vault;
  @Inject ProviderCatalog endpoints;
  @Inject EgressClient egress;
  @Inject UsageMeter meter;
  @Resource ManagedScheduledExecutorService scheduler;

  private volatile RoutingTable table = RoutingTable.EMPTY;
  private final Map<String, KeyState> states = new ConcurrentHashMap<>();
  private final LastUses uses =
      new LastUses("keys", Duration.ofSeconds(10), () -> scheduler, due -> store.used(due));
  private ScheduledFuture<?> purging;

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
    Set<String> readable = new HashSet<>();
    table.entries().forEach(entry -> readable.add(entry.id()));
    List<KeyEntry> entries = new ArrayList<>();
    for (ApiKey key : store.active()) {
      KeyState state = states.computeIfAbsent(key.getId(), id -> new KeyState());
      boolean changed = state.version != key.getVersion();
      if (changed) {
        state.health.succeeded();
        state.version = key.getVersion();
      }
      // Nothing of an unchanged key is opened again: there may be thousands.
      boolean opens = !changed && readable.contains(key.getId()) || opens(key, state);
      if (opens) {
        entries.add(entry(key, state));
      }
    }
    table = new RoutingTable(entries);
  }

  private boolean opens(ApiKey key, KeyState state) {
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

  private KeyEntry entry(ApiKey key, KeyState state) {
    KeyMetadata metadata = key.getMetadata();
    Set<String> models = new LinkedHashSet<>();
    boolean confined = !metadata.allowedModels().isEmpty();
    metadata.defaultModel().ifPresent(models::add);
    models.addAll(metadata.availableModels());
    if (metadata.availableModels().isEmpty()) {
      key.getLastTest().map(LastTest::models).ifPresent(models::addAll);
    }
    if (confined) {
      models.clear();
      models.addAll(metadata.allowedModels());
    }
    Endpoint endpoint =
        endpoints.endpointFor(key.getProvider(), Optional.ofNullable(key.endpoint()));
    return new KeyEntry(
        key.getId(),
        key.getName(),
        endpoint,
        egress.route(endpoint.provider().zone(), endpoint.url()),
        key.getSealed(),
        key.context(),
        metadata,
        models,
        confined,
        key.getPriority(),
        key.getWeight(),
        metadata.timeout(),
        metadata.rateLimit().orElse(Integer.MAX_VALUE),
        metadata.tokensPerMinute().isPresent()
            ? metadata.tokensPerMinute().getAsInt()
            : Long.MAX_VALUE,
        metadata.maxConcurrent().orElse(Integer.MAX_VALUE),
        metadata.monthlyTokens().orElse(Long.MAX_VALUE),
        key.candidate().orElse(null),
        state);
  }

  /**
   * Lends a key for one call, and counts the call against its limits. Its secret is the key's own,
   * also while another one is tried.
   *
   * @return a lease that the caller closes
   * @throws ProblemException MODEL_NOT_FOUND; RATE_LIMITED with the time to wait when limits are
   *     the only cause; else NO_USABLE_KEY
   */
  public Lease lease(ModelRef wanted) {
    ModelRef model = resolve(wanted);
    try (Loan loan = borrow(model, new Tries().stableOnly(), 0)) {
      return new Lease(
          loan.keyId(),
          loan.keyName(),
          loan.endpoint(),
          model.name(),
          loan.takeSecret(),
          loan.timeout(),
          loan.endpoint().provider().family() == ProtocolFamily.ANTHROPIC
              ? loan.maxTokens()
              : null);
    }
  }

  /** The keys that one call has tried already. */
  public static final class Tries {

    private final List<String> keys = new ArrayList<>(4);
    private boolean stable;

    /** Asks for no secret that is only being tried. */
    public Tries stableOnly() {
      stable = true;
      return this;
    }

    /** This loan failed: what it was made of is not taken again for the same call. */
    public void add(Loan failed) {
      if (failed.isCandidate()) {
        stable = true;
      } else {
        keys.add(failed.keyId());
      }
    }

    /** How many keys have been tried. */
    public int count() {
      return keys.size();
    }
  }

  /**
   * Lends a key to a call of the gateway, from now to its last byte.
   *
   * @param model as {@link #resolve} gave it
   * @param tries what the call has tried before
   * @param reckonedTokens about how many tokens the question has
   * @throws ProblemException RATE_LIMITED with the time to wait when limits are the only cause;
   *     else NO_USABLE_KEY
   */
  public Loan borrow(ModelRef model, Tries tries, long reckonedTokens) {
    KeyPool pool = table.pool(model);
    long nanos = System.nanoTime();
    while (true) {
      KeyEntry entry =
          pool.choose(key -> !tries.keys.contains(key.id()) && takes(key, nanos, reckonedTokens));
      if (entry == null) {
        throw refusal(model.provider(), pool, tries, nanos, reckonedTokens);
      }
      Loan loan = open(entry, model.name(), tries, reckonedTokens);
      if (loan != null) {
        return loan;
      }
      tries.keys.add(entry.id());
    }
  }

  /** Takes the call out of all limits of a key, or out of none. */
  private boolean takes(KeyEntry key, long nanos, long tokens) {
    KeyState state = key.state();
    boolean sound = state.health.trouble() == null || state.health.pause(nanos).isZero();
    if (!sound || isSpent(key)) {
      return false;
    }
    if (state.concurrent.incrementAndGet() > key.maxConcurrent()) {
      state.concurrent.decrementAndGet();
      return false;
    }
    boolean counted = false;
    boolean taken =
        (key.requestsPerMinute() == Integer.MAX_VALUE
                || (counted = state.requests.tryTake(key.requestsPerMinute(), nanos)))
            && (key.tokensPerMinute() == Long.MAX_VALUE
                || state.tokens.tryTake(key.tokensPerMinute(), tokens, nanos));
    if (taken && state.health.admits(nanos)) {
      return true;
    }
    state.concurrent.decrementAndGet();
    if (counted) {
      state.requests.giveBack();
    }
    if (taken && key.tokensPerMinute() != Long.MAX_VALUE) {
      state.tokens.add(-tokens, nanos);
    }
    return false;
  }

  private boolean isSpent(KeyEntry key) {
    return key.monthlyTokens() != Long.MAX_VALUE
        && meter.tokensThisMonth(key.id()) >= key.monthlyTokens();
  }

  /**
   * @return null when it does not open
   */
  private Loan open(KeyEntry entry, String model, Tries tries, long tokens) {
    Candidate candidate = entry.candidate();
    boolean trial = candidate != null && !tries.stable && isTurnOf(candidate, entry.state());
    long reckoned = entry.tokensPerMinute() == Long.MAX_VALUE ? 0 : tokens;
    try {
      Secret secret =
          trial
              ? vault.open(candidate.sealed(), candidate.context())
              : vault.open(entry.sealed(), entry.context());
      return new Loan(this, entry, model, secret, trial, reckoned);
    } catch (VaultException e) {
      entry.state().concurrent.decrementAndGet();
      if (trial) {
        tries.stableOnly();
        return open(entry, model, tries, tokens);
      }
      entry.state().unreadable = true;
      return null;
    }
  }

  /** So many of each hundred calls, spread evenly. */
  private static boolean isTurnOf(Candidate candidate, KeyState state) {
    long turn = state.canaryTurns.getAndIncrement();
    return (turn * candidate.share()) % 100 < candidate.share();
  }

  private static Duration shorter(Duration one, Duration other) {
    return one == null || other.compareTo(one) < 0 ? other : one;
  }

  private ProblemException refusal(
      Provider provider, KeyPool pool, Tries tries, long nanos, long tokens) {
    Duration[] wait = {null};
    boolean[] spent = {false};
    pool.choose(
        key -> {
          if (tries.keys.contains(key.id())) {
            // Why that one gives no answer is known better than by its limits.
            return false;
          }
          KeyState state = key.state();
          Duration pause = state.health.pause(nanos);
          if (!pause.isZero()) {
            wait[0] = state.health.isLimited() ? shorter(wait[0], pause) : wait[0];
          } else if (isSpent(key)) {
            spent[0] = true;
          } else if (state.health.trouble() == null) {
            wait[0] = shorter(wait[0], waitFor(key, nanos, tokens));
          }
          return false;
        });
    if (wait[0] != null) {
      return ProblemException.retryable(
          Problem.RATE_LIMITED,
          "Every %s key is at its limit: try again in %d seconds"
              .formatted(provider.label(), Math.max(1, wait[0].toSeconds() + 1)),
          wait[0]);
    }
    if (spent[0]) {
      return ProblemException.retryable(
          Problem.RATE_LIMITED,
          "The %s keys have used up their tokens of this month: an administrator can raise the budget under Settings, API keys"
              .formatted(provider.label()),
          untilNextMonth());
    }
    String what =
        pool.isEmpty()
            ? "There is no active %s key for this model: an administrator can add one under Settings, API keys"
            : "No %s key works at the moment: an administrator can test them under Settings, API keys";
    return new ProblemException(Problem.NO_USABLE_KEY, what.formatted(provider.label()));
  }

  /** How long until a sound key has room. */
  private static Duration waitFor(KeyEntry key, long nanos, long tokens) {
    KeyState state = key.state();
    Duration wait = Duration.ZERO;
    if (key.requestsPerMinute() != Integer.MAX_VALUE) {
      wait = state.requests.waitFor(key.requestsPerMinute(), nanos);
    }
    if (key.tokensPerMinute() != Long.MAX_VALUE) {
      Duration forTokens = state.tokens.waitFor(key.tokensPerMinute(), tokens, nanos);
      wait = wait.compareTo(forTokens) > 0 ? wait : forTokens;
    }
    // Nobody knows when one of the concurrent calls will end.
    return wait.isZero() ? Duration.ofSeconds(1) : wait;
  }

  private static Duration untilNextMonth() {
    OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC);
    return Duration.between(now, now.withDayOfMonth(1).plusMonths(1).truncatedTo(ChronoUnit.DAYS));
  }

  /**
   * Which provider's model is meant, by the keys as they are now.
   *
   * @throws ProblemException MODEL_NOT_FOUND
   */
  public ModelRef resolve(ModelRef wanted) {
    if (wanted.provider() != null) {
      return wanted;
    }
    String name = wanted.name();
    Optional<Provider> owner = table.ownerOf(name);
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

  /**
   * The model to ask when nobody named one: the default model of the active keys, if they agree on
   * one.
   *
   * @param provider null for any
   * @throws ProblemException NO_USABLE_KEY when there is no active key at all
   */
  public Optional<ModelRef> defaultModel(Provider provider) {
    List<KeyEntry> entries =
        table.entries().stream().filter(e -> provider == null || e.provider() == provider).toList();
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

  /** The call was answered. */
  public void used(Lease lease) {
    KeyState state = states.get(lease.keyId());
    if (state != null) {
      state.health.succeeded();
    }
    use(lease.keyId());
  }

  private void use(String keyId) {
    uses.used(keyId, Instant.now());
  }

  /** The call failed at the provider. */
  public void failed(Lease lease, LlmException failure) {
    KeyState state = states.get(lease.keyId());
    if (state != null) {
      state.failures.increment();
      state.health.failed(failure, System.nanoTime());
    }
  }

  void accepted(KeyEntry entry, boolean candidate) {
    if (candidate) {
      canaries.succeeded(entry.id());
      if (canaries.ok(entry.id()) >= entry.candidate().calls()) {
        settle(entry, () -> rotations.promote(entry.id()));
      }
    } else {
      entry.state().health.succeeded();
    }
    use(entry.id());
  }

  /** A rotation ends once, on a thread that may wait for the database. */
  private void settle(KeyEntry entry, Runnable end) {
    if (!entry.state().settling.compareAndSet(false, true)) {
      return;
    }
    scheduler.execute(
        () -> {
          try {
            end.run();
          } catch (EJBException | ProblemException e) {
            LOG.log(WARNING, "The rotation of key {0} could not be ended yet", entry.id());
          } finally {
            entry.state().settling.set(false);
          }
        });
  }

  /**
   * @param tokens beyond what was reckoned when the call began
   */
  void answered(KeyEntry entry, long tokens) {
    if (entry.tokensPerMinute() != Long.MAX_VALUE && tokens != 0) {
      entry.state().tokens.add(tokens, System.nanoTime());
    }
  }

  void failed(KeyEntry entry, boolean candidate, LlmException failure) {
    entry.state().failures.increment();
    if (!candidate) {
      entry.state().health.failed(failure, System.nanoTime());
    } else if (KeyHealth.blames(failure)) {
      canaries.failed(entry.id());
      boolean refused =
          failure.reason() == CallOutcome.AUTH_FAILED || failure.reason() == CallOutcome.FORBIDDEN;
      if (refused || canaries.failures(entry.id()) >= MOST_CANARY_FAILURES) {
        settle(entry, () -> rotations.rollBack(entry.id(), failure.reason().wire()));
      }
    }
  }

  /** An administrator's test has the last word on a key's health. */
  void tested(String id, boolean success) {
    KeyState state = states.get(id);
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
    for (Provider provider : Provider.all()) {
      counts.put(provider, new java.util.TreeMap<>());
    }
    for (KeyEntry entry : table.entries()) {
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
    Instant known = uses.of(key.getId()).orElse(null);
    Instant stored = key.getLastUsedAt();
    return Optional.ofNullable(
        known == null || (stored != null && stored.isAfter(known)) ? stored : known);
  }

  public KeyStatus statusOf(ApiKey key) {
    KeyState state = states.get(key.getId());
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

  /**
   * Why a key is left alone at the moment.
   *
   * @param reason a word such as {@code auth_failed}
   * @param left how long it will be; zero when the next call tries it
   */
  public record Trouble(String reason, Duration left) {}

  /** Empty for a key that calls are made with. */
  public Optional<Trouble> trouble(ApiKey key) {
    KeyState state = states.get(key.getId());
    CallOutcome reason = state == null || !key.isActive() ? null : state.health.trouble();
    return reason == null
        ? Optional.empty()
        : Optional.of(new Trouble(reason.wire(), state.health.pause(System.nanoTime())));
  }

  @Override
  public void report(Sink sink) {
    long nanos = System.nanoTime();
    for (KeyEntry entry : table.entries()) {
      KeyState state = entry.state();
      String[] labels = {"key", entry.id(), "provider", entry.provider().wire()};
      Duration pause = state.health.pause(nanos);
      sink.gauge(
          "mimir_key_usable",
          "Whether calls are made with the key: 0 while it is left alone.",
          pause.isZero() ? 1 : 0,
          labels);
      sink.gauge(
          "mimir_key_pause_seconds",
          "For how long the key is left alone yet.",
          pause.toMillis() / 1000.0,
          labels);
      sink.gauge(
          "mimir_key_concurrent_calls",
          "Calls of the gateway that are being made with the key.",
          state.concurrent.get(),
          labels);
      sink.counter(
          "mimir_key_failures_total",
          "Calls that failed at the provider or on the way to it.",
          state.failures.sum(),
          labels);
    }
  }

  private boolean wasUsedSince(ApiKey key, Instant test) {
    return lastUse(key).filter(use -> use.isAfter(test)).isPresent();
  }

  /** Without session beans and the server's pool, which may be gone already. */
  void stop(@Observes Stopping stopping) {
    if (purging != null) {
      purging.cancel(false);
    }
    uses.stop(LastUses.directly("api_keys"));
  }
}
