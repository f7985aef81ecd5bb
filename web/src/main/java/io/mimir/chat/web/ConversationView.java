package io.mimir.chat.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.mimir.chat.Conversation;
import io.mimir.chat.Dialogue;
import io.mimir.llm.Provider;
import java.time.Instant;
import java.util.List;

/**
 * What a client sees of a conversation.
 *
 * @param messages left out of lists
 */
public record ConversationView(
    String id,
    String title,
    String systemPrompt,
    Provider modelProvider,
    String modelName,
    Instant createdAt,
    Instant updatedAt,
    @JsonInclude(JsonInclude.Include.NON_NULL) List<MessageView> messages) {

  public static ConversationView of(Conversation conversation) {
    return of(conversation, null);
  }

  /**
   * @param dialogue null to leave the messages out
   */
  public static ConversationView of(Conversation conversation, Dialogue dialogue) {
    return new ConversationView(
        conversation.getId(),
        conversation.getTitle(),
        conversation.getSystemPrompt(),
        conversation.getModelProvider(),
        conversation.getModelName(),
        conversation.getCreatedAt(),
        conversation.getUpdatedAt(),
        dialogue == null ? null : dialogue.messages().stream().map(MessageView::of).toList());
  }
}
