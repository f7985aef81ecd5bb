package io.mimir.upstream.service;

import io.mimir.credential.ModelRef;
import io.mimir.credential.service.ModelCatalog;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.FailureOwner;
import io.mimir.llm.LlmException;
import io.mimir.llm.Provider;
import io.mimir.usage.CallSource;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * What a call is about, whichever key it gets.
 *
 * @param model as the catalogue of models resolved it
 * @param source on whose behalf it is made
 * @param body what was asked, for estimates and to tell questions apart; null for none
 * @param conversation a hash that all calls of a conversation share, or 0 for none
 * @param providers whose keys it may use
 * @param keyId the only key that may be used, because it holds what the call is about; null for any
 * @param repeatable whether it may be put to another key, or again: it generates or embeds, and
 *     nothing of it is kept by the provider
 * @param streamed whether the caller waits for a stream
 * @param json whether an answer that is no JSON is none
 * @param patience the longest silence that the caller puts up with; null for the key's own
 * @param showsKey whether the caller may be told the name of the key
 */
public record CallSpec(
    ModelRef model,
    CallSource source,
    byte[] body,
    long conversation,
    Predicate<Provider> providers,
    String keyId,
    boolean repeatable,
    boolean streamed,
    boolean json,
    Duration patience,
    boolean showsKey) {

  /** Returns the same call, for one key alone, which holds what it is about. */
  public CallSpec pinned(ModelRef modelOfKey, String id) {
    return new CallSpec(
        modelOfKey,
        source,
        body,
        conversation,
        providers,
        id,
        repeatable,
        streamed,
        json,
        patience,
        showsKey);
  }

  /**
   * Tells whose failure it is that a provider refuses the call. One that names no model is about
   * something that is kept: whether that is there, and whether the key is for such things, says
   * nothing of the models of the key.
   */
  LlmException judged(LlmException failure) {
    if (!ModelCatalog.isOfAccount(model)) {
      return failure;
    }
    return switch (failure.reason()) {
      case NOT_FOUND ->
          new LlmException(
              CallOutcome.UPSTREAM_ERROR,
              FailureOwner.QUESTION,
              failure.status(),
              failure.getMessage(),
              null);
      case FORBIDDEN ->
          new LlmException(
              CallOutcome.FORBIDDEN,
              FailureOwner.MODEL,
              failure.status(),
              failure.getMessage(),
              failure.retryAfter().orElse(null));
      default -> failure;
    };
  }

  /** Prompts are nobody's business, not even the log's. */
  @Override
  public String toString() {
    return "CallSpec[" + model + "]";
  }
}
