package io.mimir.chat.web;

import io.mimir.chat.Conversation;
import io.mimir.llm.Provider;

/**
 * What a client chooses of a conversation; what is left out stays as it is, an empty text removes.
 */
public record ConversationForm(
    String title, String systemPrompt, Provider modelProvider, String modelName) {

  static final ConversationForm EMPTY = new ConversationForm(null, null, null, null);

  Conversation.Wish toWish() {
    return new Conversation.Wish(title, systemPrompt, modelProvider, modelName);
  }
}
