package io.mimir.chat.service;

import static java.lang.System.Logger.Level.ERROR;

import io.mimir.chat.Message;
import io.mimir.credential.ModelRef;
import io.mimir.credential.service.TokenLimits;
import io.mimir.error.Faults;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.id.CurrentRequest;
import io.mimir.llm.Prompt;
import io.mimir.llm.Reply;
import io.mimir.security.service.Identity;
import io.mimir.upstream.service.ModelCalls;
import io.mimir.upstream.service.ModelSource;
import io.mimir.upstream.service.ModelSources;
import io.mimir.usage.CallSource;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * The questions that are being answered at the moment, one a conversation. No transaction and no
 * thread waits for a provider: what it says comes on a thread of the client, and is stored on one
 * of the server's.
 */
@ApplicationScoped
public class Answers {

  private static final System.Logger LOG = System.getLogger(Answers.class.getName());

  @Inject ModelCalls calls;
  @Inject TokenLimits limits;
  @Inject ModelSources sources;
  @Inject Transcript transcript;
  @Resource ManagedExecutorService managed;

  /** A person who waits for an answer gives up earlier than a program. */
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  private final Map<String, Running> running = new ConcurrentHashMap<>();

  /**
   * Stores the question, so that it is not lost when the provider fails, and asks.
   *
   * @param onText gets the text piece by piece when the question wants it so; called on a thread
   *     that must not be blocked
   * @throws ProblemException IN_USE when the conversation is answering another question, NOT_FOUND,
   *     RATE_LIMITED, NO_USABLE_KEY
   */
  Answering begin(
      Identity caller,
      String conversationId,
      ModelRef model,
      Question question,
      Consumer<String> onText) {
    Running mine = new Running(conversationId, onText);
    if (running.putIfAbsent(conversationId, mine) != null) {
      throw new ProblemException(
          Problem.IN_USE,
          "This conversation is answering another message: wait for the answer, or stop it");
    }
    try {
      Transcript.Said said = transcript.ask(caller.accountId(), conversationId, question.message());
      mine.question = said.question();
      mine.call = ask(caller, model, question, said, mine::heard);
      mine.call.reply().whenComplete(mine::replied);
      return mine;
    } catch (RuntimeException e) {
      running.remove(conversationId, mine);
      throw e;
    }
  }

  private Asked ask(
      Identity caller,
      ModelRef model,
      Question question,
      Transcript.Said said,
      Consumer<String> onText) {
    Prompt prompt =
        new Prompt(
            model.name(), said.conversation().getSystemPrompt(), said.dialogue().turns(), null);
    Optional<ModelSource> source =
        model.provider() == null ? sources.of(model.name()) : Optional.empty();
    if (source.isPresent()) {
      return SourcedCall.begin(source.get(), prompt, question.streamed(), caller, onText);
    }
    return Asked.of(
        calls.ask(
            new ModelCalls.Question(
                model,
                prompt,
                CallSource.of(caller.accountId(), caller.tokenId()),
                said.conversation().getId().hashCode() | 1L,
                provider -> limits.allows(caller, provider, model.name()),
                PATIENCE,
                question.streamed()),
            onText));
  }

  /** Ends the answer to a conversation that is going away. */
  void cancel(String conversationId) {
    Running mine = running.get(conversationId);
    if (mine != null) {
      mine.stop(ProblemException.notFound("conversation"));
    }
  }

  /** Where answers are stored. */
  Executor executor() {
    return managed;
  }

  @PreDestroy
  void stop() {
    List.copyOf(running.values()).forEach(one -> one.stop(stopping()));
  }

  private static ProblemException stopping() {
    return new ProblemException(Problem.UNEXPECTED, "The server is stopping: try again soon");
  }

  /** One question on its way. */
  private final class Running implements Answering {

    private final String conversationId;
    private final Consumer<String> onText;
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();
    private boolean over;
    private Message question;
    private Asked call;

    Running(String conversationId, Consumer<String> onText) {
      this.conversationId = conversationId;
      this.onText = onText;
    }

    @Override
    public CompletionStage<Answer> answer() {
      return answer;
    }

    private void heard(String piece) {
      synchronized (this) {
        if (over) {
          return;
        }
        text.append(piece);
      }
      onText.accept(piece);
    }

    private synchronized boolean end() {
      boolean first = !over;
      over = true;
      return first;
    }

    private void replied(Reply reply, Throwable failure) {
      if (end()) {
        store(() -> reply != null ? answered(reply) : failed(failure));
      }
    }

    @Override
    public void cancel() {
      stop(new CancellationException("Nothing was said yet"));
    }

    /**
     * @param nothingSaid what the answer fails with when there is nothing to keep
     */
    private void stop(RuntimeException nothingSaid) {
      if (end()) {
        call.cancel();
        store(() -> stopped(nothingSaid));
      }
    }

    /** What is to be written, and then either an answer or a problem. */
    private interface Ending {
      Answer write();
    }

    private void store(Ending ending) {
      try {
        executor().execute(CurrentRequest.carried(() -> conclude(ending)));
      } catch (RejectedExecutionException e) {
        conclude(
            () -> {
              throw stopping();
            });
      }
    }

    private void conclude(Ending ending) {
      Answer stored = null;
      RuntimeException failure = null;
      try {
        stored = ending.write();
      } catch (RuntimeException e) {
        failure = e;
      }
      // The conversation is free before the caller knows, who may go on at once.
      running.remove(conversationId, this);
      if (failure == null) {
        answer.complete(stored);
      } else {
        answer.completeExceptionally(failure);
      }
    }

    private Answer answered(Reply reply) {
      return keep(reply.text(), reply.model(), reply.usage());
    }

    private Answer keep(String said, String model, Reply.Usage usage) {
      Asked.Source from = call.source();
      Message.Source source = new Message.Source(from.provider(), model, from.keyName(), usage);
      return new Answer(
          conversationId, question, transcript.answer(question, said, from.model(), source));
    }

    /** What was seen so far stays, though it is not whole. */
    private Answer failed(Throwable failure) {
      Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
      if (!(cause instanceof ProblemException known)) {
        LOG.log(
            ERROR, "A call of a model failed in a way that it should not", Faults.nameless(cause));
        throw new ProblemException(
            Problem.UNEXPECTED, "Something unexpected happened; the server's log says what");
      }
      keepWhatWasSaid();
      throw known;
    }

    private Answer keepWhatWasSaid() {
      return text.isEmpty()
          ? null
          : keep(text.toString(), call.source().model(), Reply.Usage.UNKNOWN);
    }

    private Answer stopped(RuntimeException nothingSaid) {
      Answer kept = keepWhatWasSaid();
      if (kept == null) {
        throw nothingSaid;
      }
      return kept;
    }
  }
}
