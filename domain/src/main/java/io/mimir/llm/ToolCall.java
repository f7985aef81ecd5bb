package io.mimir.llm;

/**
 * Something that a model asks to have called.
 *
 * @param id of this call, by which its result is known
 * @param arguments the text of a JSON object
 */
public record ToolCall(String id, String name, String arguments) {}
