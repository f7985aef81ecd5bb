package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.service.language.LatelyUsed;
import io.mimir.plugin.service.ConfigSchema;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads answers of models that have to be JSON of a form. */
final class Answers {

  private static final int KEPT_SCHEMAS = 200;

  /** Many models put JSON into a block of Markdown, whatever they are told. */
  private static final Pattern BLOCK =
      Pattern.compile("\\s*```(?:json)?\\s*\\n(.*)\\n\\s*```\\s*", Pattern.DOTALL);

  private final LatelyUsed<ObjectNode, ConfigSchema> schemas = new LatelyUsed<>(KEPT_SCHEMAS);

  /**
   * @throws StepFailure bad_answer when the text is no JSON that fits; another attempt may bring
   *     one
   */
  JsonNode fitting(ObjectNode schema, String text) throws StepFailure {
    Matcher block = BLOCK.matcher(text);
    String bare = block.matches() ? block.group(1) : text;
    JsonNode json;
    try {
      json = RunJson.read(bare.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw bad("it is no JSON");
    }
    ConfigSchema compiled = schemas.get(schema, one -> ConfigSchema.of(RunJson.text(one)));
    List<ConfigSchema.Violation> broken = compiled.violations(json);
    if (!broken.isEmpty()) {
      ConfigSchema.Violation first = broken.get(0);
      String where = first.pointer().isEmpty() ? "it" : first.pointer();
      throw bad(where + ": " + first.sentence());
    }
    return json;
  }

  private static StepFailure bad(String why) {
    return StepFailure.passing(
        "bad_answer",
        "The model's answer does not fit the schema of the step: %s. Say in the prompt what the"
                .formatted(why)
            + " answer has to look like, or allow another attempt with retry");
  }
}
