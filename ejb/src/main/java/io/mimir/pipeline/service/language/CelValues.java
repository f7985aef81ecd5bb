package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.UnsignedLong;
import dev.cel.common.types.CelType;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractList;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * JSON as CEL sees it, and back. Whole numbers are of 64 bits in CEL; larger ones, and those with a
 * fraction, become doubles.
 */
final class CelValues {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private CelValues() {}

  /** A view: objects and lists are not copied, and what is not looked at costs nothing. */
  static Object toCel(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> new MapView((ObjectNode) node);
      case ARRAY -> new ListView((ArrayNode) node);
      case STRING -> node.textValue();
      case BOOLEAN -> node.booleanValue();
      case NUMBER -> number(node);
      default -> NullValue.NULL_VALUE;
    };
  }

  private static Object number(JsonNode node) {
    if (node.isIntegralNumber() && node.canConvertToLong()) {
      return node.longValue();
    }
    return node.doubleValue();
  }

  private static final class ListView extends AbstractList<Object> {

    private final ArrayNode node;

    ListView(ArrayNode node) {
      this.node = node;
    }

    @Override
    public Object get(int index) {
      if (index < 0 || index >= node.size()) {
        throw new IndexOutOfBoundsException(index);
      }
      return toCel(node.get(index));
    }

    @Override
    public int size() {
      return node.size();
    }
  }

  private static final class MapView extends AbstractMap<String, Object> {

    private final ObjectNode node;

    MapView(ObjectNode node) {
      this.node = node;
    }

    @Override
    public boolean containsKey(Object key) {
      return key instanceof String name && node.has(name);
    }

    @Override
    public Object get(Object key) {
      return containsKey(key) ? toCel(node.get((String) key)) : null;
    }

    @Override
    public int size() {
      return node.size();
    }

    @Override
    public Set<Map.Entry<String, Object>> entrySet() {
      Map<String, Object> copy = new LinkedHashMap<>();
      node.properties().forEach(member -> copy.put(member.getKey(), toCel(member.getValue())));
      return copy.entrySet();
    }
  }

  /** The results of steps: each is asked for when an expression names it, and not before. */
  static final class StepsView extends AbstractMap<String, Object> {

    private final Scope scope;

    StepsView(Scope scope) {
      this.scope = scope;
    }

    @Override
    public boolean containsKey(Object key) {
      return key instanceof String name && scope.steps().contains(name);
    }

    @Override
    public Object get(Object key) {
      JsonNode value = containsKey(key) ? scope.step((String) key) : null;
      return value == null ? containsKey(key) ? NullValue.NULL_VALUE : null : toCel(value);
    }

    @Override
    public Set<Map.Entry<String, Object>> entrySet() {
      return new AbstractSet<>() {
        @Override
        public Iterator<Map.Entry<String, Object>> iterator() {
          return scope.steps().stream()
              .map(name -> Map.entry(name, StepsView.this.get(name)))
              .iterator();
        }

        @Override
        public int size() {
          return scope.steps().size();
        }
      };
    }

    @Override
    public Set<String> keySet() {
      return scope.steps();
    }
  }

  /**
   * JSON again. Bytes become Base64, times RFC 3339, durations seconds such as {@code 1.5s}.
   *
   * @throws ValueException too_large, too_deep; no_json for what JSON has no form for
   */
  static JsonNode toJson(Object value) throws ValueException {
    return toJson(value, new Bounds(), 0);
  }

  private static JsonNode toJson(Object value, Bounds bounds, int depth) throws ValueException {
    if (value instanceof MapView view) {
      bounds.all(view.node, depth);
      return view.node;
    }
    if (value instanceof ListView view) {
      bounds.all(view.node, depth);
      return view.node;
    }
    bounds.node(depth);
    if (value instanceof Map<?, ?> map) {
      return object(map, bounds, depth);
    }
    if (value instanceof List<?> list) {
      ArrayNode array = JSON.arrayNode();
      for (Object element : list) {
        array.add(toJson(element, bounds, depth + 1));
      }
      return array;
    }
    JsonNode plain = plain(value);
    if (plain.isTextual()) {
      bounds.text(plain.textValue());
    }
    return plain;
  }

  private static JsonNode object(Map<?, ?> map, Bounds bounds, int depth) throws ValueException {
    ObjectNode object = JSON.objectNode();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      String name = String.valueOf(entry.getKey());
      bounds.text(name);
      object.set(name, toJson(entry.getValue(), bounds, depth + 1));
    }
    return object;
  }

  private static JsonNode plain(Object value) throws ValueException {
    if (value instanceof String text) {
      return JSON.textNode(text);
    }
    if (value instanceof Long number) {
      return JSON.numberNode(number.longValue());
    }
    if (value instanceof Double number && Double.isFinite(number)) {
      return JSON.numberNode(number.doubleValue());
    }
    if (value instanceof Boolean truth) {
      return JSON.booleanNode(truth);
    }
    if (value instanceof NullValue) {
      return JSON.nullNode();
    }
    if (value instanceof UnsignedLong number) {
      return JSON.numberNode(number.bigIntegerValue());
    }
    return JSON.textNode(text(value));
  }

  private static String text(Object value) throws ValueException {
    if (value instanceof CelByteString bytes) {
      return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
    if (value instanceof Duration duration) {
      BigDecimal seconds =
          BigDecimal.valueOf(duration.getSeconds()).add(BigDecimal.valueOf(duration.getNano(), 9));
      return (seconds.signum() == 0 ? "0" : seconds.stripTrailingZeros().toPlainString()) + "s";
    }
    if (value instanceof CelType type) {
      return type.name();
    }
    if (value instanceof Instant time) {
      return time.toString();
    }
    throw new ValueException(
        "no_json", "The expression gives something that JSON has no form for.");
  }
}
