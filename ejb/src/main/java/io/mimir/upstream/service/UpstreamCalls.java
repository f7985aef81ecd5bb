package io.mimir.upstream.service;

import io.mimir.credential.service.KeyRing;
import io.mimir.error.ProblemException;
import io.mimir.lifecycle.service.Drainable;
import io.mimir.llm.service.Relays;
import io.mimir.usage.service.UsageMeter;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;

/**
 * The one engine for every call of a model: it finds a key, asks, tries again where that helps and
 * costs nobody, and settles what was used. Nothing here asks a database, and neither questions nor
 * answers are kept.
 */
@ApplicationScoped
public class UpstreamCalls implements Drainable {

  @Inject KeyRing ring;
  @Inject Relays relays;
  @Inject UsageMeter meter;
  @Inject StreamWatch watch;
  @Inject UpstreamMetrics metrics;
  @Resource ManagedScheduledExecutorService managed;

  /** Puts calls again after a pause. */
  ScheduledExecutorService scheduler;

  final Set<UpstreamCall> begun = ConcurrentHashMap.newKeySet();

  @PostConstruct
  void start() {
    scheduler = managed;
  }

  /**
   * Begins a call. Returns at once; the target is told how it goes.
   *
   * @throws ProblemException when it cannot begin: MODEL_NOT_FOUND, RATE_LIMITED, NO_USABLE_KEY, or
   *     REFUSED naming what cannot be said
   */
  public void begin(CallSpec spec, CallPlan plan, ResponseTarget target) {
    UpstreamCall call = new UpstreamCall(this, spec, plan, target);
    begun.add(call);
    try {
      call.start();
    } catch (RuntimeException e) {
      begun.remove(call);
      throw e;
    }
  }

  /** None: they are counted where their answers go out, which takes longer. */
  @Override
  public int running() {
    return 0;
  }

  @Override
  public void end(ProblemException why) {
    begun.forEach(call -> call.end(why));
  }
}
