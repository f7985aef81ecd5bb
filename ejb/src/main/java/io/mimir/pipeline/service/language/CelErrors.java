package io.mimir.pipeline.service.language;

import dev.cel.common.CelIssue;
import dev.cel.common.CelSourceLocation;
import dev.cel.runtime.CelEvaluationException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says in sentences for people what the library says in its own words. */
final class CelErrors {

  private static final Pattern UNDECLARED = Pattern.compile("undeclared reference to '([^']*)'.*");
  private static final Pattern OVERLOAD =
      Pattern.compile("found no matching overload for '([^']*)' applied to '([^']*)'.*");
  private static final Pattern NO_MEMBERS =
      Pattern.compile("type '([^']*)' does not support field selection.*");
  private static final Pattern UNEXPECTED =
      Pattern.compile(
          "(?:mismatched input|extraneous input|no viable alternative at input) '(.*?)'(?:"
              + " expecting.*)?");
  private static final Pattern AT = Pattern.compile("evaluation error at [^:]*:(\\d+): (.*)");
  private static final Pattern NO_KEY = Pattern.compile("key '(.*)' is not present in map.*");
  private static final Pattern NO_OVERLOAD =
      Pattern.compile("No matching overload for function '([^']*)'.*");
  private static final Pattern PLACE = Pattern.compile("[\\w.\\[\\]'\"-]+$");

  private static final Map<String, String> TYPES =
      Map.of(
          "string", "a text",
          "int", "a whole number",
          "uint", "a whole number",
          "double", "a number",
          "bool", "true or false",
          "null_type", "null",
          "list", "a list",
          "map", "an object",
          "dyn", "any value");

  private CelErrors() {}

  /** What a type is called here. */
  static String type(String name) {
    String plain = name.replaceFirst("\\(.*", "");
    return TYPES.getOrDefault(plain, plain.substring(plain.lastIndexOf('.') + 1));
  }

  /** Says why an expression does not compile, and where. */
  static String sentence(String text, CelIssue issue, Set<String> steps) {
    CelSourceLocation place = issue.getSourceLocation();
    return problem(text, issue.getMessage(), steps) + place(place.getLine(), place.getColumn() + 1);
  }

  private static String place(int line, int column) {
    return line < 1 || column < 1 ? "" : " (line " + line + ", character " + column + ")";
  }

  private static String problem(String text, String message, Set<String> steps) {
    if (text.contains("{{")) {
      return "An expression is CEL, and {{ }} is for texts. Write the name alone, such as input.x";
    }
    Matcher undeclared = UNDECLARED.matcher(message);
    if (undeclared.matches()) {
      return undeclared(text, undeclared.group(1), steps);
    }
    Matcher overload = OVERLOAD.matcher(message);
    if (overload.matches()) {
      return overload(overload.group(1), overload.group(2));
    }
    Matcher members = NO_MEMBERS.matcher(message);
    if (members.matches()) {
      return "There is nothing to take with a dot: this is " + type(members.group(1));
    }
    Matcher unexpected = UNEXPECTED.matcher(message);
    if (unexpected.matches() || message.startsWith("missing ")) {
      return syntax(text, unexpected.matches() ? unexpected.group(1) : "<EOF>");
    }
    if (message.startsWith("reserved identifier")) {
      return message.replaceFirst("reserved identifier: ", "")
          + " is a reserved word. One of two values is chosen with condition ? one : other";
    }
    return "The expression cannot be read: " + Fields.shown(message);
  }

  private static String undeclared(String text, String name, Set<String> steps) {
    if (Pattern.compile("\\b" + Pattern.quote(name) + "\\s*\\(").matcher(text).find()) {
      Set<String> known = new TreeSet<>(CelEnvironment.functions());
      known.addAll(List.of("size", "has", "map", "filter", "exists", "all", "matches", "contains"));
      return "There is no function "
          + name
          + ": there are "
          + String.join(", ", known)
          + ", startsWith, endsWith, string, int, double, timestamp and duration";
    }
    Matcher dashed = Pattern.compile("steps\\.([\\w-]+-" + Pattern.quote(name) + ")").matcher(text);
    if (dashed.find()) {
      return "- is read as minus here. Write steps[\"" + dashed.group(1) + "\"]";
    }
    String help = steps.contains(name) ? ". For the step of this name, write steps." + name : "";
    return "There is no "
        + Fields.shown(name)
        + " here: an expression sees input, steps, item, index and run"
        + help;
  }

  private static String overload(String function, String types) {
    String plain = types.replaceAll("^.*\\.\\(|[()]", "");
    List<String> said = new ArrayList<>();
    for (String each : plain.split(", ")) {
      said.add(type(each));
    }
    return operator(function)
        + " does not take "
        + String.join(" and ", said)
        + ". string(…), int(…) and double(…) make one of the other";
  }

  private static String operator(String function) {
    return function.replace("@", "").replaceAll("^_+|_+$", "").replace("_", "…");
  }

  private static String syntax(String text, String unexpected) {
    String help = "";
    if (text.contains("===") || text.contains("!==")) {
      help = ". Values are compared with == and !=";
    } else if (text.matches("(?s).*\\b(and|or|not)\\b.*")) {
      help = ". CEL writes &&, || and !";
    } else if (text.matches("(?s).*[^=!<>]=[^=].*")) {
      help = ". Values are compared with ==, and nothing can be set";
    }
    return (unexpected.contains("<EOF>")
            ? "The expression ends before it is complete"
            : "The expression cannot be read from \"" + Fields.shown(unexpected) + "\" on")
        + help;
  }

  /** Says why an evaluation failed, and where. */
  static ValueException failure(String text, CelEvaluationException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CelFault fault) {
        return new ValueException(fault.code(), fault.getMessage());
      }
    }
    String message = String.valueOf(failure.getMessage());
    Matcher at = AT.matcher(message);
    boolean placed = at.matches();
    int offset = placed ? text.offsetByCodePoints(0, within(text, at.group(1))) : -1;
    return failure(placed ? at.group(2) : message, text, offset, failure);
  }

  private static int within(String text, String offset) {
    return Math.min(Integer.parseInt(offset), text.codePointCount(0, text.length()));
  }

  private static ValueException failure(
      String message, String text, int offset, CelEvaluationException failure) {
    String where = offset < 0 ? "" : place(text, offset);
    Matcher key = NO_KEY.matcher(message);
    if (key.matches()) {
      String holder = before(text, offset);
      String sentence = Fields.shown(key.group(1)) + " is not there";
      return new ValueException(
          "missing", sentence + (holder.isEmpty() ? "." : " in " + holder + ".") + where);
    }
    if (message.contains("Field selections must be performed")) {
      String holder = before(text, offset);
      return new ValueException(
          "wrong_type",
          (holder.isEmpty() ? "This" : holder)
              + " is no object, so nothing can be taken from it. A step that was skipped is null."
              + where);
    }
    Matcher overload = NO_OVERLOAD.matcher(message);
    if (overload.matches()) {
      return new ValueException(
          "wrong_type",
          operator(overload.group(1))
              + " does not take the kinds of values that it was given. string(…), int(…) and"
              + " double(…) make one of the other."
              + where);
    }
    return byCode(message, where, failure);
  }

  private static ValueException byCode(
      String message, String where, CelEvaluationException failure) {
    if (message.contains("teration budget")) {
      return new ValueException(
          "too_much_work", "An expression goes over at most 100,000 items in all.");
    }
    if (message.startsWith("expected boolean") || message.startsWith("Expected boolean")) {
      return new ValueException("wrong_type", "This has to be true or false." + where);
    }
    return switch (failure.getErrorCode()) {
      case DIVIDE_BY_ZERO ->
          new ValueException("wrong_value", "A number is divided by zero." + where);
      case INDEX_OUT_OF_BOUNDS ->
          new ValueException(
              "missing", "The list has no such element. size(…) tells how many it has." + where);
      case BAD_FORMAT ->
          new ValueException("wrong_value", "The text cannot be read as what is wanted." + where);
      case NUMERIC_OVERFLOW ->
          new ValueException("wrong_value", "A whole number is larger than 64 bits." + where);
      case ATTRIBUTE_NOT_FOUND ->
          new ValueException("missing", "There is no such name here." + where);
      default -> new ValueException("failed", "The expression cannot be evaluated." + where);
    };
  }

  /** The names right before a place of the text, such as {@code input.user}. */
  private static String before(String text, int offset) {
    Matcher names = PLACE.matcher(text.substring(0, Math.max(0, offset)));
    return names.find() ? Fields.shown(names.group()) : "";
  }

  private static String place(String text, int offset) {
    String before = text.substring(0, offset);
    int line = 1 + (int) before.chars().filter(each -> each == '\n').count();
    return place(line, before.codePointCount(before.lastIndexOf('\n') + 1, offset) + 1);
  }
}
