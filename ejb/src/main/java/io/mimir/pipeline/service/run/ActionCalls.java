package io.mimir.pipeline.service.run;

import java.time.Duration;

/** Calls actions of plugins for runs. */
public interface ActionCalls {

  /**
   * A call.
   *
   * @param input UTF-8 JSON, an object
   * @param patience null for what the plugin says
   * @param idempotencyKey the same for every attempt that may be a repetition of another one
   */
  record Call(
      RunFacts run,
      String plugin,
      String action,
      byte[] input,
      Duration patience,
      String idempotencyKey) {}

  /** Tells whether doing it twice is the same as doing it once. */
  boolean isIdempotent(String plugin, String action);

  /**
   * Calls, and waits for the result. Ends early, with any failure, when the work on the run ends.
   *
   * @return UTF-8 JSON, one value
   */
  byte[] call(Call call, RunControl control) throws StepFailure;
}
