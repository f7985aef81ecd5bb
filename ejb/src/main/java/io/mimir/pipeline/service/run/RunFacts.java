package io.mimir.pipeline.service.run;

import io.mimir.pipeline.RunStatus;

/**
 * What is known of a run beside its journal.
 *
 * @param accountId whose rights it has; null for nobody's
 * @param tokenId the access token that started it, or null
 * @param triggerKind {@code manual}, {@code api}, {@code cron}, {@code webhook} or {@code model}
 * @param triggerId null where no trigger started it
 * @param takenOverFrom the run whose results it began with; null for none
 * @param queuedAt milliseconds since 1970, like the other times; those that are not there yet are 0
 */
public record RunFacts(
    String id,
    String pipelineId,
    String pipelineName,
    int revision,
    RunStatus status,
    String accountId,
    String tokenId,
    String triggerKind,
    String triggerId,
    String takenOverFrom,
    long queuedAt,
    long startedAt,
    long finishedAt) {}
