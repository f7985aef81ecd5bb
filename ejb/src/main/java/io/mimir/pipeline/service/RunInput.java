package io.mimir.pipeline.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.pipeline.service.language.Definition;
import io.mimir.pipeline.service.run.RunJson;
import io.mimir.plugin.service.ConfigSchema;
import java.util.List;

/** The input of a run, held to what its pipeline says of it. */
final class RunInput {

  private RunInput() {}

  /**
   * @param sent null for an empty object
   * @throws ProblemException REFUSED with every member that is wrong
   */
  static ObjectNode fitting(Definition definition, JsonNode sent) {
    JsonNode input = sent == null || sent.isNull() ? RunJson.object() : sent;
    if (!(input instanceof ObjectNode object)) {
      throw ProblemException.of(
          Problem.REFUSED, "input", "wrong_type", "The input of a pipeline is a JSON object");
    }
    if (definition.input() != null) {
      List<FieldError> errors =
          ConfigSchema.of(RunJson.text(definition.input())).errors(object, "input");
      if (!errors.isEmpty()) {
        throw ProblemException.of(Problem.REFUSED, errors);
      }
    }
    return object;
  }
}
