package io.mimir.chat.service;

import static jakarta.ejb.TransactionAttributeType.NOT_SUPPORTED;
import static jakarta.ejb.TransactionAttributeType.SUPPORTS;

import io.mimir.chat.Conversation;
import io.mimir.chat.Dialogue;
import io.mimir.chat.Message;
import io.mimir.credential.ModelRef;
import io.mimir.credential.service.ModelCatalog;
import io.mimir.credential.service.TokenLimits;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.llm.service.KnownModels;
import io.mimir.security.Role;
import io.mimir.security.service.Identity;
import io.mimir.upstream.service.ModelSources;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ejb.EJB;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import jakarta.persistence.TypedQuery;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Conversations of one account with models. Another's conversation is as unknown as one that does
 * not exist.
 */
@Stateless
@RolesAllowed(Role.USER)
public class Chat {

  private static final String MODEL = "[\\x21-\\x7E]{1,200}";

  @PersistenceContext EntityManager em;
  @EJB Transcript transcript;
  @Inject Answers answers;
  @Inject ModelCatalog catalog;
  @Inject ModelSources sources;
  @Inject TokenLimits limits;

  /** The last conversation of a page, as it was then. */
  public record Cursor(Instant updatedAt, String id) {}

  /**
   * @throws ProblemException REFUSED with every field that is wrong
   */
  public Conversation create(Identity caller, Conversation.Wish wish) {
    Conversation conversation = new Conversation(caller.accountId(), known(wish), Instant.now());
    em.persist(conversation);
    em.flush();
    return conversation;
  }

  /**
   * The one in which something happened last comes first.
   *
   * @param after where the page before ended, or null for the first page
   */
  @TransactionAttribute(SUPPORTS)
  public List<Conversation> list(Identity caller, Cursor after, int limit) {
    TypedQuery<Conversation> query =
        em.createNamedQuery(
            after == null ? Conversation.OF_ACCOUNT : Conversation.OF_ACCOUNT_BEFORE,
            Conversation.class);
    query.setParameter("account", caller.accountId());
    if (after != null) {
      query.setParameter("updated", after.updatedAt()).setParameter("id", after.id());
    }
    return query.setMaxResults(limit).getResultList();
  }

  /**
   * @throws ProblemException NOT_FOUND
   */
  @TransactionAttribute(SUPPORTS)
  public Conversation get(Identity caller, String id) {
    return find(caller, id);
  }

  private Conversation find(Identity caller, String id) {
    Conversation conversation = em.find(Conversation.class, id);
    if (conversation == null || !conversation.belongsTo(caller.accountId())) {
      throw ProblemException.notFound("conversation");
    }
    return conversation;
  }

  /**
   * All that was said in a conversation.
   *
   * @throws ProblemException NOT_FOUND
   */
  @TransactionAttribute(SUPPORTS)
  public Dialogue dialogue(Identity caller, String id) {
    return transcript.dialogue(find(caller, id).getId());
  }

  /**
   * @throws ProblemException NOT_FOUND, or REFUSED with every field that is wrong
   */
  public Conversation change(Identity caller, String id, Conversation.Wish wish) {
    Conversation conversation = find(caller, id);
    conversation.change(known(wish), Instant.now());
    em.flush();
    return conversation;
  }

  /**
   * Deletes a conversation and all that was said in it; an answer on its way is stopped.
   *
   * @throws ProblemException NOT_FOUND
   */
  public void delete(Identity caller, String id) {
    em.remove(find(caller, id));
    em.flush();
    answers.cancel(id);
  }

  /** What this caller can ask; what is no model of a provider, such as a pipeline, comes last. */
  @TransactionAttribute(SUPPORTS)
  public List<ModelCatalog.Model> models(Identity caller) {
    return Stream.concat(
            catalog.models().stream().filter(m -> limits.allows(caller, m.provider(), m.id())),
            sources.models(caller).stream().map(Chat::sourced))
        .toList();
  }

  private static ModelCatalog.Model sourced(String id) {
    return new ModelCatalog.Model(id, null, id.substring(id.indexOf('/') + 1), 0);
  }

  /**
   * Asks a model. Returns as soon as the question is on its way; no transaction is open meanwhile.
   *
   * @param onText gets the text piece by piece when the question wants it so; called on a thread
   *     that must not be blocked, and never after the answer is there
   * @throws ProblemException what is wrong with the message; NOT_FOUND; MODEL_NOT_FOUND; IN_USE
   *     when the conversation is answering another message; RATE_LIMITED; NO_USABLE_KEY
   */
  @TransactionAttribute(NOT_SUPPORTED)
  public Answering ask(Identity caller, String id, Question question, Consumer<String> onText) {
    Message.check(question.message());
    Conversation conversation = find(caller, id);
    limits.take(caller);
    ModelRef wanted = choose(conversation, question);
    if (wanted.provider() == null && sources.of(wanted.name()).isPresent()) {
      return answers.begin(caller, id, wanted, question, onText);
    }
    ModelRef model = catalog.resolve(wanted);
    if (!catalog.isServed(model, p -> limits.allows(caller, p, model.name()))) {
      throw new ProblemException(
          Problem.MODEL_NOT_FOUND,
          "This token may not ask this model: choose one of GET /api/v1/models");
    }
    return answers.begin(caller, id, model, question, onText);
  }

  /**
   * The model of the question, else of the conversation, else the only one that suggests itself.
   */
  private ModelRef choose(Conversation conversation, Question question) {
    if (question.model() != null && !question.model().isBlank()) {
      return named(question.provider(), question.model().strip());
    }
    Provider provider = question.provider();
    if (conversation.getModelName() != null
        && (provider == null || provider == conversation.getModelProvider())) {
      return new ModelRef(conversation.getModelProvider(), conversation.getModelName());
    }
    Provider wanted = provider != null ? provider : conversation.getModelProvider();
    Optional<ModelRef> only = catalog.defaultModel(wanted);
    return only.orElseThrow(
        () ->
            ProblemException.of(
                Problem.MISSING_FIELD,
                "model_name",
                "missing",
                "Say which model to ask: GET /api/v1/models lists them"));
  }

  private ModelRef named(Provider provider, String name) {
    String id = idOf(provider, name);
    if (!id.matches(MODEL)) {
      throw ProblemException.of(
          Problem.REFUSED,
          "model_name",
          "invalid",
          "Use a model id without spaces, up to 200 characters");
    }
    return new ModelRef(provider, id);
  }

  private Conversation.Wish known(Conversation.Wish wish) {
    return wish.modelName() == null
        ? wish
        : new Conversation.Wish(
            wish.title(),
            wish.systemPrompt(),
            wish.modelProvider(),
            idOf(wish.modelProvider(), wish.modelName().strip()));
  }

  /** People know a model by its label; a key may offer a model whose id is another one's label. */
  private String idOf(Provider provider, String name) {
    Optional<String> id =
        provider == null
            ? KnownModels.idOf(name)
            : Optional.of(KnownModels.idOf(provider, name)).filter(known -> !known.equals(name));
    return id.filter(known -> catalog.models().stream().noneMatch(model -> model.id().equals(name)))
        .orElse(name);
  }
}
