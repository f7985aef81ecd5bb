package io.mimir.audit;

import static java.util.Objects.requireNonNull;

/**
 * What became of one field.
 *
 * @param field its name, as the API has it; members of an object after a dot
 * @param old what it was: a String, a Number, a Boolean, a List of Strings, or null for nothing
 * @param now what it is, of the same types; both are null where the value is a secret
 */
public record Change(String field, Object old, Object now) {
  public Change {
    requireNonNull(field);
  }

  /** Something that is told of the action itself and was never a field. */
  public static Change detail(String field, Object value) {
    return new Change(field, null, Facts.plain(value));
  }

  /** A secret was given, replaced or removed: which one is told, and nothing of its value. */
  public static Change ofSecret(String field) {
    return new Change(field, null, null);
  }

  /** Tells whether it is about a secret. */
  public boolean isSecret() {
    return old == null && now == null;
  }
}
