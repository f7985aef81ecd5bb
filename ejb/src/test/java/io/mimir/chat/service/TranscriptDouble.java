package io.mimir.chat.service;

import io.mimir.chat.Conversation;
import io.mimir.chat.Dialogue;
import io.mimir.chat.Message;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Keeps one conversation in memory. */
class TranscriptDouble extends Transcript {

  private final Conversation conversation;
  private final List<Message> messages = new ArrayList<>();

  TranscriptDouble(Conversation conversation) {
    this.conversation = conversation;
  }

  @Override
  public Said ask(String accountId, String conversationId, String text) {
    Dialogue dialogue = dialogue(conversationId);
    Message question =
        dialogue
            .unansweredLike(text)
            .orElseGet(
                () -> {
                  Message fresh =
                      Message.ofUser(conversationId, dialogue.nextPosition(), text, Instant.now());
                  messages.add(fresh);
                  return fresh;
                });
    return new Said(conversation, question, dialogue(conversationId));
  }

  @Override
  public Dialogue dialogue(String conversationId) {
    return new Dialogue(messages);
  }

  @Override
  public Message answer(Message question, String text, String model, Message.Source source) {
    Message answer =
        Message.ofAssistant(
            question.getConversationId(), question.getPosition() + 1, text, source, Instant.now());
    messages.add(answer);
    return answer;
  }

  /** What is stored, as {@code role: text}. */
  List<String> said() {
    return messages.stream().map(m -> m.getRole().wire() + ": " + m.getContent()).toList();
  }
}
