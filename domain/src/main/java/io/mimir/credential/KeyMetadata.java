package io.mimir.credential;

import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The JSON object that an administrator keeps with a key. Some members mean something here; all
 * others are kept as they came. Immutable.
 */
public final class KeyMetadata {

  public static final String DEFAULT_MODEL = "default_model";
  public static final String AVAILABLE_MODELS = "available_models";
  public static final String TIMEOUT_SECONDS = "timeout_seconds";
  public static final String RATE_LIMIT = "rate_limit";
  public static final String TOKENS_PER_MINUTE = "tokens_per_minute";
  public static final String MAX_CONCURRENT = "max_concurrent";
  public static final String MONTHLY_TOKENS = "monthly_tokens";
  public static final String ALLOWED_MODELS = "allowed_models";
  public static final String MAX_TOKENS = "max_tokens";

  /** The tokens of an answer where neither the caller nor the key says how many. */
  public static final int DEFAULT_MAX_TOKENS = 4096;

  public static final KeyMetadata EMPTY = new KeyMetadata(Map.of());

  private static final String MODEL = "[\\x21-\\x7E]{1,200}";
  private static final int MOST_MODELS = 1000;
  private static final int LONGEST_TIMEOUT = 3600;
  private static final int HIGHEST_RATE = 1_000_000;
  private static final int MOST_TOKENS_PER_MINUTE = 1_000_000_000;
  private static final int MOST_CONCURRENT = 100_000;
  private static final long MOST_MONTHLY_TOKENS = 1_000_000_000_000_000L;
  private static final int LONGEST_ANSWER = 1_000_000;
  private static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(10);

  private final Map<String, Object> members;

  private KeyMetadata(Map<String, Object> members) {
    this.members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
  }

  /** What the database holds; it was judged when it came in. */
  public static KeyMetadata ofStored(Map<String, Object> members) {
    return new KeyMetadata(members);
  }

  /**
   * This object with the members of another laid over it: null removes a member.
   *
   * @throws ProblemException with every member that is wrong
   */
  public KeyMetadata merge(Map<String, Object> changes) {
    Map<String, Object> merged = new LinkedHashMap<>(members);
    changes.forEach(
        (name, value) -> {
          if (value == null) {
            merged.remove(name);
          } else {
            merged.put(name, value);
          }
        });
    List<FieldError> errors = new ArrayList<>();
    model(merged.get(DEFAULT_MODEL)).ifPresent(errors::add);
    models(merged, AVAILABLE_MODELS).ifPresent(errors::add);
    models(merged, ALLOWED_MODELS).or(() -> none(merged)).ifPresent(errors::add);
    whole(merged, TIMEOUT_SECONDS, LONGEST_TIMEOUT).ifPresent(errors::add);
    whole(merged, RATE_LIMIT, HIGHEST_RATE).ifPresent(errors::add);
    whole(merged, TOKENS_PER_MINUTE, MOST_TOKENS_PER_MINUTE).ifPresent(errors::add);
    whole(merged, MAX_CONCURRENT, MOST_CONCURRENT).ifPresent(errors::add);
    whole(merged, MONTHLY_TOKENS, MOST_MONTHLY_TOKENS).ifPresent(errors::add);
    whole(merged, MAX_TOKENS, LONGEST_ANSWER).ifPresent(errors::add);
    if (!errors.isEmpty()) {
      throw ProblemException.of(Problem.REFUSED, errors);
    }
    return new KeyMetadata(merged);
  }

  private static Optional<FieldError> model(Object value) {
    boolean fine = value == null || (value instanceof String text && text.matches(MODEL));
    return fine
        ? Optional.empty()
        : error(DEFAULT_MODEL, "invalid", "Use a model id without spaces, up to 200 characters");
  }

  private static Optional<FieldError> models(Map<String, Object> members, String name) {
    Object value = members.get(name);
    boolean fine =
        value == null
            || (value instanceof List<?> list
                && list.size() <= MOST_MODELS
                && list.stream().allMatch(m -> m instanceof String text && text.matches(MODEL)));
    return fine ? Optional.empty() : error(name, "invalid", "Use a list of at most 1000 model ids");
  }

  /** A key that may serve nothing is a mistake: nobody can tell it from one that serves all. */
  private static Optional<FieldError> none(Map<String, Object> members) {
    return members.get(ALLOWED_MODELS) instanceof List<?> list && list.isEmpty()
        ? error(ALLOWED_MODELS, "invalid", "Name at least one model, or leave the list out")
        : Optional.empty();
  }

  private static Optional<FieldError> whole(
      Map<String, Object> members, String name, long highest) {
    OptionalLong number = number(members, name);
    boolean fine =
        members.get(name) == null
            || (number.isPresent() && number.getAsLong() >= 1 && number.getAsLong() <= highest);
    return fine
        ? Optional.empty()
        : error(name, "out_of_range", "Use a whole number from 1 to " + highest);
  }

  /** JSON gives an Integer where the number is small enough, else a Long. */
  private static OptionalLong number(Map<String, Object> members, String name) {
    Object value = members.get(name);
    return value instanceof Integer || value instanceof Long
        ? OptionalLong.of(((Number) value).longValue())
        : OptionalLong.empty();
  }

  private OptionalInt small(String name) {
    OptionalLong number = number(members, name);
    return number.isPresent() && number.getAsLong() <= Integer.MAX_VALUE
        ? OptionalInt.of((int) number.getAsLong())
        : OptionalInt.empty();
  }

  private static Optional<FieldError> error(String member, String code, String message) {
    return Optional.of(new FieldError("metadata." + member, code, message));
  }

  public Optional<String> defaultModel() {
    return Optional.ofNullable((String) members.get(DEFAULT_MODEL));
  }

  public List<String> availableModels() {
    return list(AVAILABLE_MODELS);
  }

  /** The only models that the key serves; empty where it serves all. */
  public List<String> allowedModels() {
    return list(ALLOWED_MODELS);
  }

  private List<String> list(String name) {
    List<String> models = new ArrayList<>();
    if (members.get(name) instanceof List<?> list) {
      for (Object model : list) {
        if (model instanceof String text) {
          models.add(text);
        }
      }
    }
    return models;
  }

  /**
   * How long a provider may be silent; ten minutes, as the official clients have it, unless the
   * administrator said otherwise.
   */
  public Duration timeout() {
    OptionalInt seconds = small(TIMEOUT_SECONDS);
    return seconds.isPresent() ? Duration.ofSeconds(seconds.getAsInt()) : DEFAULT_TIMEOUT;
  }

  /** Requests per minute; empty for no limit. */
  public OptionalInt rateLimit() {
    return small(RATE_LIMIT);
  }

  /** Input and output tokens per minute; empty for no limit. */
  public OptionalInt tokensPerMinute() {
    return small(TOKENS_PER_MINUTE);
  }

  /** Calls at the same time; empty for no limit. */
  public OptionalInt maxConcurrent() {
    return small(MAX_CONCURRENT);
  }

  /** The budget of input and output tokens in a calendar month of UTC; empty for no limit. */
  public OptionalLong monthlyTokens() {
    return number(members, MONTHLY_TOKENS);
  }

  /** How long an answer may get where the caller does not say and the provider wants to know. */
  public int maxTokens() {
    return small(MAX_TOKENS).orElse(DEFAULT_MAX_TOKENS);
  }

  /** All members, in the order in which they came. */
  public Map<String, Object> members() {
    return members;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof KeyMetadata other && members.equals(other.members);
  }

  @Override
  public int hashCode() {
    return members.hashCode();
  }

  /** Names only: an administrator may have put anything into the values. */
  @Override
  public String toString() {
    return "KeyMetadata" + members.keySet();
  }
}
