package io.mimir.pipeline.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.pipeline.Pipeline;
import io.mimir.pipeline.service.language.Finding;
import java.time.Instant;
import java.util.List;

/**
 * What a client sees of a pipeline.
 *
 * @param definition of the newest revision; left out of lists
 * @param createdBy name of the account whose it is
 * @param warnings what keeps it from running at the moment; left out unless it was just saved
 */
public record PipelineView(
    String id,
    String name,
    String description,
    int revision,
    @JsonInclude(JsonInclude.Include.NON_NULL) JsonNode definition,
    boolean isShared,
    List<String> allowedAddresses,
    String createdBy,
    Instant createdAt,
    Instant updatedAt,
    @JsonInclude(JsonInclude.Include.NON_NULL) List<FindingView> warnings,
    @JsonInclude(JsonInclude.Include.NON_NULL) String message) {

  /**
   * Something that is wrong with a definition.
   *
   * @param severity {@code error} or {@code warning}
   */
  public record FindingView(
      String path, String step, String code, String severity, String message) {

    static FindingView of(Finding finding) {
      return new FindingView(
          finding.path(),
          finding.step(),
          finding.code(),
          finding.isWarning() ? "warning" : "error",
          finding.message());
    }
  }

  static PipelineView of(Pipeline pipeline, JsonNode definition, String owner) {
    return of(pipeline, definition, owner, null, null);
  }

  static PipelineView of(
      Pipeline pipeline,
      JsonNode definition,
      String owner,
      List<Finding> warnings,
      String message) {
    return new PipelineView(
        pipeline.getId(),
        pipeline.getName(),
        pipeline.getDescription(),
        pipeline.getRevision(),
        definition,
        pipeline.isShared(),
        pipeline.getAllowedAddresses(),
        owner,
        pipeline.getCreatedAt(),
        pipeline.getUpdatedAt(),
        warnings == null ? null : warnings.stream().map(FindingView::of).toList(),
        message);
  }
}
