package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.JsonNode;
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

  private static StepFailure failure(ValueException why) {
    return StepFailure.lasting(why.code(), why.getMessage());
  }
}
