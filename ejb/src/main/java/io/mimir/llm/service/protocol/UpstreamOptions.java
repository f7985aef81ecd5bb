package io.mimir.llm.service.protocol;

/**
 * What the gateway adds to a question when it is put to a provider.
 *
 * @param model the provider's id of the model, put in place of the client's
 * @param maxTokens how long the answer may get where the client does not say and the provider wants
 *     to know
 * @param isCounted whether a stream of OpenAI's shape is asked for its token counts, which some of
 *     its imitators refuse
 */
public record UpstreamOptions(String model, int maxTokens, boolean isCounted) {}
