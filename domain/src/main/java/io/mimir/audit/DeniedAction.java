package io.mimir.audit;

import static java.util.Objects.requireNonNull;

/**
 * What a caller wanted and may not do, fired as a CDI event just before the refusal. The audit log
 * writes it when the transaction is rolled back, or at once where there is none.
 *
 * @param action a word such as {@code user.update}
 * @param targetId what it would have been done to; null where there is none yet
 * @param targetName its name, or null
 */
public record DeniedAction(String action, String targetId, String targetName) {
  public DeniedAction {
    requireNonNull(action);
  }
}
