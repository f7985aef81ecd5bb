package io.mimir.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Prompt.Speaker;
import io.mimir.llm.Prompt.Turn;
import io.mimir.llm.Provider;
import io.mimir.llm.Reply.Usage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DialogueTest {

  private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

  private static Message asked(int position, String text) {
    return Message.ofUser("conv_1", position, text, NOW);
  }

  private static Message answered(int position, String text) {
    Message.Source source = new Message.Source(Provider.OLLAMA, "llama3", "local", Usage.UNKNOWN);
    return Message.ofAssistant("conv_1", position, text, source, NOW);
  }

  private static Dialogue dialogue(Message... messages) {
    return new Dialogue(List.of(messages));
  }

  @Test
  void tellsAModelWhatWasSaidInOrder() {
    Dialogue dialogue = dialogue(asked(1, "Hi"), answered(2, "Hello"), asked(3, "Bye"));

    assertThat(dialogue.turns())
        .containsExactly(
            new Turn(Speaker.USER, "Hi"),
            new Turn(Speaker.ASSISTANT, "Hello"),
            new Turn(Speaker.USER, "Bye"));
  }

  @Test
  void joinsQuestionsThatGotNoAnswer() {
    Dialogue dialogue = dialogue(asked(1, "Here is a list"), asked(2, "Sort it"));

    assertThat(dialogue.turns())
        .containsExactly(new Turn(Speaker.USER, "Here is a list\n\nSort it"));
  }

  @Test
  void leavesEmptyAnswersOut() {
    Dialogue dialogue = dialogue(asked(1, "Hi"), answered(2, ""), asked(3, "Are you there?"));

    assertThat(dialogue.turns()).containsExactly(new Turn(Speaker.USER, "Hi\n\nAre you there?"));
  }

  @Test
  void knowsAnotherTryOfAQuestionThatNobodyAnswered() {
    Message question = asked(1, "Hi");

    assertThat(dialogue(question).unansweredLike("Hi")).contains(question);
    assertThat(dialogue(question).unansweredLike("Hello")).isEmpty();
    assertThat(dialogue(question, answered(2, "Hello")).unansweredLike("Hi")).isEmpty();
    assertThat(dialogue().unansweredLike("Hi")).isEmpty();
  }

  @Test
  void goesOnAfterTheLastMessage() {
    assertThat(dialogue().nextPosition()).isEqualTo(1);
    assertThat(dialogue(asked(1, "Hi"), answered(4, "Hello")).nextPosition()).isEqualTo(5);
  }

  @Test
  void isFullAfterTwoThousandMessages() {
    List<Message> many = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      many.add(i % 2 == 0 ? asked(i, "Hi") : answered(i, "Hello"));
    }

    assertThatThrownBy(() -> new Dialogue(many).with(asked(2_000, "One more")))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem()).isEqualTo(Problem.REFUSED))
        .hasMessageContaining("start a new one");
    assertThat(new Dialogue(many.subList(1, 2_000)).with(asked(2_000, "One more")).messages())
        .hasSize(2_000);
  }

  @Test
  void isFullAfterFourMillionCharacters() {
    Dialogue dialogue = dialogue(asked(1, "Hi"), answered(2, "x".repeat(3_999_990)));

    assertThat(dialogue.with(asked(3, "12345678")).messages()).hasSize(3);
    assertThatThrownBy(() -> dialogue.with(asked(3, "123456789")))
        .isInstanceOf(ProblemException.class);
  }
}
