package io.mimir.audit;

import static java.util.Objects.requireNonNull;

/**
 * What a service is about to do, fired as a CDI event before it does it. The audit log adds who and
 * from where, and writes it with the deed, or on its own when the deed is rolled back.
 *
 * @param action a word such as {@code key.create}
 * @param target the id or name of what it is done to; may be null
 */
public record Deed(String action, String target) {
  public Deed {
    requireNonNull(action);
  }
}
