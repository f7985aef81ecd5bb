package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reads a definition from JSON. It is strict: what it does not know or cannot use is told, all of
 * it at once, and nothing is guessed.
 */
public final class DefinitionReader {

  /** Characters of one expression. */
  public static final int MAX_EXPRESSION_CHARS = 4_096;

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{1,63}");
  private static final int MAX_DESCRIPTION_CHARS = 2_000;
  private static final List<String> KNOWN =
      List.of("name", "description", "input", "limits", "steps", "output");

  private DefinitionReader() {}

  /**
   * What came out.
   *
   * @param definition null when the findings leave nothing that could be looked at further. One
   *     that has findings is never to be run or kept.
   * @param findings everything that is wrong with the form; empty for nothing
   */
  public record Reading(Definition definition, List<Finding> findings) {

    public Reading {
      findings = List.copyOf(findings);
    }
  }

  /**
   * Reads a definition.
   *
   * @param json the whole document; null and missing nodes are told as such
   */
  public static Reading read(JsonNode json) {
    List<Finding> findings = new ArrayList<>();
    if (!(json instanceof ObjectNode object)) {
      findings.add(
          new Finding("", null, "wrong_type", "A pipeline is an object with a name and steps."));
      return new Reading(null, findings);
    }
    Fields fields = new Fields(object, "", null, findings);
    fields.knowOnly(KNOWN, "a pipeline");
    String name = name(fields);
    String description = fields.text("description").orElse("");
    if (description.length() > MAX_DESCRIPTION_CHARS) {
      fields.tell("description", "too_long", "A description has at most 2,000 characters.");
    }
    ObjectNode input = fields.object("input").map(Fields::object).orElse(null);
    Definition.Limits limits =
        fields.object("limits").map(DefinitionReader::limits).orElse(Definition.Limits.DEFAULT);
    StepReader reader = new StepReader(findings);
    List<Step> steps = reader.topSteps(fields);
    if (name == null || steps.isEmpty() || reader.isBroken()) {
      return new Reading(null, findings);
    }
    return new Reading(
        new Definition(name, description, input, steps, object.get("output"), limits), findings);
  }

  /** Whether a pipeline may have this name. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  private static String name(Fields fields) {
    String name = fields.needed("name", "the name of the pipeline").orElse(null);
    if (name != null && !isName(name)) {
      fields.tell(
          "name",
          "bad_name",
          "The name of a pipeline has 2 to 64 characters: a small letter first, then small letters,"
              + " digits, - and _.");
      return null;
    }
    return name;
  }

  private static Definition.Limits limits(Fields fields) {
    Definition.Limits usual = Definition.Limits.DEFAULT;
    fields.knowOnly(List.of("timeout", "tokens", "concurrency"), "limits");
    long tokens = fields.whole("tokens", 1, Long.MAX_VALUE, 0);
    return new Definition.Limits(
        fields.duration("timeout", Duration.ofSeconds(1), Duration.ofDays(7), usual.timeout()),
        tokens == 0 ? null : tokens,
        (int) fields.whole("concurrency", 1, 64, usual.concurrency()));
  }
}
