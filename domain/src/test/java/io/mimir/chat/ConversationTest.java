package io.mimir.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mimir.chat.Conversation.Wish;
import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ConversationTest {

  private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
  private static final Wish NOTHING = new Wish(null, null, null, null);

  private static Conversation conversation(Wish wish) {
    return new Conversation("usr_1", wish, NOW);
  }

  @Test
  void isNamedAfterTheFirstThingSaid() {
    Conversation conversation = conversation(NOTHING);

    conversation.heard("\n  How do\tI   boil an egg?\nI have a pot.", NOW);
    conversation.heard("And a potato?", NOW);

    assertThat(conversation.getTitle()).isEqualTo("How do I boil an egg?");
  }

  @Test
  void hasATitleBeforeAnythingIsSaid() {
    assertThat(conversation(NOTHING).getTitle()).isEqualTo(Conversation.UNTITLED);
  }

  @Test
  void keepsTheTitleThatItWasGiven() {
    Conversation conversation = conversation(new Wish(" Eggs ", null, null, null));

    conversation.heard("How do I boil an egg?", NOW);

    assertThat(conversation.getTitle()).isEqualTo("Eggs");
  }

  @Test
  void cutsALongTitleBetweenWords() {
    Conversation conversation = conversation(NOTHING);

    conversation.heard("word ".repeat(40), NOW);

    assertThat(conversation.getTitle()).endsWith("word…").hasSizeLessThanOrEqualTo(60);
  }

  @Test
  void neverCutsACharacterInTwo() {
    Conversation conversation = conversation(NOTHING);

    conversation.heard("\uD83D\uDE00".repeat(100), NOW);

    assertThat(conversation.getTitle()).isEqualTo("\uD83D\uDE00".repeat(59) + "…");
  }

  @Test
  void namesEveryFieldThatIsRefused() {
    Wish wish = new Wish("two\nlines", "x".repeat(32 * 1024 + 1), Provider.OPENAI, "no spaces");

    ProblemException refusal =
        catchThrowableOfType(ProblemException.class, () -> conversation(wish));

    assertThat(refusal.problem()).isEqualTo(Problem.REFUSED);
    assertThat(refusal.errors())
        .extracting(FieldError::field)
        .containsExactly("title", "system_prompt", "model_name");
  }

  @Test
  void staysAsItWasWhenAChangeIsRefused() {
    Conversation conversation = conversation(new Wish("Eggs", null, null, null));

    catchThrowableOfType(
        ProblemException.class,
        () -> conversation.change(new Wish("Potatoes", null, null, "a b"), NOW));

    assertThat(conversation.getTitle()).isEqualTo("Eggs");
  }

  @Test
  void removesWhatIsEmptiedAndKeepsWhatIsLeftOut() {
    Conversation conversation =
        conversation(new Wish("Eggs", "Be brief", Provider.OPENAI, "gpt-4"));

    conversation.change(new Wish(null, "", null, ""), NOW);

    assertThat(conversation.getTitle()).isEqualTo("Eggs");
    assertThat(conversation.getSystemPrompt()).isNull();
    assertThat(conversation.getModelName()).isNull();
    assertThat(conversation.getModelProvider()).isNull();
  }

  @Test
  void doesNotPairANewModelWithTheOldProvider() {
    Conversation conversation = conversation(new Wish(null, null, Provider.OPENAI, "gpt-4"));

    conversation.change(new Wish(null, null, null, "llama3"), NOW);

    assertThat(conversation.getModelProvider()).isNull();
    assertThat(conversation.getModelName()).isEqualTo("llama3");
  }

  @Test
  void doesNotPairANewProviderWithTheOldModel() {
    Conversation conversation = conversation(new Wish(null, null, Provider.OPENAI, "gpt-4"));

    conversation.change(new Wish(null, null, Provider.OLLAMA, null), NOW);

    assertThat(conversation.getModelProvider()).isEqualTo(Provider.OLLAMA);
    assertThat(conversation.getModelName()).isNull();
  }

  @Test
  void staysWithTheModelThatAnsweredFirst() {
    Conversation conversation = conversation(NOTHING);

    conversation.answeredBy(Provider.OLLAMA, "llama3", NOW);
    conversation.answeredBy(Provider.OPENAI, "gpt-4", NOW);

    assertThat(conversation.getModelProvider()).isEqualTo(Provider.OLLAMA);
    assertThat(conversation.getModelName()).isEqualTo("llama3");
  }

  @Test
  void movesItsTimeForwardOnly() {
    Conversation conversation = conversation(NOTHING);

    conversation.touch(NOW.plusSeconds(5));
    conversation.touch(NOW.plusSeconds(2));

    assertThat(conversation.getUpdatedAt()).isEqualTo(NOW.plusSeconds(5));
    assertThat(conversation.getCreatedAt()).isEqualTo(NOW);
  }

  @Test
  void belongsToOneAccount() {
    assertThat(conversation(NOTHING).belongsTo("usr_1")).isTrue();
    assertThat(conversation(NOTHING).belongsTo("usr_2")).isFalse();
  }
}
