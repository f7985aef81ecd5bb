package io.mimir.pipeline.service.language;

import java.math.BigDecimal;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What CEL can do with lists here, and how it compares values. */
final class CelLists {

  private CelLists() {}

  /**
   * A list that another one was put behind. Loops put one element behind the last result again and
   * again: the newest of these lists grows in place, and the older ones do not see it.
   */
  private static final class Grown extends AbstractList<Object> {

    private final ArrayList<Object> store;
    private final int size;

    Grown(ArrayList<Object> store) {
      this.store = store;
      this.size = store.size();
    }

    @Override
    public Object get(int index) {
      if (index >= size) {
        throw new IndexOutOfBoundsException(index);
      }
      return store.get(index);
    }

    @Override
    public int size() {
      return size;
    }
  }

  static List<Object> plus(List<?> first, List<?> second) {
    CelBudget budget = CelBudget.current();
    budget.elements(second.size());
    if (first instanceof Grown grown && grown.size == grown.store.size()) {
      grown.store.addAll(List.copyOf(second));
      return new Grown(grown.store);
    }
    budget.elements(first.size());
    ArrayList<Object> store = new ArrayList<>(first.size() + second.size());
    store.addAll(first);
    store.addAll(second);
    return new Grown(store);
  }

  /** Tells whether two values are the same; numbers are by what they are worth. */
  static boolean same(Object first, Object second) {
    CelBudget.current().tick();
    if (first instanceof Number one && second instanceof Number other) {
      return sameNumber(one, other);
    }
    if (first instanceof List<?> one && second instanceof List<?> other) {
      return one == other || sameList(one, other);
    }
    if (first instanceof Map<?, ?> one && second instanceof Map<?, ?> other) {
      return one == other || sameMap(one, other);
    }
    return first.equals(second);
  }

  private static boolean sameNumber(Number one, Number other) {
    // Nothing is the same as what is no number, not even itself.
    return !Double.isNaN(one.doubleValue())
        && !Double.isNaN(other.doubleValue())
        && compare(one, other) == 0;
  }

  /** Doubles first, which is fast; what they cannot tell apart is compared digit by digit. */
  private static int compare(Number one, Number other) {
    double first = one.doubleValue();
    double second = other.doubleValue();
    if (first != second || Double.isInfinite(first)) {
      return first < second ? -1 : first > second ? 1 : 0;
    }
    return exact(one).compareTo(exact(other));
  }

  private static BigDecimal exact(Number number) {
    return number instanceof Double value
        ? new BigDecimal(value)
        : new BigDecimal(number.toString());
  }

  private static boolean sameList(List<?> one, List<?> other) {
    if (one.size() != other.size()) {
      return false;
    }
    for (int i = 0; i < one.size(); i++) {
      if (!same(one.get(i), other.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean sameMap(Map<?, ?> one, Map<?, ?> other) {
    if (one.size() != other.size()) {
      return false;
    }
    for (Map.Entry<?, ?> entry : one.entrySet()) {
      Object value = other.get(entry.getKey());
      if (value == null || !same(entry.getValue(), value)) {
        return false;
      }
    }
    return true;
  }

  static boolean isIn(Object value, List<?> list) {
    for (Object element : list) {
      if (same(value, element)) {
        return true;
      }
    }
    return false;
  }

  static boolean isIn(Object key, Map<?, ?> map) {
    CelBudget.current().tick();
    return isPlain(key) && map.containsKey(key);
  }

  /** Tells whether a value is no list and no map, and so has a size that is told by its own. */
  static boolean isPlain(Object value) {
    return !(value instanceof List) && !(value instanceof Map);
  }

  /** From the smallest on; all texts, or all numbers. */
  static List<Object> sort(List<?> list) {
    CelBudget.current().elements(list.size());
    List<Object> sorted = new ArrayList<>(list);
    if (sorted.stream().allMatch(String.class::isInstance)) {
      sorted.sort(Comparator.comparing(String.class::cast));
    } else if (sorted.stream().allMatch(CelLists::isOrdered)) {
      sorted.sort((one, other) -> compare((Number) one, (Number) other));
    } else {
      throw new CelFault("wrong_type", "sort takes a list of texts, or one of numbers.");
    }
    return sorted;
  }

  private static boolean isOrdered(Object value) {
    return value instanceof Number number && !Double.isNaN(number.doubleValue());
  }

  /** Each value once, where it is first. */
  static List<Object> distinct(List<?> list) {
    CelBudget.current().elements(list.size());
    Map<Object, Object> first = new LinkedHashMap<>();
    for (Object value : list) {
      if (!isPlain(value)) {
        throw new CelFault("wrong_type", "distinct takes a list of texts, numbers and the like.");
      }
      first.putIfAbsent(key(value), value);
    }
    return new ArrayList<>(first.values());
  }

  /** The same for 1 and 1.0. */
  private static Object key(Object value) {
    boolean isWhole =
        value instanceof Double number
            && number == Math.rint(number)
            && Math.abs(number) < Long.MAX_VALUE;
    return isWhole ? ((Double) value).longValue() : value;
  }

  /** The elements of the lists that are in a list, and those of its elements that are none. */
  static List<Object> flatten(List<?> list) {
    CelBudget budget = CelBudget.current();
    List<Object> flat = new ArrayList<>();
    for (Object element : list) {
      if (element instanceof List<?> inner) {
        budget.elements(inner.size());
        flat.addAll(inner);
      } else {
        budget.elements(1);
        flat.add(element);
      }
    }
    return flat;
  }

  static List<Object> reverse(List<?> list) {
    CelBudget.current().elements(list.size());
    List<Object> reversed = new ArrayList<>(list);
    Collections.reverse(reversed);
    return reversed;
  }

  /** The elements from one place, counted from 0, up to another one, which is not with them. */
  static List<Object> slice(List<?> list, long from, long to) {
    if (from < 0 || to < from || to > list.size()) {
      throw new CelFault("wrong_value", "slice is asked for elements that the list does not have.");
    }
    CelBudget.current().elements(to - from);
    return new ArrayList<>(list.subList((int) from, (int) to));
  }
}
