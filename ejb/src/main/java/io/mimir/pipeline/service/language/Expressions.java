package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cel.common.CelIssue;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.runtime.CelEvaluationException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Expressions in CEL, for conditions and for reshaping. They see {@code input}, {@code steps},
 * {@code item}, {@code index} and {@code run}, call no code of anybody, and end: at most 100,000
 * items are gone over, 1,000,000 elements and 32 Mi characters made, and 5 seconds taken. Safe for
 * use by many threads. The first expression loads the library, which takes most of a second.
 *
 * <p>Whole numbers are of 64 bits in CEL; larger ones, and those with a fraction, become doubles.
 */
public final class Expressions {

  private static final int MAX_KEPT = 512;

  private final LatelyUsed<String, CelProgram> kept = new LatelyUsed<>(MAX_KEPT);

  /**
   * Evaluates an expression.
   *
   * @return at most 32 MiB as JSON, 1,000,000 parts and 64 levels; parts of it may be those of the
   *     scope, so it is not to be changed
   * @throws ValueException bad_expression when it does not compile, missing, wrong_type and others
   *     when it fails, too_much_work and too_large when it goes beyond its bounds
   */
  public JsonNode value(String text, Scope scope) throws ValueException {
    return CelValues.toJson(evaluated(text, scope));
  }

  /**
   * Evaluates a condition.
   *
   * @throws ValueException as {@link #value} does, and wrong_type when it gives neither true nor
   *     false
   */
  public boolean test(String text, Scope scope) throws ValueException {
    if (evaluated(text, scope) instanceof Boolean truth) {
      return truth;
    }
    throw new ValueException(
        "wrong_type", "A condition gives true or false, and this one gives something else.");
  }

  /**
   * Tells what is wrong with an expression before it is ever evaluated.
   *
   * @param steps the names of the steps that it could name, for better sentences
   * @param condition whether it has to give true or false
   * @return sentences; empty when it compiles
   */
  public List<String> problems(String text, Set<String> steps, boolean condition) {
    if (text.length() > DefinitionReader.MAX_EXPRESSION_CHARS) {
      return List.of("An expression has at most 4,096 characters.");
    }
    CelValidationResult result = CelEnvironment.compiler().compile(text);
    if (result.hasError()) {
      return result.getErrors().stream()
          .map(issue -> CelErrors.sentence(text, issue, steps))
          .distinct()
          .limit(10)
          .toList();
    }
    try {
      String type = result.getAst().getResultType().name();
      return condition && !Set.of("bool", "dyn").contains(type)
          ? List.of(
              "A condition gives true or false, and this one gives " + CelErrors.type(type) + ".")
          : List.of();
    } catch (CelValidationException e) {
      throw new IllegalStateException("An expression without errors has no tree", e);
    }
  }

  /**
   * The steps that an expression names, as {@code steps.fetch} or {@code steps["fetch"]}.
   *
   * @throws ValueException bad_expression when it does not compile
   */
  public Set<String> stepsNamed(String text) throws ValueException {
    Set<String> names = new TreeSet<>();
    for (Reference reference : references(text)) {
      if (reference.step() != null) {
        names.add(reference.step());
      }
    }
    return names;
  }

  /** The places of the context that an expression names. */
  List<Reference> references(String text) throws ValueException {
    return compiled(text).references();
  }

  private Object evaluated(String text, Scope scope) throws ValueException {
    CelProgram program = compiled(text);
    try {
      return program.eval(scope);
    } catch (CelEvaluationException e) {
      throw CelErrors.failure(text, e);
    } catch (CelFault e) {
      throw new ValueException(e.code(), e.getMessage());
    } catch (StackOverflowError e) {
      throw new ValueException("too_much_work", "The expression is nested too deep.");
    }
  }

  private CelProgram compiled(String text) throws ValueException {
    return kept.get(text, Expressions::compile);
  }

  private static CelProgram compile(String text) throws ValueException {
    CelValidationResult result = CelEnvironment.compiler().compile(text);
    if (result.hasError()) {
      CelIssue first = result.getErrors().get(0);
      throw new ValueException("bad_expression", CelErrors.sentence(text, first, Set.of()));
    }
    try {
      return new CelProgram(result.getAst());
    } catch (CelValidationException | CelEvaluationException e) {
      throw new ValueException("bad_expression", "The expression cannot be read.");
    }
  }
}
