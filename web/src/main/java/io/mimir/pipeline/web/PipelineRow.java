package io.mimir.pipeline.web;

import io.mimir.pipeline.Pipeline;
import io.mimir.pipeline.service.run.RunTallies;
import java.time.Instant;

/**
 * A pipeline as the list of the page shows it.
 *
 * @param owner the name of the account whose it is; null when that is gone
 * @param changeable whether the visitor may change it
 * @param last the run that was asked for last; null when there is none
 * @param next when it is started the next time by itself; null when it is not
 * @param success runs of the last 30 days that succeeded, in per cent; null when none ended
 */
public record PipelineRow(
    String id,
    String name,
    String description,
    boolean shared,
    String owner,
    boolean changeable,
    RunRow last,
    Integer success,
    Instant next,
    Instant updatedAt) {

  static PipelineRow of(
      Pipeline pipeline,
      String owner,
      boolean changeable,
      RunRow last,
      RunTallies.Tally tally,
      Instant next) {
    return new PipelineRow(
        pipeline.getId(),
        pipeline.getName(),
        pipeline.getDescription(),
        pipeline.isShared(),
        owner,
        changeable,
        last,
        tally == null ? null : tally.succeeded() * 100 / tally.ended(),
        next,
        pipeline.getUpdatedAt());
  }
}
