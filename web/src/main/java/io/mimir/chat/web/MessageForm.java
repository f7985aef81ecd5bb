package io.mimir.chat.web;

import io.mimir.chat.service.Question;
import io.mimir.llm.Provider;

/**
 * What a client says.
 *
 * @param stream null means no
 */
public record MessageForm(
    String message, Provider modelProvider, String modelName, Boolean stream) {

  Question toQuestion() {
    return new Question(message, modelProvider, modelName, Boolean.TRUE.equals(stream));
  }
}
