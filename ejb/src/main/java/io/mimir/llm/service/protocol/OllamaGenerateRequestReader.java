package io.mimir.llm.service.protocol;

import io.mimir.llm.service.protocol.ChatRequest.Part;
import io.mimir.llm.service.protocol.ChatRequest.Role;
import io.mimir.llm.service.protocol.ChatRequest.Text;
import java.util.ArrayList;
import java.util.List;

/** Reads Ollama's generate: one message of the user's, with or without a word of the system's. */
final class OllamaGenerateRequestReader extends OllamaRequestReader {

  OllamaGenerateRequestReader(ProtocolPair pair) {
    super(pair);
  }

  @Override
  void said(Fields body, ChatRequest request) {
    body.onlyEmpty("suffix", "template", "context").only("raw", "false");
    List<Part> system = new ArrayList<>();
    Text.add(system, body.text("system"));
    request.add("system", Role.SYSTEM, system);
    List<Part> parts = new ArrayList<>();
    Text.add(parts, body.text("prompt"));
    images(body, parts);
    request.add("prompt", Role.USER, parts);
    if (parts.isEmpty()) {
      throw body.refused("prompt", "say something, since models are loaded by their provider");
    }
  }
}
