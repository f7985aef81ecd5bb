package io.mimir.chat.service;

import io.mimir.llm.Provider;

/**
 * What somebody asks.
 *
 * @param message what to say
 * @param provider null leaves the choice to the model's name
 * @param model an id, {@code provider/id} or a label that people know it by; null or blank for the
 *     conversation's own
 * @param streamed whether the text is wanted piece by piece
 */
public record Question(String message, Provider provider, String model, boolean streamed) {}
