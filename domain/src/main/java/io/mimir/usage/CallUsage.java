package io.mimir.usage;

import static java.util.Objects.requireNonNull;

/**
 * What one call of a provider used: an attempt with one key, whether it succeeded or not.
 *
 * @param keyId the key that the call was made with
 * @param model as the provider was asked for it; null when nobody knows it
 * @param error whether the call failed
 * @param inputTokens 0 when it is not known
 * @param outputTokens 0 when it is not known
 * @param estimated whether the provider did not tell at least one of the two, so that it is an
 *     estimate
 * @param leftOut how many hint fields of the request the provider's protocol has no word for
 * @param latencyMs from the request of the client to the end of the answer, in milliseconds
 */
public record CallUsage(
    CallSource source,
    String keyId,
    String model,
    boolean error,
    long inputTokens,
    long outputTokens,
    boolean estimated,
    int leftOut,
    long latencyMs) {

  /** No provider counts more in one call; beyond it a count is a mistake, or an attack on sums. */
  public static final long MAX_TOKENS = 1_000_000_000_000L;

  /** Brings every number into its range: a negative count is an unknown one. */
  public CallUsage {
    requireNonNull(source);
    inputTokens = Math.min(Math.max(0, inputTokens), MAX_TOKENS);
    outputTokens = Math.min(Math.max(0, outputTokens), MAX_TOKENS);
    leftOut = Math.max(0, leftOut);
    latencyMs = Math.max(0, latencyMs);
  }

  /** Returns a call that used no tokens. */
  public static CallUsage of(
      CallSource source, String keyId, String model, boolean error, long latencyMs) {
    return new CallUsage(source, keyId, model, error, 0, 0, false, 0, latencyMs);
  }

  /**
   * Returns this call with its tokens.
   *
   * @param input negative when it is not known, which counts as none
   * @param output like input
   */
  public CallUsage withTokens(long input, long output) {
    return withTokens(input, output, false);
  }

  /**
   * Returns this call with its tokens.
   *
   * @param isEstimate whether at least one of the two is an estimate
   */
  public CallUsage withTokens(long input, long output, boolean isEstimate) {
    return new CallUsage(
        source, keyId, model, error, input, output, isEstimate, leftOut, latencyMs);
  }

  /** Returns this call with the number of hint fields that were left out. */
  public CallUsage withLeftOut(int fields) {
    return new CallUsage(
        source, keyId, model, error, inputTokens, outputTokens, estimated, fields, latencyMs);
  }

  /** Returns input and output tokens together. */
  public long tokens() {
    return inputTokens + outputTokens;
  }
}
