package io.mimir.pipeline.web;

import java.io.Serializable;
import java.util.List;

/**
 * A field of the form of a step.
 *
 * @param id of its input, which is also what refusals call it
 * @param member the place in the step, as a JSON Pointer
 * @param shape how it is entered and kept
 * @param help null for none
 * @param options what may be chosen, or what is suggested; empty for none
 * @param mode of {@link Shape#VALUE} only: {@code text}, {@code pointer}, {@code cel} or {@code
 *     json}
 * @param value what stands in the input
 * @param error what is wrong with it; null for nothing
 */
public record FormField(
    String id,
    String member,
    Shape shape,
    String label,
    String help,
    boolean required,
    List<String> options,
    String mode,
    String value,
    String error)
    implements Serializable {

  /** How a field is entered, and what it is in the definition. */
  public enum Shape {
    /** A short text, in one line. */
    LINE,
    /** A text of any length. */
    LINES,
    /** One of a few texts. */
    CHOICE,
    /** A number. */
    NUMBER,
    /** Anything, written as JSON. */
    JSON,
    /** A list of texts, one a line. */
    LIST,
    /** The names of the ways of a step that goes several, one a line. */
    WAYS,
    /** What a run puts together: a text, a place, an expression or JSON. */
    VALUE
  }

  private static final List<String> RARE = List.of("/when", "/on_error", "/timeout", "/retry/");

  public FormField {
    options = List.copyOf(options);
  }

  /** Whether it is one of those that all steps have and few need. */
  public boolean isRare() {
    return RARE.stream().anyMatch(member::startsWith);
  }

  /** Whether it has one line only. */
  public boolean isShort() {
    return shape == Shape.LINE || shape == Shape.NUMBER;
  }

  /** How names of the context are written in it; {@code null} where they are not. */
  public String getNames() {
    return switch (shape) {
      case VALUE -> mode;
      case LINES -> "text";
      case JSON -> "json";
      case LINE -> member.endsWith("/when") ? "cel" : "text";
      default -> null;
    };
  }

  FormField entered(String newMode, String newValue, String newError) {
    return new FormField(
        id, member, shape, label, help, required, options, newMode, newValue, newError);
  }
}
