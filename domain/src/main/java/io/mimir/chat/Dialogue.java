package io.mimir.chat;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Prompt.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What was said in a conversation so far, oldest first. */
public record Dialogue(List<Message> messages) {

  /** Far more than a model can take in; it keeps one conversation from filling the memory. */
  private static final int MOST_MESSAGES = 2_000;

  private static final int MOST_CHARACTERS = 4_000_000;

  public Dialogue {
    messages = List.copyOf(messages);
  }

  private Optional<Message> last() {
    return messages.isEmpty() ? Optional.empty() : Optional.of(messages.get(messages.size() - 1));
  }

  /**
   * The last question, if nobody answered it and this text repeats it: then it is another try and
   * no new question.
   */
  public Optional<Message> unansweredLike(String text) {
    return last().filter(Message::isOfUser).filter(m -> m.getContent().equals(text));
  }

  public int nextPosition() {
    return last().map(Message::getPosition).orElse(0) + 1;
  }

  /**
   * This dialogue with one more question at its end.
   *
   * @throws ProblemException REFUSED when the conversation is full
   */
  public Dialogue with(Message question) {
    long characters = messages.stream().mapToLong(message -> message.getContent().length()).sum();
    if (messages.size() >= MOST_MESSAGES
        || characters + question.getContent().length() > MOST_CHARACTERS) {
      throw ProblemException.of(
          Problem.REFUSED,
          "message",
          "conversation_full",
          "This conversation is full: start a new one");
    }
    List<Message> longer = new ArrayList<>(messages);
    longer.add(question);
    return new Dialogue(longer);
  }

  /**
   * What a model is told. Questions that got no answer join the next one, because some models
   * insist on taking turns; empty answers are left out, because some providers refuse them.
   */
  public List<Turn> turns() {
    List<Turn> turns = new ArrayList<>();
    for (Message message : messages) {
      if (message.getContent().isBlank()) {
        continue;
      }
      Turn before = turns.isEmpty() ? null : turns.get(turns.size() - 1);
      if (before != null && before.speaker() == message.getRole()) {
        String both = before.text() + "\n\n" + message.getContent();
        turns.set(turns.size() - 1, new Turn(before.speaker(), both));
      } else {
        turns.add(new Turn(message.getRole(), message.getContent()));
      }
    }
    return turns;
  }
}
