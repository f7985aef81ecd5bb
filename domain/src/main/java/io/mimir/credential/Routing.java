package io.mimir.credential;

import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.util.ArrayList;
import java.util.List;

/** The place of a key among the others that offer a model. */
@Embeddable
public class Routing {

  public static final int DEFAULT_PRIORITY = 50;
  public static final int DEFAULT_WEIGHT = 1;

  private static final int MAX_PRIORITY = 100;
  private static final int MAX_WEIGHT = 1000;

  @Column(nullable = false)
  private int priority = DEFAULT_PRIORITY;

  @Column(nullable = false)
  private int weight = DEFAULT_WEIGHT;

  /**
   * Changes the place.
   *
   * @param wantedPriority 1 to 100, the lower number is tried first; null leaves it as it is
   * @param wantedWeight 1 to 1000, the share among keys of the same priority; null leaves it as it
   *     is
   * @throws ProblemException with every number that is out of its range
   */
  void change(Integer wantedPriority, Integer wantedWeight) {
    List<FieldError> errors = new ArrayList<>();
    if (wantedPriority != null) {
      Ranges.check(wantedPriority, MAX_PRIORITY, "priority").ifPresent(errors::add);
    }
    if (wantedWeight != null) {
      Ranges.check(wantedWeight, MAX_WEIGHT, "weight").ifPresent(errors::add);
    }
    if (!errors.isEmpty()) {
      throw ProblemException.of(Problem.REFUSED, errors);
    }
    this.priority = wantedPriority == null ? priority : wantedPriority;
    this.weight = wantedWeight == null ? weight : wantedWeight;
  }

  /** From 1, which is tried first, to 100. */
  public int priority() {
    return priority;
  }

  /** The share of the calls among keys of the same priority, from 1 to 1000. */
  public int weight() {
    return weight;
  }
}
