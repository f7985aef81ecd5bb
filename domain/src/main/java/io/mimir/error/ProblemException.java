package io.mimir.error;

import static java.util.Objects.requireNonNull;

import jakarta.ejb.ApplicationException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The one business exception. It rolls the transaction back and reaches the caller unwrapped. Its
 * message is shown to the caller: it says what to do and never holds a secret.
 */
@ApplicationException(rollback = true)
public class ProblemException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final Problem problem;
  private final transient List<FieldError> errors;
  private final Duration retryAfter;

  public ProblemException(Problem problem, String detail) {
    this(problem, detail, List.of(), null);
  }

  private ProblemException(
      Problem problem, String detail, List<FieldError> errors, Duration retryAfter) {
    super(detail);
    this.problem = requireNonNull(problem);
    this.errors = List.copyOf(errors);
    this.retryAfter = retryAfter;
  }

  /** A refusal of one field: its sentence is the detail as well. */
  public static ProblemException of(Problem problem, String field, String code, String message) {
    return of(problem, List.of(new FieldError(field, code, message)));
  }

  /** A refusal of several fields at once, so that nobody has to mend them one by one. */
  public static ProblemException of(Problem problem, List<FieldError> errors) {
    String detail =
        errors.size() == 1 ? errors.get(0).message() : errors.size() + " fields need attention";
    return new ProblemException(problem, detail, errors, null);
  }

  /**
   * @param kind what was looked for, a word such as {@code key}; the id itself is not repeated
   */
  public static ProblemException notFound(String kind) {
    return new ProblemException(Problem.NOT_FOUND, "There is no such " + kind);
  }

  /** A refusal that ends by itself after some time. */
  public static ProblemException retryable(Problem problem, String detail, Duration retryAfter) {
    return new ProblemException(problem, detail, List.of(), requireNonNull(retryAfter));
  }

  public Problem problem() {
    return problem;
  }

  public List<FieldError> errors() {
    return errors == null ? List.of() : errors;
  }

  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
