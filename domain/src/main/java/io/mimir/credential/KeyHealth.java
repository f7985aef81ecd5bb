package io.mimir.credential;

import io.mimir.llm.CallOutcome;
import io.mimir.llm.LlmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * How a key has fared lately, in memory: the key itself, each of its models, and the server behind
 * it. A failure pauses only what it speaks of. A key whose server fails is asked last, and never
 * left out, since it may be the only one. Times are those of a monotonic clock.
 */
public final class KeyHealth {

  private static final Duration FIRST_PAUSE_OF_MODEL = Duration.ofSeconds(1);
  private static final Duration FIRST_PAUSE_OF_KEY = Duration.ofSeconds(5);
  private static final int MAX_MODELS = 1000;

  /** A trial that nobody heard of again does not keep others out for ever. */
  private static final long LONGEST_TRIAL = Duration.ofMinutes(1).toNanos();

  private final Pause key = new Pause(FIRST_PAUSE_OF_KEY);
  private final Map<String, Pause> models = new HashMap<>();
  private final EndpointWatch endpoint = new EndpointWatch();
  private long triedAt;
  private boolean trying;

  /** Most calls find nothing wrong, and take no lock. */
  private volatile boolean troubled;

  private volatile CallOutcome lastFailure;

  /** Whether a call for a model may be made with a key. */
  public enum Standing {
    READY,
    /** When no other key is ready: its server has failed lately. */
    LAST_RESORT,
    PAUSED
  }

  /** The key is as good as new: an administrator has changed it, or tested it with success. */
  public synchronized void reset() {
    key.end();
    models.clear();
    endpoint.forget();
    trying = false;
    lastFailure = null;
    troubled = false;
  }

  /** The provider took a question for this model. */
  public void succeeded(String model, long nanos) {
    if (!troubled) {
      return;
    }
    synchronized (this) {
      key.end();
      models.remove(model);
      endpoint.answered(nanos);
      trying = false;
      lastFailure = null;
      troubled = !models.isEmpty() || !endpoint.isQuiet();
    }
  }

  /**
   * A call failed.
   *
   * @param model the provider's id of the model
   * @param question a fingerprint of what was asked
   */
  public synchronized void failed(LlmException failure, String model, int question, long nanos) {
    trying = false;
    if (failure.reason() == CallOutcome.PROXY_REFUSED) {
      // Our own way out says nothing of a key.
      return;
    }
    switch (failure.owner()) {
      case QUESTION -> {
        return;
      }
      case MODEL -> pauseModel(failure, model, nanos);
      case KEY -> key.begin(failure, nanos);
      case ENDPOINT -> endpoint.failed(question, nanos);
      case SILENCE -> endpoint.silent();
    }
    lastFailure = failure.reason();
    troubled = true;
  }

  private void pauseModel(LlmException failure, String model, long nanos) {
    if (models.size() >= MAX_MODELS) {
      models.values().removeIf(pause -> !pause.isRunning(nanos));
    }
    if (models.size() < MAX_MODELS || models.containsKey(model)) {
      models.computeIfAbsent(model, m -> new Pause(FIRST_PAUSE_OF_MODEL)).begin(failure, nanos);
    }
  }

  /** Most of the calls under way have waited for a minute, or have not. */
  public void waiting(boolean most) {
    if (!most && !troubled) {
      return;
    }
    synchronized (this) {
      endpoint.waiting(most);
      troubled = troubled || most;
    }
  }

  public Standing standing(String model, long nanos) {
    return troubled ? standingInTrouble(model, nanos) : Standing.READY;
  }

  private synchronized Standing standingInTrouble(String model, long nanos) {
    Pause ofModel = models.get(model);
    if (key.isRunning(nanos) || ofModel != null && ofModel.isRunning(nanos)) {
      return Standing.PAUSED;
    }
    if (isBeingTried(nanos)) {
      return Standing.PAUSED;
    }
    return endpoint.isAvoided(nanos) ? Standing.LAST_RESORT : Standing.READY;
  }

  /** After a pause that was no mere limit, one call tries, and the others wait for how it goes. */
  private boolean isBeingTried(long nanos) {
    return key.reason() != null && !key.isLimit() && trying && nanos - triedAt < LONGEST_TRIAL;
  }

  /**
   * Whether a call may be made now by a key that {@link #standing} did not call paused: of several
   * threads that ask at once after a pause of the key, one is told yes.
   */
  public boolean admits(long nanos) {
    return !troubled || admitsInTrouble(nanos);
  }

  private synchronized boolean admitsInTrouble(long nanos) {
    if (key.reason() == null || key.isLimit()) {
      return true;
    }
    if (isBeingTried(nanos)) {
      return false;
    }
    trying = true;
    triedAt = nanos;
    return true;
  }

  /** How long a model is left alone, by its own pause or the key's; zero when it is not. */
  public synchronized Duration pause(String model, long nanos) {
    Duration ofKey = key.left(nanos);
    Pause ofModel = models.get(model);
    Duration left = ofModel == null ? Duration.ZERO : ofModel.left(nanos);
    return left.compareTo(ofKey) > 0 ? left : ofKey;
  }

  /** Why a model is left alone: the key's reason before its own; null when it is not. */
  public synchronized CallOutcome pauseReason(String model, long nanos) {
    if (key.isRunning(nanos)) {
      return key.reason();
    }
    Pause ofModel = models.get(model);
    return ofModel != null && ofModel.isRunning(nanos) ? ofModel.reason() : null;
  }

  /** How long the whole key is left alone; zero when it is not. */
  public synchronized Duration pause(long nanos) {
    return key.left(nanos);
  }

  /** What failed last, if no call has succeeded since; else null. */
  public CallOutcome trouble() {
    return lastFailure;
  }

  /**
   * Whether the key itself, or all that is known of its server, speaks against it: the page shows
   * it as failing. A limit is no fault.
   */
  public synchronized boolean isFailing(long nanos) {
    return troubled && (key.reason() != null && !key.isLimit() || endpoint.isAvoided(nanos));
  }
}
