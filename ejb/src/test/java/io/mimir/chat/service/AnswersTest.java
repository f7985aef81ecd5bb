package io.mimir.chat.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.mimir.chat.Conversation;
import io.mimir.chat.Message;
import io.mimir.credential.ModelRef;
import io.mimir.credential.service.TokenLimits;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Prompt.Turn;
import io.mimir.llm.Provider;
import io.mimir.llm.Reply;
import io.mimir.security.service.Identity;
import io.mimir.upstream.service.ModelCallsDouble;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

class AnswersTest {

  private static final Identity CALLER =
      new Identity("usr_1", "ann", Set.of(), List.of("user"), Instant.EPOCH, null, List.of(), null);

  private static final ModelRef LLAMA = new ModelRef(Provider.OLLAMA, "llama3");

  private final Conversation conversation =
      new Conversation("usr_1", new Conversation.Wish(null, "Be brief", null, null), Instant.now());
  private final ModelCallsDouble clients = new ModelCallsDouble();
  private final TranscriptDouble transcript = new TranscriptDouble(conversation);
  private final List<String> heard = new ArrayList<>();
  private final Answers answers =
      new Answers() {
        @Override
        Executor executor() {
          return Runnable::run;
        }
      };

  {
    answers.calls = clients;
    answers.limits = new TokenLimits();
    answers.sources = new NoSources();
    answers.transcript = transcript;
  }

  private Answering ask(String text, boolean streamed) {
    return answers.begin(
        CALLER, conversation.getId(), LLAMA, new Question(text, null, null, streamed), heard::add);
  }

  private static Throwable failureOf(Answering answering) {
    Throwable thrown = catchThrowable(() -> answering.answer().toCompletableFuture().join());
    return thrown instanceof CompletionException ? thrown.getCause() : thrown;
  }

  private static Answer answerOf(Answering answering) {
    return answering.answer().toCompletableFuture().join();
  }

  @Test
  void storesTheAnswerWithWhoGaveIt() {
    Answering answering = ask("Hi", false);

    clients.reply("Hello", "llama3:8b", new Reply.Usage(3L, 5L));

    Message reply = answerOf(answering).reply();
    assertThat(transcript.said()).containsExactly("user: Hi", "assistant: Hello");
    assertThat(reply.getModel()).isEqualTo("llama3:8b");
    assertThat(reply.getProvider()).isEqualTo(Provider.OLLAMA);
    assertThat(reply.getKeyName()).isEqualTo("local");
    assertThat(reply.getUsage()).isEqualTo(new Reply.Usage(3L, 5L));
  }

  @Test
  void sendsTheSystemPromptAndAllThatWasSaid() {
    ask("Hi", false);
    clients.reply("Hello", "llama3", Reply.Usage.UNKNOWN);
    ask("Bye", false);

    assertThat(clients.question.prompt().system()).isEqualTo("Be brief");
    assertThat(clients.question.model().name()).isEqualTo("llama3");
    assertThat(clients.question.prompt().turns())
        .extracting(Turn::text)
        .containsExactly("Hi", "Hello", "Bye");
  }

  @Test
  void keepsTheQuestionWhenTheProviderFails() {
    Answering answering = ask("Hi", false);

    clients.fail(new ProblemException(Problem.PROVIDER_ERROR, "no"));

    assertThat(failureOf(answering))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem()).isEqualTo(Problem.PROVIDER_ERROR));
    assertThat(transcript.said()).containsExactly("user: Hi");
  }

  @Test
  void takesTheSameQuestionAgainAsAnotherTry() {
    ask("Hi", false);
    clients.fail(new ProblemException(Problem.PROVIDER_ERROR, "no"));
    Answering again = ask("Hi", false);
    clients.reply("Hello", "llama3", Reply.Usage.UNKNOWN);

    answerOf(again);

    assertThat(transcript.said()).containsExactly("user: Hi", "assistant: Hello");
  }

  @Test
  void keepsTheQuestionWhenNoKeyIsLeft() {
    clients.refusal = new ProblemException(Problem.NO_USABLE_KEY, "none");

    assertThatThrownBy(() -> ask("Hi", false)).isSameAs(clients.refusal);

    assertThat(transcript.said()).containsExactly("user: Hi");
  }

  @Test
  void isFreeAgainAfterARefusal() {
    clients.refusal = new ProblemException(Problem.NO_USABLE_KEY, "none");
    catchThrowable(() -> ask("Hi", false));
    clients.refusal = null;

    Answering answering = ask("Hi", false);
    clients.reply("Hello", "llama3", Reply.Usage.UNKNOWN);

    assertThat(answerOf(answering).reply().getContent()).isEqualTo("Hello");
  }

  @Test
  void answersOneQuestionAConversationAtATime() {
    ask("Hi", false);

    assertThatThrownBy(() -> ask("Are you there?", false))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem()).isEqualTo(Problem.IN_USE));
    assertThat(transcript.said()).containsExactly("user: Hi");
  }

  @Test
  void isFreeForTheNextQuestionBeforeTheAnswerIsHandedOver() {
    Answering answering = ask("Hi", false);
    List<Answering> next = new ArrayList<>();
    answering.answer().thenAccept(answer -> next.add(ask("And now?", false)));

    clients.reply("Hello", "llama3", Reply.Usage.UNKNOWN);

    assertThat(next).hasSize(1);
  }

  @Test
  void passesTextOnAsItComes() {
    ask("Hi", true);

    clients.text("Hel");
    clients.text("lo");

    assertThat(clients.question.streamed()).isTrue();
    assertThat(heard).containsExactly("Hel", "lo");
  }

  @Test
  void keepsWhatWasSaidWhenItIsStopped() {
    Answering answering = ask("Hi", true);
    clients.text("Hel");

    answering.cancel();

    assertThat(clients.cancelled).isTrue();
    assertThat(answerOf(answering).reply().getContent()).isEqualTo("Hel");
    assertThat(transcript.said()).containsExactly("user: Hi", "assistant: Hel");
  }

  @Test
  void keepsNothingWhenItIsStoppedBeforeAWordWasSaid() {
    Answering answering = ask("Hi", true);

    answering.cancel();

    assertThat(clients.cancelled).isTrue();
    assertThat(failureOf(answering)).isInstanceOf(CancellationException.class);
    assertThat(transcript.said()).containsExactly("user: Hi");
  }

  @Test
  void passesNothingOnAfterItWasStopped() {
    Answering answering = ask("Hi", true);
    clients.text("Hel");
    answering.cancel();

    clients.text("lo");
    clients.fail(new ProblemException(Problem.PROVIDER_ERROR, "no"));

    assertThat(heard).containsExactly("Hel");
    assertThat(transcript.said()).containsExactly("user: Hi", "assistant: Hel");
  }

  @Test
  void doesNothingWhenItIsStoppedAfterTheEnd() {
    Answering answering = ask("Hi", true);
    clients.reply("Hello", "llama3", Reply.Usage.UNKNOWN);

    answering.cancel();

    assertThat(clients.cancelled).isFalse();
    assertThat(transcript.said()).containsExactly("user: Hi", "assistant: Hello");
  }

  @Test
  void keepsWhatWasSeenWhenTheProviderFailsHalfway() {
    Answering answering = ask("Hi", true);
    clients.text("Hel");

    clients.fail(new ProblemException(Problem.PROVIDER_TIMEOUT, "no"));

    assertThat(failureOf(answering))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.problem()).isEqualTo(Problem.PROVIDER_TIMEOUT));
    assertThat(transcript.said()).containsExactly("user: Hi", "assistant: Hel");
  }

  @Test
  void doesNotShowWhatItDoesNotUnderstand() {
    Answering answering = ask("Hi", false);

    clients.failWith(new IllegalStateException("sk-canary"));

    assertThat(failureOf(answering))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem()).isEqualTo(Problem.UNEXPECTED))
        .hasMessageNotContaining("canary");
  }

  @Test
  void stopsEveryAnswerWhenTheServerStops() {
    ask("Hi", true);

    answers.stop();

    assertThat(clients.cancelled).isTrue();
  }

  @Test
  void stopsTheAnswerOfAConversationThatIsDeleted() {
    ask("Hi", true);

    answers.cancel("conv_other");
    assertThat(clients.cancelled).isFalse();
    answers.cancel(conversation.getId());

    assertThat(clients.cancelled).isTrue();
  }
}
