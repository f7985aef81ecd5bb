package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.NullValue;
import java.math.BigInteger;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * JSON as CEL has it, and back. Whole numbers of 64 bits are CEL's int, all others its double,
 * which has 53 bits: a larger number loses its last digits.
 */
final class CelValues {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** Values of one result: more would be too much to write down. */
  private static final int MAX_VALUES = 1_000_000;

  /** Characters of one result, like the bytes of one value. */
  private static final int MAX_CHARS = 32 * 1024 * 1024;

  private CelValues() {}

  static Object ofJson(JsonNode json) {
    if (json == null) {
      return NullValue.NULL_VALUE;
    }
    return switch (json.getNodeType()) {
      case OBJECT -> {
        Map<String, Object> map = new LinkedHashMap<>();
        json.properties().forEach(member -> map.put(member.getKey(), ofJson(member.getValue())));
        yield map;
      }
      case ARRAY -> {
        List<Object> list = new ArrayList<>(json.size());
        json.forEach(item -> list.add(ofJson(item)));
        yield list;
      }
      case STRING -> json.textValue();
      case BOOLEAN -> json.booleanValue();
      case NUMBER ->
          json.isIntegralNumber() && json.canConvertToLong()
              ? (Object) json.longValue()
              : (Object) json.doubleValue();
      default -> NullValue.NULL_VALUE;
    };
  }

  /** The results of the steps, each turned into CEL's form when it is asked for. */
  static Map<String, Object> steps(Scope scope) {
    return new Steps(scope);
  }

  private static final class Steps extends AbstractMap<String, Object> {

    private final Scope scope;
    private final Map<String, Object> known = new LinkedHashMap<>();

    Steps(Scope scope) {
      this.scope = scope;
    }

    @Override
    public boolean containsKey(Object name) {
      return scope.steps().contains(name);
    }

    @Override
    public Object get(Object name) {
      return containsKey(name)
          ? known.computeIfAbsent((String) name, one -> ofJson(scope.step(one)))
          : null;
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
      scope.steps().forEach(this::get);
      return known.entrySet();
    }
  }

  /**
   * @throws ValueException bad_value for what JSON does not have, too_large for more than 32 Mi
   *     characters or a million values
   */
  static JsonNode toJson(Object value) throws ValueException {
    return new Writing().json(value);
  }

  /** One result being turned into JSON. */
  private static final class Writing {

    private int values;
    private long chars;

    JsonNode json(Object value) throws ValueException {
      if (++values > MAX_VALUES || chars > MAX_CHARS) {
        throw new ValueException(
            "too_large", "The result is too large: it may have 32 MiB and a million values");
      }
      if (value == null
          || value instanceof NullValue
          || value instanceof dev.cel.common.values.NullValue) {
        return JSON.nullNode();
      }
      if (value instanceof Map<?, ?> map) {
        return object(map);
      }
      if (value instanceof Iterable<?> list) {
        ArrayNode array = JSON.arrayNode();
        for (Object item : list) {
          array.add(json(item));
        }
        return array;
      }
      return scalar(value);
    }

    private ObjectNode object(Map<?, ?> map) throws ValueException {
      ObjectNode object = JSON.objectNode();
      for (Map.Entry<?, ?> member : map.entrySet()) {
        if (!(member.getKey() instanceof String name)) {
          throw new ValueException("bad_value", "Names of members are texts: write them in quotes");
        }
        chars += name.length();
        object.set(name, json(member.getValue()));
      }
      return object;
    }

    private JsonNode scalar(Object value) throws ValueException {
      if (value instanceof String text) {
        chars += text.length();
        return JSON.textNode(text);
      }
      if (value instanceof Boolean truth) {
        return JSON.booleanNode(truth);
      }
      if (value instanceof com.google.common.primitives.UnsignedLong number) {
        return JSON.numberNode(number.bigIntegerValue());
      }
      if (value instanceof Long || value instanceof Integer || value instanceof BigInteger) {
        long number = ((Number) value).longValue();
        // As a parser would have read it, so that equal numbers are equal nodes.
        return number == (int) number ? JSON.numberNode((int) number) : JSON.numberNode(number);
      }
      if (value instanceof Double number) {
        if (number.isNaN() || number.isInfinite()) {
          throw new ValueException("bad_value", "The result is no number that JSON can hold");
        }
        return JSON.numberNode(number);
      }
      if (value instanceof ByteString) {
        throw new ValueException("bad_value", "Bytes are no JSON: turn them into text first");
      }
      // Times and durations, as CEL writes them.
      return JSON.textNode(value.toString());
    }
  }
}
