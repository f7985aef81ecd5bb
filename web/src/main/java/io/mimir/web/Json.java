package io.mimir.web;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/**
 * JSON as the API speaks it: snake_case, UTC times in RFC 3339, and strict in what it takes (T67).
 * Unknown and repeated names, wrong types, more than one value, half surrogates and NUL are
 * refused, and no refusal repeats what was sent. What values of a feature look like, the feature
 * says in its {@link JsonTypes}.
 */
public final class Json {

  private static final int MAX_DEPTH = 64;
  private static final int MAX_STRING_CHARS = 64 * 1024;
  private static final int MAX_NAME_CHARS = 1024;
  private static final int MAX_NUMBER_CHARS = 64;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxStringLength(MAX_STRING_CHARS)
                          .maxNameLength(MAX_NAME_CHARS)
                          .maxNumberLength(MAX_NUMBER_CHARS)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .addModule(types())
          .build();

  private Json() {}

  private static SimpleModule types() {
    SimpleModule types =
        new SimpleModule()
            .addDeserializer(String.class, new Texts())
            .addDeserializer(Instant.class, new Times())
            .addSerializer(Instant.class, new TimeWriter());
    ServiceLoader.load(JsonTypes.class, Json.class.getClassLoader())
        .forEach(feature -> feature.addTo(types));
    return types;
  }

  /**
   * Reads one JSON value from UTF-8.
   *
   * @throws ProblemException MALFORMED, UNKNOWN_FIELD or INVALID, naming the field and never its
   *     value
   */
  public static <T> T read(byte[] body, Class<T> type) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
      if (text.isBlank()) {
        throw malformed("The body is empty: send a JSON object");
      }
      T value = MAPPER.readValue(text, type);
      if (value == null) {
        throw malformed("The body is null: send a JSON object");
      }
      return value;
    } catch (CharacterCodingException e) {
      throw malformed("The body is not UTF-8");
    } catch (UnrecognizedPropertyException e) {
      throw ProblemException.of(
          Problem.UNKNOWN_FIELD,
          path(e),
          "unknown",
          "This field is not known here; known are " + known(e));
    } catch (StreamConstraintsException e) {
      throw malformed("The JSON is nested deeper than 64, or holds a string over 64 KiB");
    } catch (JsonMappingException e) {
      if (e.getCause() instanceof ProblemException problem) {
        throw problem;
      }
      if (e.getCause() instanceof StreamConstraintsException) {
        throw malformed("The JSON is nested deeper than 64, or holds a string over 64 KiB");
      }
      if (e.getCause() instanceof JsonProcessingException syntax && path(e).isEmpty()) {
        throw malformed(where(syntax));
      }
      throw ProblemException.of(
          Problem.INVALID, path(e), "wrong_type", "This value is not of the expected type");
    } catch (JsonProcessingException e) {
      throw malformed(where(e));
    }
  }

  /**
   * Reads the text of a JSON object that was sent as a string.
   *
   * @param field the name of the field, for the refusal
   */
  public static Map<String, Object> readObject(String text, String field) {
    try {
      Map<String, Object> members =
          text.isBlank()
              ? Map.of()
              : MAPPER.readValue(text, new TypeReference<LinkedHashMap<String, Object>>() {});
      if (members != null) {
        return members;
      }
    } catch (JsonProcessingException e) {
      // Answered below: the text of the exception may hold what was sent.
    }
    throw ProblemException.of(
        Problem.INVALID, field, "wrong_type", "This is not the text of a JSON object");
  }

  private static ProblemException malformed(String detail) {
    return new ProblemException(Problem.MALFORMED, detail);
  }

  private static String where(JsonProcessingException e) {
    return e.getLocation() == null
        ? "The body is no valid JSON"
        : "The body is no valid JSON, or repeats a name: see line %d, column %d"
            .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
  }

  private static String path(JsonMappingException e) {
    return e.getPath().stream()
        .map(step -> step.getFieldName() == null ? "" + step.getIndex() : step.getFieldName())
        .map(name -> name.length() > 64 ? name.substring(0, 64) + "…" : name)
        .collect(Collectors.joining("."));
  }

  private static String known(UnrecognizedPropertyException e) {
    return e.getKnownPropertyIds().stream()
        .map(Object::toString)
        .sorted()
        .collect(Collectors.joining(", "));
  }

  /** What a type looks like when it is written, for whoever describes it. */
  public static BeanDescription describe(Class<?> type) {
    return MAPPER.getSerializationConfig().introspect(MAPPER.constructType(type));
  }

  /**
   * @return UTF-8
   */
  public static byte[] write(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A view cannot be written as JSON", e);
    }
  }

  /** The same JSON as {@link #write}, as text. */
  public static String text(Object value) {
    return new String(write(value), StandardCharsets.UTF_8);
  }

  /** Refuses what databases, headers and terminals would take amiss; gives the text back. */
  public static String checked(String text, JsonParser parser) throws JsonMappingException {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean half =
          Character.isHighSurrogate(c)
              ? i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))
              : Character.isLowSurrogate(c)
                  && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
      if (c == 0 || half) {
        throw new JsonMappingException(parser, "NUL or half a surrogate pair");
      }
    }
    return text;
  }

  private static final class Texts extends StdScalarDeserializer<String> {
    private static final long serialVersionUID = 1L;

    Texts() {
      super(String.class);
    }

    @Override
    public String deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      if (!parser.hasToken(JsonToken.VALUE_STRING)) {
        throw new JsonMappingException(parser, "not a string");
      }
      return checked(parser.getText(), parser);
    }
  }

  private static final class Times extends StdScalarDeserializer<Instant> {
    private static final long serialVersionUID = 1L;

    Times() {
      super(Instant.class);
    }

    @Override
    public Instant deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      if (!parser.hasToken(JsonToken.VALUE_STRING)) {
        throw new JsonMappingException(parser, "not a time");
      }
      try {
        return OffsetDateTime.parse(parser.getText()).toInstant();
      } catch (DateTimeParseException e) {
        throw new JsonMappingException(parser, "not a time");
      }
    }
  }

  private static final class TimeWriter extends StdScalarSerializer<Instant> {
    private static final long serialVersionUID = 1L;

    TimeWriter() {
      super(Instant.class);
    }

    @Override
    public void serialize(Instant at, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      json.writeString(at.truncatedTo(ChronoUnit.MILLIS).toString());
    }
  }
}
