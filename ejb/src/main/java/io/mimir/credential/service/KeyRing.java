package io.mimir.credential.service;

import static java.lang.System.Logger.Level.WARNING;

import io.mimir.credential.Candidate;
import io.mimir.credential.KeyHealth.Standing;
import io.mimir.credential.ModelRef;
import io.mimir.error.ProblemException;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.FailureOwner;
import io.mimir.llm.LlmException;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.VaultException;
import jakarta.annotation.Resource;
import jakarta.ejb.EJBException;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.function.LongSupplier;

/**
 * Lends keys to calls, each opened for the one call that it is lent to. A call asks no database.
 */
@ApplicationScoped
public class KeyRing implements LeaseBook {

  private static final System.Logger LOG = System.getLogger(KeyRing.class.getName());

  /** A new secret that the provider refuses is given up at once, one that fails otherwise then. */
  private static final int MAX_TRIAL_FAILURES = 3;

  @Inject Rotations rotations;
  @Inject RoutingTableLoader loader;
  @Inject KeyLimits limits;
  @Inject KeyUses uses;
  @Inject RotationTrials trials;
  @Inject Vault vault;
  @Resource ManagedScheduledExecutorService scheduler;

  /**
   * Lends a key for one call, from now to its last byte, and counts the call against its limits.
   *
   * @param model as {@link ModelCatalog#resolve} gave it
   * @param tried what the call has tried before
   * @param estimatedTokens tells about how many tokens the question has; asked only where that
   *     counts
   * @param conversation a hash that all calls of a conversation share, or 0 for none
   * @throws ProblemException RATE_LIMITED with the time to wait when limits are the only cause;
   *     MODEL_NOT_FOUND; else NO_USABLE_KEY
   */
  public KeyLease lend(
      ModelRef model, TriedKeys tried, LongSupplier estimatedTokens, long conversation) {
    KeyPool pool = loader.table().pool(model, tried.onlyKey());
    long nanos = System.nanoTime();
    while (true) {
      RoutableKey key = choose(pool, model, tried, estimatedTokens, conversation, nanos);
      if (key == null) {
        throw new KeyRefusal(limits, model, estimatedTokens, nanos).of(pool, tried);
      }
      KeyLease lease = open(key, model.name(), tried, estimatedTokens);
      if (lease != null) {
        return lease;
      }
      tried.add(key);
    }
  }

  /** Tells whether a key is left for a call, its limits aside. */
  public boolean canLend(ModelRef model, TriedKeys tried) {
    long nanos = System.nanoTime();
    return loader
        .table()
        .pool(model, tried.onlyKey())
        .has(
            key ->
                !tried.has(key)
                    && tried.allows(key)
                    && key.runtime().health.standing(key.spelling(model.name()), nanos)
                        != Standing.PAUSED);
  }

  /** A key whose server has failed lately is asked when no other one is left. */
  private RoutableKey choose(
      KeyPool pool,
      ModelRef model,
      TriedKeys tried,
      LongSupplier tokens,
      long conversation,
      long nanos) {
    RoutableKey ready =
        pool.choose(
            conversation, key -> takes(key, Standing.READY, model.name(), tried, tokens, nanos));
    return ready != null
        ? ready
        : pool.choose(
            conversation,
            key -> takes(key, Standing.LAST_RESORT, model.name(), tried, tokens, nanos));
  }

  private boolean takes(
      RoutableKey key,
      Standing standing,
      String model,
      TriedKeys tried,
      LongSupplier tokens,
      long nanos) {
    if (key.runtime().health.standing(key.spelling(model), nanos) != standing
        || tried.has(key)
        || !tried.allows(key)
        || !limits.take(key, nanos, tokens)) {
      return false;
    }
    if (key.runtime().health.admits(nanos)) {
      return true;
    }
    limits.giveBack(key, nanos, tokens);
    return false;
  }

  /**
   * @return null when it does not open
   */
  private KeyLease open(RoutableKey key, String model, TriedKeys tried, LongSupplier tokens) {
    Candidate candidate = key.candidate();
    boolean trial = candidate != null && !tried.isStable() && isTurnOf(candidate, key.runtime());
    long estimated = key.tokensPerMinute() == Long.MAX_VALUE ? 0 : tokens.getAsLong();
    try {
      Secret secret =
          trial
              ? vault.open(candidate.sealed(), candidate.context())
              : vault.open(key.sealed(), key.context());
      return new KeyLease(
          this, key, key.spelling(model), secret, key.openHeaders(vault), trial, estimated);
    } catch (VaultException e) {
      if (trial) {
        tried.stableOnly();
        return open(key, model, tried, tokens);
      }
      key.runtime().concurrent.decrementAndGet();
      key.runtime().unreadable = true;
      return null;
    }
  }

  /** So many of each hundred calls, spread evenly. */
  private static boolean isTurnOf(Candidate candidate, KeyRuntime runtime) {
    long turn = runtime.trialTurns.getAndIncrement();
    return (turn * candidate.share()) % 100 < candidate.share();
  }

  @Override
  public void accepted(RoutableKey key, String model, boolean candidate) {
    if (candidate) {
      trials.succeeded(key.id());
      if (trials.ok(key.id()) >= key.candidate().calls()) {
        settle(key, () -> rotations.promote(key.id()));
      }
    } else {
      key.runtime().health.succeeded(model, System.nanoTime());
    }
    uses.used(key.id());
  }

  /** A rotation ends once, on a thread that may wait for the database. */
  private void settle(RoutableKey key, Runnable end) {
    if (!key.runtime().settling.compareAndSet(false, true)) {
      return;
    }
    scheduler.execute(
        () -> {
          try {
            end.run();
          } catch (EJBException | ProblemException e) {
            LOG.log(WARNING, "The rotation of key {0} could not be ended yet", key.id());
          } finally {
            key.runtime().settling.set(false);
          }
        });
  }

  @Override
  public void answered(RoutableKey key, long tokens) {
    if (key.tokensPerMinute() != Long.MAX_VALUE && tokens != 0) {
      key.runtime().tokens.add(tokens, System.nanoTime());
    }
  }

  @Override
  public void failed(
      RoutableKey key, String model, boolean candidate, int question, LlmException failure) {
    key.runtime().failures.increment();
    if (failure.reason() == CallOutcome.NOT_FOUND && failure.owner() == FailureOwner.MODEL) {
      key.runtime().list.doubt();
    }
    if (!candidate) {
      key.runtime().health.failed(failure, model, question, System.nanoTime());
      return;
    }
    FailureOwner owner = failure.owner();
    if (owner == FailureOwner.QUESTION || failure.reason() == CallOutcome.NOT_FOUND) {
      return;
    }
    trials.failed(key.id());
    boolean refused =
        failure.reason() == CallOutcome.AUTH_FAILED || failure.reason() == CallOutcome.FORBIDDEN;
    if (refused || trials.failures(key.id()) >= MAX_TRIAL_FAILURES) {
      settle(key, () -> rotations.rollBack(key.id(), failure.reason().wire()));
    }
  }
}
