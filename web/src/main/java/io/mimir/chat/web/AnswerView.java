package io.mimir.chat.web;

import io.mimir.chat.service.Answer;

/** What was asked and answered. */
public record AnswerView(
    String conversationId, MessageView userMessage, MessageView assistantReply) {

  static AnswerView of(Answer answer) {
    return new AnswerView(
        answer.conversationId(), MessageView.of(answer.question()), MessageView.of(answer.reply()));
  }
}
