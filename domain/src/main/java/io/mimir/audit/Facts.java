package io.mimir.audit;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What may be told of a thing at one moment: two of them, before and after, make its changes. Of a
 * secret only a mark is held, to see whether it is another one.
 */
public final class Facts {

  private static final int MAX_TEXT_CHARS = 200;
  private static final int MAX_LIST_MEMBERS = 50;

  private final Map<String, Object> values = new LinkedHashMap<>();
  private final Map<String, String> marks = new LinkedHashMap<>();

  /**
   * Adds a field.
   *
   * @param value text, a number, a boolean, a time, a list of these, or null; anything else is told
   *     as its text
   * @return this
   */
  public Facts tell(String field, Object value) {
    values.put(field, plain(value));
    return this;
  }

  /**
   * Adds a secret.
   *
   * @param mark differs where the secret does and says nothing of it; null when there is none
   * @return this
   */
  public Facts secret(String field, String mark) {
    marks.put(field, mark);
    return this;
  }

  /** Returns what differs, in the order of the fields. */
  public static List<Change> between(Facts before, Facts after) {
    List<Change> changes = new ArrayList<>();
    for (String field : fields(before.values, after.values)) {
      Object old = before.values.get(field);
      Object now = after.values.get(field);
      if (!Objects.equals(old, now)) {
        changes.add(new Change(field, old, now));
      }
    }
    for (String field : fields(before.marks, after.marks)) {
      if (!Objects.equals(before.marks.get(field), after.marks.get(field))) {
        changes.add(Change.ofSecret(field));
      }
    }
    return changes;
  }

  private static Set<String> fields(Map<String, ?> before, Map<String, ?> after) {
    Set<String> fields = new LinkedHashSet<>(before.keySet());
    fields.addAll(after.keySet());
    return fields;
  }

  /** The value as it is kept: few types, and bounded. */
  static Object plain(Object value) {
    if (value == null || value instanceof Boolean || value instanceof Number) {
      return value;
    }
    if (value instanceof Instant time) {
      return time.truncatedTo(ChronoUnit.MILLIS).toString();
    }
    if (value instanceof Collection<?> members) {
      List<String> list = new ArrayList<>();
      for (Object member : members) {
        if (list.size() == MAX_LIST_MEMBERS) {
          list.add("… %d more".formatted(members.size() - MAX_LIST_MEMBERS));
          break;
        }
        list.add(text(member));
      }
      return list;
    }
    return text(value);
  }

  private static String text(Object value) {
    return LogText.of(String.valueOf(value), MAX_TEXT_CHARS);
  }
}
