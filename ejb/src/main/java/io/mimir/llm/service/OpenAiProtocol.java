package io.mimir.llm.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.LlmException;
import io.mimir.llm.Prompt;
import io.mimir.net.EndpointUrl;
import io.mimir.security.Secret;
import java.net.URI;
import java.util.Map;

/** OpenAI's chat completions, which most other endpoints speak as well. */
final class OpenAiProtocol implements Protocol {

  private final boolean compatible;

  /**
   * @param compatible whether the endpoint only speaks like OpenAI and is not
   */
  OpenAiProtocol(boolean compatible) {
    this.compatible = compatible;
  }

  @Override
  public URI chatAddress(EndpointUrl base) {
    return base.resolveVersioned("/chat/completions");
  }

  @Override
  public Map<String, String> credentials(Secret key) {
    return key.isEmpty() ? Map.of() : Map.of("Authorization", "Bearer " + key.reveal());
  }

  @Override
  public byte[] question(Prompt prompt, boolean streamed) {
    ObjectNode body = Answers.question(prompt, streamed, true);
    if (streamed) {
      body.putObject("stream_options").put("include_usage", true);
    }
    limit(body, prompt);
    return Answers.bytes(body);
  }

  /** Some servers refuse stream_options; they tell no token counts, which matters less. */
  @Override
  public byte[] plainQuestion(Prompt prompt) {
    ObjectNode body = Answers.question(prompt, true, true);
    limit(body, prompt);
    return compatible ? Answers.bytes(body) : null;
  }

  /** OpenAI's newer models refuse the old name, which is the one that other servers know. */
  private void limit(ObjectNode body, Prompt prompt) {
    if (prompt.maxTokens() != null) {
      body.put(compatible ? "max_tokens" : "max_completion_tokens", prompt.maxTokens());
    }
  }

  @Override
  public Reading reading() {
    return new OpenAiReading();
  }

  private static final class OpenAiReading implements Reading {

    private boolean complete;
    private String model;
    private Long inputTokens;
    private Long outputTokens;

    @Override
    public String part(String name, String data) throws LlmException {
      if (data.startsWith("[DONE]")) {
        complete = true;
        return "";
      }
      JsonNode chunk = checked(data);
      JsonNode choice = chunk.path("choices").path(0);
      complete |= choice.path("finish_reason").isTextual();
      return choice.path("delta").path("content").asText("");
    }

    private JsonNode checked(String data) throws LlmException {
      JsonNode node = Answers.object(data);
      if (!node.path("error").isMissingNode() && !node.path("error").isNull()) {
        throw Answers.broken();
      }
      if (!node.path("choices").isArray()) {
        throw Answers.notLlmApi();
      }
      model = node.path("model").asText(model);
      JsonNode usage = node.path("usage");
      if (usage.isObject()) {
        inputTokens = Answers.number(usage.path("prompt_tokens"));
        outputTokens = Answers.number(usage.path("completion_tokens"));
      }
      return node;
    }

    @Override
    public boolean isComplete() {
      return complete;
    }

    @Override
    public String whole(String body) throws LlmException {
      JsonNode message = checked(body).path("choices").path(0).path("message");
      if (!message.isObject()) {
        throw Answers.notLlmApi();
      }
      return message.path("content").asText("");
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
