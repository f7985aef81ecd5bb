package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.pipeline.PipelineLimits;
import io.mimir.pipeline.service.language.Expressions;
import io.mimir.pipeline.service.language.Scope;
import io.mimir.pipeline.service.language.Texts;
import io.mimir.pipeline.service.language.ValueException;
import io.mimir.pipeline.service.language.Values;

/** The language at work: what cannot be evaluated fails the step. */
final class Evaluation {

  private final Values values;
  private final Expressions expressions;

  Evaluation(Expressions expressions) {
    this.values = new Values(expressions);
    this.expressions = expressions;
  }

  /**
   * @param template null for an empty object
   */
  JsonNode value(JsonNode template, Scope scope) throws StepFailure {
    if (template == null) {
      return RunJson.object();
    }
    try {
      return values.resolve(template, scope);
    } catch (ValueException e) {
      throw failure(e);
    }
  }

  boolean test(String condition, Scope scope) throws StepFailure {
    try {
      return expressions.test(condition, scope);
    } catch (ValueException e) {
      throw failure(e);
    }
  }

  /**
   * @param template null for none
   */
  String text(String template, Scope scope) throws StepFailure {
    try {
      return template == null ? null : Texts.fill(template, scope);
    } catch (ValueException e) {
      throw failure(e);
    }
  }

  /**
   * Gives the list that a step goes over.
   *
   * @throws StepFailure not_a_list, too_many_items, and whatever keeps it from being evaluated
   */
  JsonNode items(JsonNode template, Scope scope) throws StepFailure {
    JsonNode list = value(template, scope);
    if (!list.isArray()) {
      throw StepFailure.lasting(
          "not_a_list", "each goes over a list, and this is %s".formatted(kindOf(list)));
    }
    if (list.size() > PipelineLimits.ITEMS) {
      throw StepFailure.lasting(
          "too_many_items",
          "each takes at most 10,000 items, and here are %,d".formatted(list.size()));
    }
    return list;
  }

  private static String kindOf(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT -> "an object";
      case STRING -> "a text";
      case NUMBER -> "a number";
      case BOOLEAN -> "true or false";
      default -> "nothing";
    };
  }

  private static StepFailure failure(ValueException why) {
    return StepFailure.lasting(why.code(), why.getMessage());
  }
}
