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

/**
 * The JSON object that an administrator keeps with a key. Four members mean something here; all
 * others are kept as they came. Immutable.
 */
public final class KeyMetadata {

  public static final String DEFAULT_MODEL = "default_model";
  public static final String AVAILABLE_MODELS = "available_models";
  public static final String TIMEOUT_SECONDS = "timeout_seconds";
  public static final String RATE_LIMIT = "rate_limit";

  public static final KeyMetadata EMPTY = new KeyMetadata(Map.of());

  private static final String MODEL = "[\\x21-\\x7E]{1,200}";
  private static final int MOST_MODELS = 1000;
  private static final int LONGEST_TIMEOUT = 3600;
  private static final int HIGHEST_RATE = 1_000_000;
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

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
    models(merged.get(AVAILABLE_MODELS)).ifPresent(errors::add);
    whole(merged, TIMEOUT_SECONDS, LONGEST_TIMEOUT).ifPresent(errors::add);
    whole(merged, RATE_LIMIT, HIGHEST_RATE).ifPresent(errors::add);
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

  private static Optional<FieldError> models(Object value) {
    boolean fine =
        value == null
            || (value instanceof List<?> list
                && list.size() <= MOST_MODELS
                && list.stream().allMatch(m -> m instanceof String text && text.matches(MODEL)));
    return fine
        ? Optional.empty()
        : error(AVAILABLE_MODELS, "invalid", "Use a list of at most 1000 model ids");
  }

  private static Optional<FieldError> whole(Map<String, Object> members, String name, int highest) {
    Object value = members.get(name);
    boolean fine =
        value == null || (value instanceof Integer number && number >= 1 && number <= highest);
    return fine
        ? Optional.empty()
        : error(name, "out_of_range", "Use a whole number from 1 to " + highest);
  }

  private static Optional<FieldError> error(String member, String code, String message) {
    return Optional.of(new FieldError("metadata." + member, code, message));
  }

  public Optional<String> defaultModel() {
    return Optional.ofNullable((String) members.get(DEFAULT_MODEL));
  }

  public List<String> availableModels() {
    List<String> models = new ArrayList<>();
    if (members.get(AVAILABLE_MODELS) instanceof List<?> list) {
      list.forEach(model -> models.add((String) model));
    }
    return models;
  }

  /** How long a call may take; a minute unless the administrator said otherwise. */
  public Duration timeout() {
    return members.get(TIMEOUT_SECONDS) instanceof Integer seconds
        ? Duration.ofSeconds(seconds)
        : DEFAULT_TIMEOUT;
  }

  /** Requests per minute; empty for no limit. */
  public OptionalInt rateLimit() {
    return members.get(RATE_LIMIT) instanceof Integer limit
        ? OptionalInt.of(limit)
        : OptionalInt.empty();
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
