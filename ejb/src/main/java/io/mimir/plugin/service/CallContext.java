package io.mimir.plugin.service;

import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * On whose behalf an action is called, and for how long.
 *
 * @param patience null for what the manifest says
 * @param pipelineId the pipeline whose run calls; null for none
 * @param addresses what such a call may fetch, each for all below it; without a pipeline nothing
 *     narrows it
 * @param idempotencyKey by which a receiver knows a repetition; null for none
 * @param cancelled whether the caller wants no answer any more; asked again and again
 */
public record CallContext(
    Duration patience,
    String pipelineId,
    List<String> addresses,
    String idempotencyKey,
    BooleanSupplier cancelled) {

  private static final BooleanSupplier NEVER = () -> false;

  /** A call by a person. */
  public static CallContext lasting(Duration patience) {
    return new CallContext(patience, null, List.of(), null, NEVER);
  }
}
