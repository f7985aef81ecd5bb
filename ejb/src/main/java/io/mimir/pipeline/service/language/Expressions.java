package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelUnknownSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Conditions and reshaping: expressions of CEL (github.com/google/cel-spec) over {@code input},
 * {@code steps}, {@code item}, {@code index} and {@code run}. An expression calls no code and
 * always ends; how long it takes and how much it makes is bounded. Safe for any number of threads.
 */
public final class Expressions {

  /** Characters of one expression: what is longer belongs into steps of its own. */
  public static final int LONGEST = 4096;

  private static final int KEPT = 500;

  private static final Pattern UNDECLARED =
      Pattern.compile("undeclared reference to '([^']*)'.*", Pattern.DOTALL);
  private static final Pattern NO_KEY = Pattern.compile("key '(.*)' is not present in map.*");
  private static final Pattern PLACE =
      Pattern.compile("evaluation error at <input>:(\\d+): (.*)", Pattern.DOTALL);

  private final Map<String, Compiled> compiled =
      Collections.synchronizedMap(
          new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Compiled> eldest) {
              return size() > KEPT;
            }
          });

  /** An expression that can be evaluated. */
  private record Compiled(CelRuntime.Program program, Set<String> steps, Set<String> names) {}

  /**
   * CEL itself, which takes most of a second to load: at the first expression, not at the start.
   */
  private static final class Cel {
    private static final CelLanguage LANGUAGE = new CelLanguage();
  }

  /**
   * Compiles an expression.
   *
   * @throws ValueException bad_expression when it cannot be
   */
  public void check(String text) throws ValueException {
    compile(text);
  }

  /**
   * Returns the names of the steps that an expression names.
   *
   * @throws ValueException bad_expression when it cannot be compiled
   */
  public Set<String> stepsNamed(String text) throws ValueException {
    return compile(text).steps();
  }

  /**
   * Returns which of {@code input}, {@code steps}, {@code item}, {@code index} and {@code run} an
   * expression uses.
   *
   * @throws ValueException bad_expression when it cannot be compiled
   */
  public Set<String> variables(String text) throws ValueException {
    return compile(text).names();
  }

  /**
   * Evaluates an expression.
   *
   * @throws ValueException bad_expression, missing_value, bad_value or too_much_work
   */
  public JsonNode value(String text, Scope scope) throws ValueException {
    return CelValues.toJson(evaluate(text, scope));
  }

  /**
   * Evaluates a condition.
   *
   * @throws ValueException as {@link #value}; not_a_condition when it is neither true nor false
   */
  public boolean test(String text, Scope scope) throws ValueException {
    Object value = evaluate(text, scope);
    if (value instanceof Boolean truth) {
      return truth;
    }
    throw new ValueException(
        "not_a_condition",
        "A condition is true or false, and \"%s\" is neither: compare it with something"
            .formatted(shown(text)));
  }

  private Object evaluate(String text, Scope scope) throws ValueException {
    Compiled expression = compile(text);
    CelBudget budget = new CelBudget();
    try {
      Object value =
          budget.within(() -> expression.program().trace(CelLanguage.variables(scope), budget));
      if (value instanceof CelUnknownSet) {
        throw new ValueException(
            "missing_value",
            "In the expression \"%s\": item and index are there within each only"
                .formatted(shown(text)));
      }
      return value;
    } catch (CelBudget.SpentException e) {
      throw tooMuch(text);
    } catch (CelEvaluationException e) {
      if (budget.isSpent()) {
        throw tooMuch(text);
      }
      throw failure(text, e.getMessage());
    } catch (StackOverflowError e) {
      throw tooMuch(text);
    }
  }

  private static ValueException tooMuch(String text) {
    return new ValueException(
        "too_much_work",
        "The expression \"%s\" takes too long or makes too much: split it, or give it less"
            .formatted(shown(text)));
  }

  private static ValueException failure(String text, String said) {
    Matcher place = PLACE.matcher(said);
    String why = place.matches() ? place.group(2) : said;
    Matcher key = NO_KEY.matcher(why);
    if (key.matches()) {
      return new ValueException(
          "missing_value",
          "\"%s\" is not there, in the expression \"%s\": ask with has(…) first, or mend the name"
              .formatted(key.group(1), shown(text)));
    }
    if (why.startsWith("Iteration budget")) {
      return tooMuch(text);
    }
    return new ValueException(
        "bad_expression", "In the expression \"%s\": %s".formatted(shown(text), firstLine(why)));
  }

  private Compiled compile(String text) throws ValueException {
    Compiled known = compiled.get(text);
    if (known != null) {
      return known;
    }
    if (text.isBlank() || text.length() > LONGEST) {
      throw new ValueException(
          "bad_expression", "An expression has 1 to %,d characters".formatted(LONGEST));
    }
    CelValidationResult result = Cel.LANGUAGE.compile(text);
    if (result.hasError()) {
      throw syntax(text, result.getErrors().get(0));
    }
    try {
      CelAbstractSyntaxTree tree = result.getAst();
      Compiled fresh =
          new Compiled(
              Cel.LANGUAGE.program(tree), CelLanguage.stepsIn(tree), CelLanguage.variablesIn(tree));
      compiled.put(text, fresh);
      return fresh;
    } catch (CelValidationException | CelEvaluationException e) {
      throw new ValueException(
          "bad_expression",
          "The expression \"%s\" cannot be used: %s"
              .formatted(shown(text), firstLine(e.getMessage())));
    }
  }

  private static ValueException syntax(String text, CelIssue issue) {
    String where =
        "At character %d of the expression \"%s\": "
            .formatted(issue.getSourceLocation().getColumn() + 1, shown(text));
    Matcher name = UNDECLARED.matcher(issue.getMessage());
    if (name.matches()) {
      return new ValueException(
          "bad_expression",
          where
              + "There is no %s here: an expression sees input, steps, item, index and run"
                  .formatted(name.group(1)));
    }
    if (issue.getMessage().startsWith("found no matching overload")) {
      return new ValueException(
          "bad_expression", where + "These types do not go together: " + types(issue.getMessage()));
    }
    return new ValueException("bad_expression", where + firstLine(issue.getMessage()));
  }

  private static String types(String message) {
    int end = message.indexOf(" (candidates");
    return firstLine(end < 0 ? message : message.substring(0, end))
        .replace("found no matching overload for ", "");
  }

  private static String firstLine(String text) {
    int end = text.indexOf('\n');
    String line = end < 0 ? text : text.substring(0, end);
    return line.length() > 200 ? line.substring(0, 200) + "…" : line;
  }

  private static String shown(String text) {
    return text.length() > 80 ? text.substring(0, 80) + "…" : text;
  }
}
