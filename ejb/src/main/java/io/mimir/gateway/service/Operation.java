package io.mimir.gateway.service;

import io.mimir.llm.ProviderOperation;
import io.mimir.llm.WireProtocol;
import java.util.HashMap;
import java.util.Map;

/** What the gateway does for a model, each with its address in the client's protocol. */
public enum Operation {
  CHAT_COMPLETIONS("/v1/chat/completions", ClientProtocol.OPENAI, WireProtocol.OPENAI_CHAT),
  COMPLETIONS("/v1/completions", ClientProtocol.OPENAI, WireProtocol.OPENAI_COMPLETIONS),
  EMBEDDINGS("/v1/embeddings", ClientProtocol.OPENAI, WireProtocol.OPENAI_EMBEDDINGS),
  RESPONSES("/v1/responses", ClientProtocol.OPENAI, WireProtocol.OPENAI_RESPONSES),
  /** Any other address of OpenAI's that a provider with that protocol may know. */
  OTHER(null, ClientProtocol.OPENAI, null),
  /** Any other address of Anthropic's that the gateway passes on. */
  ANTHROPIC_OTHER(null, ClientProtocol.ANTHROPIC, null),
  MESSAGES("/v1/messages", ClientProtocol.ANTHROPIC, WireProtocol.ANTHROPIC_MESSAGES),
  COUNT_TOKENS("/v1/messages/count_tokens", ClientProtocol.ANTHROPIC, null),
  OLLAMA_CHAT("/ollama/api/chat", ClientProtocol.OLLAMA, WireProtocol.OLLAMA_CHAT),
  OLLAMA_GENERATE("/ollama/api/generate", ClientProtocol.OLLAMA, WireProtocol.OLLAMA_GENERATE),
  OLLAMA_EMBED("/ollama/api/embed", ClientProtocol.OLLAMA, WireProtocol.OLLAMA_EMBED),
  OLLAMA_SHOW("/ollama/api/show", ClientProtocol.OLLAMA, null);

  private static final Map<String, Operation> BY_PATH = new HashMap<>();

  static {
    for (Operation operation : values()) {
      if (operation.path != null) {
        BY_PATH.put(operation.path, operation);
      }
    }
  }

  private final String path;
  private final ClientProtocol client;
  private final WireProtocol protocol;

  Operation(String path, ClientProtocol client, WireProtocol protocol) {
    this.path = path;
    this.client = client;
    this.protocol = protocol;
  }

  /** The operation at an address below the context root, or null. */
  public static Operation at(String path) {
    return BY_PATH.get(path);
  }

  /** Returns its address below the context root; null for those that have many. */
  public String path() {
    return path;
  }

  public ClientProtocol client() {
    return client;
  }

  /** Null for what cannot be said in another protocol. */
  WireProtocol protocol() {
    return protocol;
  }

  /** Returns the same operation as a provider has it; not for {@link #OTHER}. */
  ProviderOperation ofProvider() {
    return ProviderOperation.valueOf(name());
  }

  /** Whether there is a stream for those who ask for it; what others may have is not known. */
  boolean canStream() {
    return switch (this) {
      case CHAT_COMPLETIONS, COMPLETIONS, RESPONSES, MESSAGES, OLLAMA_CHAT, OLLAMA_GENERATE -> true;
      case EMBEDDINGS, OTHER, ANTHROPIC_OTHER, COUNT_TOKENS, OLLAMA_EMBED, OLLAMA_SHOW -> false;
    };
  }

  /** Whether it generates or embeds, and may be put to another key when the first one fails. */
  boolean isRepeatable() {
    return !isOther();
  }

  /** Whether it is an address that the gateway knows nothing of, and passes on. */
  boolean isOther() {
    return this == OTHER || this == ANTHROPIC_OTHER;
  }

  /** Whether the client gets a stream unless it says otherwise. */
  boolean streamsByDefault() {
    return this == OLLAMA_CHAT || this == OLLAMA_GENERATE;
  }
}
