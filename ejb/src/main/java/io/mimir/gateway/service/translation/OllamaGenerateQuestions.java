package io.mimir.gateway.service.translation;

import io.mimir.gateway.service.translation.Question.Part;
import io.mimir.gateway.service.translation.Question.Role;
import io.mimir.gateway.service.translation.Question.Text;
import java.util.ArrayList;
import java.util.List;

/** Reads Ollama's generate: one message of the user's, with or without a word of the system's. */
final class OllamaGenerateQuestions extends OllamaQuestions {

  OllamaGenerateQuestions(Pair pair) {
    super(pair);
  }

  @Override
  void said(Fields body, Question question) {
    body.onlyEmpty("suffix", "template", "context").only("raw", "false");
    List<Part> system = new ArrayList<>();
    Text.add(system, body.text("system"));
    question.add("system", Role.SYSTEM, system);
    List<Part> parts = new ArrayList<>();
    Text.add(parts, body.text("prompt"));
    images(body, parts);
    question.add("prompt", Role.USER, parts);
    if (parts.isEmpty()) {
      throw body.refused("prompt", "say something, since models are loaded by their provider");
    }
  }
}
