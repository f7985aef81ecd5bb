package io.mimir.usage;

/**
 * The one on whose behalf models are called. Known before the first call, and the same for every
 * attempt of it.
 *
 * @param accountId the account that pays, or null when there is none
 * @param tokenId the access token that was used, or null for a person
 * @param pipelineId the pipeline whose run calls, or null
 * @param client a word of {@link ClientNames}, or null when the call came from no client
 */
public record CallSource(String accountId, String tokenId, String pipelineId, String client) {

  /** Nobody that is known. */
  public static final CallSource UNKNOWN = new CallSource(null, null, null, null);

  /** Returns a source without a pipeline and without a client. */
  public static CallSource of(String accountId, String tokenId) {
    return new CallSource(accountId, tokenId, null, null);
  }

  /**
   * Returns this source with the client that a {@code User-Agent} header names.
   *
   * @param userAgent null when the client sent none
   */
  public CallSource withUserAgent(String userAgent) {
    return new CallSource(accountId, tokenId, pipelineId, ClientNames.of(userAgent));
  }

  /** Returns this source with the pipeline whose run calls. */
  public CallSource withPipeline(String id) {
    return new CallSource(accountId, tokenId, id, client);
  }
}
