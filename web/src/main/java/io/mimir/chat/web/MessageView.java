package io.mimir.chat.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.mimir.chat.Message;
import io.mimir.llm.Provider;
import io.mimir.llm.Reply.Usage;
import java.time.Instant;

/** What a client sees of a message; the last four members are there for a model's words only. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MessageView(
    String id,
    String role,
    String content,
    Instant createdAt,
    String model,
    Provider provider,
    String keyName,
    UsageView usage) {

  /** Tokens as the provider counted them; null where it did not say. */
  @JsonInclude(JsonInclude.Include.ALWAYS)
  public record UsageView(Long inputTokens, Long outputTokens) {}

  public static MessageView of(Message message) {
    Usage usage = message.getUsage();
    return new MessageView(
        message.getId(),
        message.getRole().wire(),
        message.getContent(),
        message.getCreatedAt(),
        message.getModel(),
        message.getProvider(),
        message.getKeyName(),
        message.isOfUser() ? null : new UsageView(usage.inputTokens(), usage.outputTokens()));
  }
}
