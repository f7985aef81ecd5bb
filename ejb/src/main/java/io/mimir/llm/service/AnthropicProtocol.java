package io.mimir.llm.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.credential.KeyMetadata;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.LlmException;
import io.mimir.llm.Prompt;
import io.mimir.net.EndpointUrl;
import io.mimir.security.Secret;
import java.net.URI;
import java.util.Map;

/** Anthropic's messages. */
final class AnthropicProtocol implements Protocol {

  /** The version that all its official clients send. */
  static final String VERSION = "2023-06-01";

  static final String VERSION_HEADER = "anthropic-version";

  @Override
  public URI chatAddress(EndpointUrl base) {
    return base.resolve("/v1/messages");
  }

  @Override
  public Map<String, String> credentials(Secret key) {
    return Map.of("x-api-key", key.reveal(), VERSION_HEADER, VERSION);
  }

  @Override
  public byte[] question(Prompt prompt, boolean streamed) {
    ObjectNode body = Answers.question(prompt, streamed, false);
    // Anthropic wants to be told a limit.
    body.put(
        "max_tokens",
        prompt.maxTokens() == null ? KeyMetadata.DEFAULT_MAX_TOKENS : prompt.maxTokens());
    if (prompt.system() != null && !prompt.system().isBlank()) {
      body.put("system", prompt.system());
    }
    return Answers.bytes(body);
  }

  @Override
  public Reading reading() {
    return new AnthropicReading();
  }

  private static final class AnthropicReading implements Reading {

    private boolean complete;
    private String model;
    private Long inputTokens;
    private Long outputTokens;

    @Override
    public String part(String name, String data) throws LlmException {
      JsonNode event = Answers.object(data);
      switch (event.path("type").asText("")) {
        case "message_start" -> {
          model = event.path("message").path("model").asText(model);
          usage(event.path("message").path("usage"));
        }
        case "content_block_delta" -> {
          return event.path("delta").path("text").asText("");
        }
        case "message_delta" -> usage(event.path("usage"));
        case "message_stop" -> complete = true;
        case "error" -> throw failure(event.path("error"));
        case "" -> throw Answers.notLlmApi();
        default -> {
          // ping, the borders of blocks, and what may come in later versions.
        }
      }
      return "";
    }

    private static LlmException failure(JsonNode error) {
      return switch (error.path("type").asText("")) {
        case "rate_limit_error" ->
            new LlmException(
                CallOutcome.RATE_LIMITED, "The provider's limit was reached in the middle");
        default -> Answers.broken();
      };
    }

    private void usage(JsonNode usage) {
      Long in = Answers.number(usage.path("input_tokens"));
      Long out = Answers.number(usage.path("output_tokens"));
      inputTokens = in == null ? inputTokens : in;
      outputTokens = out == null ? outputTokens : out;
    }

    @Override
    public boolean isComplete() {
      return complete;
    }

    @Override
    public String whole(String body) throws LlmException {
      JsonNode message = Answers.object(body);
      if (message.path("type").asText("").equals("error")) {
        throw failure(message.path("error"));
      }
      if (!message.path("content").isArray()) {
        throw Answers.notLlmApi();
      }
      model = message.path("model").asText(null);
      usage(message.path("usage"));
      StringBuilder text = new StringBuilder();
      message.path("content").forEach(block -> text.append(block.path("text").asText("")));
      return text.toString();
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
