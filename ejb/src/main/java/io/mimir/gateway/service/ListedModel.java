package io.mimir.gateway.service;

/**
 * A model as lists of the gateway show it.
 *
 * @param owner the word of its provider, or {@code pipeline}
 */
public record ListedModel(String id, String label, String owner) {}
