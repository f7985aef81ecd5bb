package io.mimir.security;

import io.mimir.error.FieldError;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A token that is made with another token may do no more than that one (T71): no further scope or
 * model, not longer, not more often, and not less strictly. What the wish leaves open is as it is
 * at the token that it is made with.
 */
public final class AccessTokenBounds {

  /** How many tokens may descend from each other, the first one counted. */
  static final int MAX_GENERATIONS = 5;

  private static final String CODE = "exceeds_token";

  private AccessTokenBounds() {}

  /** The wish, with all that it leaves open as it is at the token that it comes with. */
  public static AccessToken.Wish filled(AccessToken.Wish wish, AccessToken parent, Instant now) {
    Instant usual = now.plus(AccessToken.DEFAULT_LIFE);
    Instant last = parent.getExpiresAt();
    boolean anyModel = wish.models() == null || wish.models().isEmpty();
    return new AccessToken.Wish(
        wish.name(),
        wish.scopes(),
        wish.expiresAt() != null ? wish.expiresAt() : usual.isBefore(last) ? usual : last,
        anyModel ? parent.getModels() : wish.models(),
        wish.requestsPerMinute() != null ? wish.requestsPerMinute() : parent.getRequestsPerMinute(),
        wish.strict() != null ? wish.strict() : Boolean.valueOf(parent.isStrict()));
  }

  /**
   * All in which a wish goes beyond the token that it comes with; empty when it may be had. What is
   * wrong in itself, such as a word that is no scope, is not told here.
   *
   * @param wish from {@link #filled}
   */
  public static List<FieldError> excess(AccessToken.Wish wish, AccessToken parent) {
    List<FieldError> errors = new ArrayList<>();
    if (wish.scopes() != null) {
      wish.scopes().stream()
          .flatMap(word -> Scope.ofWire(word).stream())
          .filter(scope -> !parent.effectiveScopes().contains(scope))
          .distinct()
          .forEach(
              scope ->
                  errors.add(
                      new FieldError(
                          "scopes",
                          CODE,
                          "This token does not have the scope %s itself".formatted(scope.wire()))));
    }
    if (wish.expiresAt().isAfter(parent.getExpiresAt())) {
      errors.add(
          new FieldError("expires_at", CODE, "This token itself ends at " + parent.getExpiresAt()));
    }
    if (!parent.getModels().isEmpty()
        && !wish.models().stream().allMatch(model -> covers(parent.getModels(), model))) {
      errors.add(
          new FieldError(
              "models",
              CODE,
              "This token itself may ask only " + String.join(", ", parent.getModels())));
    }
    if (parent.getRequestsPerMinute() != null
        && wish.requestsPerMinute() > parent.getRequestsPerMinute()) {
      errors.add(
          new FieldError(
              "requests_per_minute",
              CODE,
              "This token itself may ask %d times a minute"
                  .formatted(parent.getRequestsPerMinute())));
    }
    if (parent.isStrict() && !wish.strict()) {
      errors.add(new FieldError("strict", CODE, "This token is strict itself"));
    }
    if (generations(parent) >= MAX_GENERATIONS) {
      errors.add(
          new FieldError(
              "name",
              "too_many_generations",
              "This token descends from %d others: have a person make the next one"
                  .formatted(MAX_GENERATIONS - 1)));
    }
    return errors;
  }

  /** Names are compared as they are written: two spellings of one model are two models here. */
  private static boolean covers(List<String> allowed, String model) {
    return model == null
        || allowed.stream()
            .anyMatch(
                each ->
                    each.equals(model)
                        || (each.endsWith("*")
                            && model.startsWith(each.substring(0, each.length() - 1))));
  }

  private static int generations(AccessToken token) {
    return token == null ? 0 : 1 + generations(token.getParent());
  }
}
