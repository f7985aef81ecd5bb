package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
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
    refuse(body, "suffix", "leave it out");
    refuse(body, "template", "leave it out, since the provider has its own");
    refuse(body, "raw", "let the provider put the prompt into its template");
    refuse(body, "context", "send the conversation to /api/chat");
    List<Part> system = new ArrayList<>();
    Text.add(system, body.text("system"));
    request.add("system", Role.SYSTEM, system);
    List<Part> parts = new ArrayList<>();
    Text.add(parts, body.text("prompt"));
    images(body, parts);
    request.add("prompt", Role.USER, parts);
    if (parts.isEmpty()) {
      throw body.invalid("prompt", "is missing");
    }
  }

  /** What changes the prompt itself. */
  private static void refuse(Fields body, String name, String instead) {
    JsonNode value = body.take(name);
    boolean says =
        value != null
            && (value.isContainerNode()
                ? !value.isEmpty()
                : !value.asText().isEmpty() && !value.asText().equals("false"));
    if (says) {
      throw body.refused(name, instead);
    }
  }
}
