/**
 * Translation between the protocols of clients and providers: one reader and one writer per
 * protocol, over a question and an answer in no protocol's words. Pure Java, no state beyond one
 * call, no I/O.
 *
 * <p>The rule: what the provider's protocol cannot say is refused by the name that the client gave
 * it, and so is every field that is not known here. A hint that changes nothing about the answer is
 * left out; a field that says what holds anyway, such as {@code n: 1}, is accepted and left out.
 * {@code null} says nothing.
 *
 * <table>
 * <caption>Who is translated</caption>
 * <tr><th>client</th><th>provider</th></tr>
 * <tr><td>OPENAI_CHAT</td><td>ANTHROPIC_MESSAGES</td></tr>
 * <tr><td>ANTHROPIC_MESSAGES</td><td>OPENAI_CHAT</td></tr>
 * <tr><td>OPENAI_RESPONSES, OLLAMA_CHAT, OLLAMA_GENERATE</td><td>both of them</td></tr>
 * <tr><td>OLLAMA_EMBED</td><td>OPENAI_EMBEDDINGS</td></tr>
 * </table>
 *
 * <table>
 * <caption>Carried between all of them</caption>
 * <tr><th>what</th><th>how</th></tr>
 * <tr><td>system prompts</td><td>to Anthropic only before all other messages</td></tr>
 * <tr><td>texts, images</td><td>as base64 or as a URL; to Anthropic PNG, JPEG, GIF, WebP</td></tr>
 * <tr><td>tools, calls, results, choice</td><td>identifiers are kept; Ollama's are made. A result
 * that Anthropic marks as an error begins with {@code Error: } for OpenAI</td></tr>
 * <tr><td>temperature, top_p, stop, limit</td><td>Anthropic's limit is the key's where none was given;
 * temperatures above 1 are refused there</td></tr>
 * <tr><td>JSON with a schema</td><td>strictly; any JSON object without one only to OpenAI</td></tr>
 * <tr><td>seed and penalties of Ollama's</td><td>to OpenAI only; {@code top_k} to Anthropic
 * only</td></tr>
 * <tr><td>reason of the end, usage</td><td>which stop sequence was met is told where known; cached
 * tokens are counted in each protocol's own way</td></tr>
 * </table>
 *
 * <table>
 * <caption>Left out, since the answer does not depend on it</caption>
 * <tr><th>client</th><th>fields</th></tr>
 * <tr><td>OpenAI</td><td>user, safety_identifier, metadata, prompt_cache_*, service_tier auto or
 * default, store false, stream_options.include_obfuscation, annotations and other notes on earlier
 * answers, the name of a schema</td></tr>
 * <tr><td>Anthropic</td><td>metadata, cache_control, service_tier auto or standard_only, speed
 * standard, thinking disabled, eager_input_streaming</td></tr>
 * <tr><td>Ollama</td><td>keep_alive, truncate, shift, think false, and the options about the machine:
 * num_ctx, num_batch, num_gpu, num_thread, num_keep, …</td></tr>
 * <tr><td>in answers</td><td>thoughts, citations, log probabilities, fingerprints</td></tr>
 * </table>
 *
 * <table>
 * <caption>Refused by name</caption>
 * <tr><th>client</th><th>fields</th></tr>
 * <tr><td>OpenAI</td><td>n above 1, logprobs, logit_bias, seed, penalties, audio, modalities,
 * prediction, reasoning_effort, verbosity, web_search_options, store true, json_object, functions,
 * custom and hosted tools, files, names of speakers, image detail low</td></tr>
 * <tr><td>OpenAI's responses, besides</td><td>previous_response_id, conversation, background,
 * truncation auto, reasoning items and item references</td></tr>
 * <tr><td>Anthropic</td><td>top_k, thinking and thoughts in the history, output_config.effort,
 * container, mcp_servers, context_management, inference_geo, hosted tools, documents, files, images
 * in results of tools</td></tr>
 * <tr><td>Ollama</td><td>think, raw, template, suffix, context, logprobs, min_p, repeat_penalty,
 * mirostat, …, and loading or unloading a model by an empty question</td></tr>
 * <tr><td>all</td><td>a conversation that ends with the assistant: one protocol would continue its
 * words where another would answer anew</td></tr>
 * </table>
 */
package io.mimir.llm.service.protocol;
