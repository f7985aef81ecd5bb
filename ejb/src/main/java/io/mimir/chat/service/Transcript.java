package io.mimir.chat.service;

import io.mimir.chat.Conversation;
import io.mimir.chat.Dialogue;
import io.mimir.chat.Message;
import io.mimir.error.ProblemException;
import jakarta.annotation.security.PermitAll;
import jakarta.ejb.Stateless;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import java.time.Instant;

/**
 * Writes down what is said, each time in a short transaction of its own. An answer comes on a
 * thread that no caller is known on, so the caller was judged before.
 */
@Stateless
@PermitAll
public class Transcript {

  @PersistenceContext EntityManager em;

  /**
   * What was said so far, with the question at its end.
   *
   * @param question as it is stored
   */
  public record Said(Conversation conversation, Message question, Dialogue dialogue) {}

  /**
   * Stores a question, unless it is another try of the last one, which nobody answered.
   *
   * @throws ProblemException NOT_FOUND; REFUSED when the conversation is full
   */
  public Said ask(String accountId, String conversationId, String text) {
    Conversation conversation = em.find(Conversation.class, conversationId);
    if (conversation == null || !conversation.belongsTo(accountId)) {
      throw ProblemException.notFound("conversation");
    }
    Instant now = Instant.now();
    Dialogue dialogue = dialogue(conversationId);
    Message question = dialogue.unansweredLike(text).orElse(null);
    if (question == null) {
      question = Message.ofUser(conversationId, dialogue.nextPosition(), text, now);
      dialogue = dialogue.with(question);
      em.persist(question);
    }
    conversation.heard(text, now);
    em.flush();
    return new Said(conversation, question, dialogue);
  }

  /** All that was said there. The caller knows whose conversation it is. */
  public Dialogue dialogue(String conversationId) {
    return new Dialogue(
        em.createNamedQuery(Message.OF_CONVERSATION, Message.class)
            .setParameter("conversation", conversationId)
            .getResultList());
  }

  /**
   * Stores an answer.
   *
   * @param model the one that was asked for; the source names the one that answered
   * @throws ProblemException NOT_FOUND when the conversation was deleted meanwhile
   */
  public Message answer(Message question, String text, String model, Message.Source source) {
    Conversation conversation = em.find(Conversation.class, question.getConversationId());
    if (conversation == null) {
      throw ProblemException.notFound("conversation");
    }
    Instant now = Instant.now();
    Message answer =
        Message.ofAssistant(conversation.getId(), question.getPosition() + 1, text, source, now);
    em.persist(answer);
    conversation.answeredBy(source.provider(), model, now);
    em.flush();
    return answer;
  }

  /**
   * Deletes conversations in which nothing happened since.
   *
   * @return how many
   */
  public int purge(Instant oldest) {
    return em.createNamedQuery(Conversation.PURGE).setParameter("oldest", oldest).executeUpdate();
  }
}
