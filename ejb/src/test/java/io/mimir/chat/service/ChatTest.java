package io.mimir.chat.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.chat.Conversation;
import io.mimir.credential.ModelRef;
import io.mimir.credential.service.ModelCatalog;
import io.mimir.credential.service.TokenLimits;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.security.service.Identity;
import io.mimir.upstream.service.ModelCallsDouble;
import jakarta.persistence.EntityManager;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ChatTest {

  private final Conversation conversation = conversation(null, null);
  private final CatalogDouble catalog = new CatalogDouble();
  private final ModelCallsDouble clients = new ModelCallsDouble();
  private final Chat chat = new Chat();

  {
    use(conversation);
  }

  private static Conversation conversation(Provider provider, String model) {
    return new Conversation(
        "usr_ann", new Conversation.Wish(null, null, provider, model), Instant.now());
  }

  private void use(Conversation known) {
    Answers answers =
        new Answers() {
          @Override
          Executor executor() {
            return Runnable::run;
          }
        };
    answers.calls = clients;
    answers.limits = new TokenLimits();
    answers.sources = new NoSources();
    answers.transcript = new TranscriptDouble(known);
    chat.em = knowing(known);
    chat.transcript = answers.transcript;
    chat.answers = answers;
    chat.catalog = catalog;
    chat.limits = new TokenLimits();
    chat.sources = new NoSources();
  }

  /** An entity manager that can find one conversation, and nothing else. */
  private static EntityManager knowing(Conversation known) {
    return (EntityManager)
        Proxy.newProxyInstance(
            EntityManager.class.getClassLoader(),
            new Class<?>[] {EntityManager.class},
            (proxy, method, args) -> {
              if (!method.getName().equals("find")) {
                throw new UnsupportedOperationException(method.getName());
              }
              return known.getId().equals(args[1]) ? known : null;
            });
  }

  private static Identity ann() {
    return caller("usr_ann", null, List.of(), null);
  }

  private static Identity caller(
      String account, String tokenId, List<String> models, Integer perMinute) {
    return new Identity(
        account,
        account,
        Set.of("user"),
        List.of("user"),
        Instant.EPOCH,
        tokenId,
        models,
        perMinute);
  }

  private static Question question(Provider provider, String model) {
    return new Question("Hi", provider, model, false);
  }

  private void ask(Identity caller, Conversation asked, Question question) {
    chat.ask(caller, asked.getId(), question, text -> {});
  }

  private ModelRef asked() {
    return clients.question.model();
  }

  private static void refuses(ThrowingCallable call, Problem problem) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem()).isEqualTo(problem));
  }

  @Test
  void asksTheModelOfTheQuestionFirst() {
    Conversation own = conversation(Provider.OLLAMA, "llama3");
    use(own);

    ask(ann(), own, question(Provider.OPENAI, "gpt-4"));

    assertThat(asked()).isEqualTo(new ModelRef(Provider.OPENAI, "gpt-4"));
  }

  @Test
  void readsTheProviderOutOfTheModelsName() {
    ask(ann(), conversation, question(null, "anthropic/claude-x"));

    assertThat(asked()).isEqualTo(new ModelRef(Provider.ANTHROPIC, "claude-x"));
  }

  @Test
  void knowsAModelByTheLabelThatPeopleUse() {
    ask(ann(), conversation, question(null, "GPT-4"));

    assertThat(asked().name()).isEqualTo("gpt-4");
  }

  @Test
  void takesALabelForAnIdWhereAKeyOffersIt() {
    catalog.models = List.of(new ModelCatalog.Model("GPT-4", Provider.CUSTOM, "GPT-4", 1));

    ask(ann(), conversation, question(null, "GPT-4"));

    assertThat(asked().name()).isEqualTo("GPT-4");
  }

  @Test
  void asksTheModelOfTheConversationNext() {
    Conversation own = conversation(Provider.OLLAMA, "llama3");
    use(own);

    ask(ann(), own, question(null, " "));

    assertThat(asked()).isEqualTo(new ModelRef(Provider.OLLAMA, "llama3"));
  }

  @Test
  void asksTheDefaultModelOfTheProviderThatIsNamedInstead() {
    Conversation own = conversation(Provider.OLLAMA, "llama3");
    use(own);
    catalog.defaultModel = new ModelRef(Provider.OPENAI, "gpt-4");

    ask(ann(), own, question(Provider.OPENAI, null));

    assertThat(asked()).isEqualTo(new ModelRef(Provider.OPENAI, "gpt-4"));
  }

  @Test
  void asksTheOnlyDefaultModelLast() {
    catalog.defaultModel = new ModelRef(Provider.OLLAMA, "llama3");

    ask(ann(), conversation, question(null, null));

    assertThat(asked()).isEqualTo(new ModelRef(Provider.OLLAMA, "llama3"));
  }

  @Test
  void wantsToKnowTheModelWhenNoneSuggestsItself() {
    refuses(() -> ask(ann(), conversation, question(null, null)), Problem.MISSING_FIELD);
  }

  @Test
  void refusesAModelNameThatIsNone() {
    refuses(() -> ask(ann(), conversation, question(null, "two words")), Problem.REFUSED);
  }

  @Test
  void refusesAnEmptyMessageBeforeAnythingElse() {
    refuses(
        () -> ask(ann(), conversation, new Question(" ", null, "llama3", false)),
        Problem.MISSING_FIELD);
  }

  @Test
  void doesNotKnowAnothersConversation() {
    Identity bob = caller("usr_bob", null, List.of(), null);

    refuses(() -> ask(bob, conversation, question(null, "llama3")), Problem.NOT_FOUND);
    refuses(() -> chat.get(bob, conversation.getId()), Problem.NOT_FOUND);
    refuses(() -> chat.dialogue(bob, conversation.getId()), Problem.NOT_FOUND);
    refuses(() -> chat.delete(bob, conversation.getId()), Problem.NOT_FOUND);
    refuses(
        () ->
            chat.change(bob, conversation.getId(), new Conversation.Wish("mine", null, null, null)),
        Problem.NOT_FOUND);
    refuses(() -> chat.get(ann(), "conv_unknown"), Problem.NOT_FOUND);
  }

  @Test
  void letsATokenAskTheModelsOnItsListOnly() {
    Identity token = caller("usr_ann", "tok_1", List.of("llama3"), null);

    refuses(() -> ask(token, conversation, question(null, "llama2")), Problem.MODEL_NOT_FOUND);
    ask(token, conversation, question(null, "llama3"));

    assertThat(asked().name()).isEqualTo("llama3");
  }

  @Test
  void letsATokenAskAsOftenAsItSays() {
    Identity token = caller("usr_ann", "tok_1", List.of(), 1);

    ask(token, conversation, question(null, "llama3"));
    clients.reply("Hello", "llama3", io.mimir.llm.Reply.Usage.UNKNOWN);

    refuses(() -> ask(token, conversation, question(null, "llama3")), Problem.RATE_LIMITED);
  }

  @Test
  void showsATokenTheModelsOnItsListOnly() {
    catalog.models =
        List.of(
            new ModelCatalog.Model("gpt-4", Provider.OPENAI, "GPT-4", 1),
            new ModelCatalog.Model("llama3", Provider.OLLAMA, "llama3", 2));
    Identity token = caller("usr_ann", "tok_1", List.of("ollama/llama3"), null);

    assertThat(chat.models(token)).extracting(ModelCatalog.Model::id).containsExactly("llama3");
    assertThat(chat.models(ann())).hasSize(2);
  }
}
