package io.mimir.llm.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.LlmException;
import io.mimir.llm.ProviderDescriptor.Quirk;
import io.mimir.llm.ProviderOperation;
import io.mimir.security.Secret;
import java.util.Map;

/** The one question of a test that costs tokens: a few, in the endpoint's own protocol. */
final class TestQuestion {

  /** Enough for a model that thinks before it says a word. */
  private static final int MAX_TOKENS = 64;

  private TestQuestion() {}

  /**
   * Asks a model to say hello.
   *
   * @throws LlmException what was wrong, when there is no answer
   */
  static void ask(ProviderAdapter adapter, Secret key, Secret own, String model, ControlCalls calls)
      throws LlmException {
    ProviderOperation operation =
        switch (adapter.endpoint().provider().family()) {
          case OPENAI -> ProviderOperation.CHAT_COMPLETIONS;
          case ANTHROPIC -> ProviderOperation.MESSAGES;
          case OLLAMA -> ProviderOperation.OLLAMA_CHAT;
        };
    ControlCalls.Response response =
        calls.post(
            adapter.path(operation, model),
            adapter.headers(Map.of(), key, own),
            body(adapter, operation, model).toString());
    if (!response.isSuccess()) {
      throw response.failure();
    }
    JsonNode answer = Answers.object(response.body());
    if (answer.hasNonNull("error")) {
      throw Answers.broken();
    }
    if (!answer.has("choices") && !answer.has("content") && !answer.has("message")) {
      throw Answers.notLlmApi();
    }
  }

  private static ObjectNode body(
      ProviderAdapter adapter, ProviderOperation operation, String model) {
    ObjectNode body = Answers.JSON.createObjectNode().put("model", model).put("stream", false);
    body.putArray("messages").addObject().put("role", "user").put("content", "Say hello.");
    if (operation == ProviderOperation.OLLAMA_CHAT) {
      body.putObject("options").put("num_predict", MAX_TOKENS);
      return body;
    }
    boolean newName =
        operation == ProviderOperation.CHAT_COMPLETIONS
            && !adapter.endpoint().provider().has(Quirk.MAX_TOKENS);
    return body.put(newName ? "max_completion_tokens" : "max_tokens", MAX_TOKENS);
  }
}
