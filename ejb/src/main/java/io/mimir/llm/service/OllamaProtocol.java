package io.mimir.llm.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.LlmException;
import io.mimir.llm.Prompt;
import io.mimir.net.EndpointUrl;
import io.mimir.security.Secret;
import java.net.URI;
import java.util.Map;

/** Ollama's own chat, a JSON object a line. */
final class OllamaProtocol implements Protocol {

  @Override
  public URI chatAddress(EndpointUrl base) {
    return base.resolve("/api/chat");
  }

  @Override
  public Map<String, String> credentials(Secret key) {
    return key.isEmpty() ? Map.of() : Map.of("Authorization", "Bearer " + key.reveal());
  }

  @Override
  public byte[] question(Prompt prompt, boolean streamed) {
    ObjectNode body = Answers.question(prompt, streamed, true);
    if (prompt.maxTokens() != null) {
      body.putObject("options").put("num_predict", prompt.maxTokens());
    }
    return Answers.bytes(body);
  }

  @Override
  public Reading reading() {
    return new OllamaReading();
  }

  private static final class OllamaReading implements Reading {

    private boolean complete;
    private String model;
    private Long inputTokens;
    private Long outputTokens;

    @Override
    public String part(String name, String data) throws LlmException {
      JsonNode line = Answers.object(data);
      if (!line.path("error").isMissingNode()) {
        throw Answers.broken();
      }
      if (!line.path("message").isObject()) {
        throw Answers.notLlmApi();
      }
      model = line.path("model").asText(model);
      if (line.path("done").asBoolean(false)) {
        complete = true;
        inputTokens = Answers.number(line.path("prompt_eval_count"));
        outputTokens = Answers.number(line.path("eval_count"));
      }
      return line.path("message").path("content").asText("");
    }

    @Override
    public boolean isComplete() {
      return complete;
    }

    @Override
    public String whole(String body) throws LlmException {
      return part(null, body);
    }

    @Override
    public String model() {
      return model;
    }

    @Override
    public Long inputTokens() {
      return inputTokens;
    }

    @Override
    public Long outputTokens() {
      return outputTokens;
    }
  }
}
