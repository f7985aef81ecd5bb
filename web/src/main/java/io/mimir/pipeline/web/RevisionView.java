package io.mimir.pipeline.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.pipeline.PipelineRevision;
import io.mimir.pipeline.service.run.RunJson;
import java.time.Instant;

/**
 * What a client sees of a revision.
 *
 * @param definition left out of lists
 */
public record RevisionView(
    int revision,
    Instant createdAt,
    String createdBy,
    @JsonInclude(JsonInclude.Include.NON_NULL) JsonNode definition) {

  static RevisionView of(PipelineRevision revision, boolean whole) {
    return new RevisionView(
        revision.getRevision(),
        revision.getCreatedAt(),
        revision.getCreatedBy(),
        whole ? RunJson.stored(revision.getDefinition()) : null);
  }
}
