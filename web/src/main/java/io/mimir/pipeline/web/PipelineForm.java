package io.mimir.pipeline.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.pipeline.service.Pipelines;
import java.util.List;

/**
 * What a client saves of a pipeline; what is left out stays as it is.
 *
 * @param definition an object with name, steps and more: GET /api/v1/pipelines/schema
 * @param allowedAddresses what it may fetch, for administrators to say
 */
public record PipelineForm(JsonNode definition, Boolean isShared, List<String> allowedAddresses) {

  Pipelines.Wish toWish() {
    return new Pipelines.Wish(definition, isShared, allowedAddresses);
  }
}
