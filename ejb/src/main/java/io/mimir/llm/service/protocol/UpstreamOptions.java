package io.mimir.llm.service.protocol;

/**
 * What a call adds to a request when it is put to a provider.
 *
 * @param model the provider's id of the model, put in place of the client's
 * @param maxTokens how long the answer may get where the client does not say and the provider wants
 *     to know
 * @param isCounted whether a stream of OpenAI's shape is asked for its token counts, which some of
 *     its imitators refuse
 * @param isPlain whether everything is left out that a server of the protocol may not know, for a
 *     second try after it refused the first
 * @param isStrict whether hints that the provider's protocol has no word for are refused
 * @param provider the id of the provider, such as {@code mistral}; empty where it is not known
 * @param origin the scheme, host and port of its endpoint; empty where it is not known. Both bind a
 *     provider's signed thoughts to who can read them.
 */
public record UpstreamOptions(
    String model,
    int maxTokens,
    boolean isCounted,
    boolean isPlain,
    boolean isStrict,
    String provider,
    String origin) {

  /** Options for a first try at an endpoint that is not known. */
  public UpstreamOptions(String model, int maxTokens, boolean isCounted) {
    this(model, maxTokens, isCounted, false, false, "", "");
  }

  /** The same for a second try, without what a server of the protocol may not know. */
  public UpstreamOptions plain() {
    return new UpstreamOptions(model, maxTokens, false, true, isStrict, provider, origin);
  }

  /** The same, refusing hints or not. */
  public UpstreamOptions strict(boolean now) {
    return new UpstreamOptions(model, maxTokens, isCounted, isPlain, now, provider, origin);
  }

  /** The same for a known endpoint. */
  public UpstreamOptions at(String knownProvider, String knownOrigin) {
    return new UpstreamOptions(
        model, maxTokens, isCounted, isPlain, isStrict, knownProvider, knownOrigin);
  }
}
