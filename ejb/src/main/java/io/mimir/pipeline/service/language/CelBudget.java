package io.mimir.pipeline.service.language;

import dev.cel.common.ast.CelExpr;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelEvaluationListener;
import java.time.Duration;
import java.util.List;

/**
 * What one evaluation may take: time, and characters and elements that it makes. Looked at after
 * each part of the expression, and within the functions that can make much at once.
 */
final class CelBudget implements CelEvaluationListener {

  private static final long NANOS = Duration.ofSeconds(2).toNanos();

  /** Characters and elements together. */
  private static final long MADE = 64L * 1024 * 1024;

  private static final ThreadLocal<CelBudget> CURRENT = new ThreadLocal<>();

  private final long end = System.nanoTime() + NANOS;
  private long left = MADE;

  /** The way out of an evaluation that takes too much. */
  static final class SpentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SpentException() {
      super("The budget of an expression is spent", null, false, false);
    }
  }

  /** An evaluation. */
  interface Evaluation {
    Object run() throws CelEvaluationException;
  }

  /** Evaluates with this budget for the functions that make much. */
  Object within(Evaluation evaluation) throws CelEvaluationException {
    CURRENT.set(this);
    try {
      return evaluation.run();
    } finally {
      CURRENT.remove();
    }
  }

  /** Pays for what a function is about to make. */
  static void pay(long characters) {
    CURRENT.get().spend(characters);
  }

  private void spend(long made) {
    left -= made;
    if (isSpent()) {
      throw new SpentException();
    }
  }

  boolean isSpent() {
    return left < 0 || System.nanoTime() - end > 0;
  }

  @Override
  public void callback(CelExpr part, Object value) {
    spend(cost(part, value));
  }

  private static long cost(CelExpr part, Object value) {
    if (part.exprKind().getKind() != CelExpr.ExprKind.Kind.CALL) {
      return 1;
    }
    if (value instanceof String text) {
      return 1 + text.length();
    }
    // What map and filter have collected so far grows by one element at a time.
    boolean collects =
        part.call().function().equals("_+_")
            && part.call().args().get(0).exprKind().getKind() == CelExpr.ExprKind.Kind.IDENT
            && part.call().args().get(0).ident().name().contains("result");
    return value instanceof List<?> list && !collects ? 1 + list.size() : 1;
  }
}
