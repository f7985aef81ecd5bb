/**
 * Translation between the protocols of clients and providers. There is one {@link
 * io.mimir.llm.service.protocol.RequestReader} and one {@link
 * io.mimir.llm.service.protocol.ResponseWriter} for each protocol of a client, one {@link
 * io.mimir.llm.service.protocol.RequestWriter} and one {@link
 * io.mimir.llm.service.protocol.ResponseReader} for each of a provider, and between them a request
 * and an answer in no protocol's words. A call within this server begins and ends with these. Pure
 * Java, no state beyond one call, no I/O.
 *
 * <p>Each field of a client's is of one of three kinds ({@link
 * io.mimir.llm.service.protocol.FieldRules.Kind}): what an answer depends on is refused by its name
 * where the provider's protocol cannot say it, what has a like is mapped, and what only helps is
 * left out and named. {@code *Fields} hold the table of them, which docs/translation.md shows.
 */
package io.mimir.llm.service.protocol;
