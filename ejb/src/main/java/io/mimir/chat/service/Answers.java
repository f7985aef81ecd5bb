package io.mimir.chat.service;

import static java.lang.System.Logger.Level.ERROR;

import io.mimir.chat.Message;
import io.mimir.credential.ModelRef;
import io.mimir.credential.service.KeyLease;
import io.mimir.credential.service.KeyRing;
import io.mimir.credential.service.ProviderProblems;
import io.mimir.credential.service.TriedKeys;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.LlmException;
import io.mimir.llm.Prompt;
import io.mimir.llm.ProtocolFamily;
import io.mimir.llm.Reply;
import io.mimir.llm.service.Exchange;
import io.mimir.llm.service.LlmClients;
import io.mimir.usage.CallSource;
import io.mimir.usage.CallUsage;
import io.mimir.usage.service.UsageMeter;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.ejb.EJB;
import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
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

  @Inject KeyRing ring;
  @Inject LlmClients clients;
  @Inject UsageMeter meter;
  @EJB Transcript transcript;
  @Resource ManagedExecutorService managed;

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
      String accountId,
      String conversationId,
      ModelRef model,
      Question question,
      Consumer<String> onText) {
    Running mine = new Running(accountId, conversationId, onText);
    if (running.putIfAbsent(conversationId, mine) != null) {
      throw new ProblemException(
          Problem.IN_USE,
          "This conversation is answering another message: wait for the answer, or stop it");
    }
    try {
      Transcript.Said said = transcript.ask(accountId, conversationId, question.message());
      mine.question = said.question();
      KeyLease lease = ring.lend(model, new TriedKeys().stableOnly(), 0, 0);
      mine.lease = lease;
      try {
        Prompt prompt =
            new Prompt(
                lease.model(),
                said.conversation().getSystemPrompt(),
                said.dialogue().turns(),
                lease.endpoint().provider().family() == ProtocolFamily.ANTHROPIC
                    ? lease.maxTokens()
                    : null);
        mine.exchange =
            clients.ask(
                lease.endpoint(),
                lease.secret(),
                prompt,
                lease.timeout(),
                question.streamed(),
                mine::heard);
        lease.secret().close();
      } catch (RuntimeException e) {
        lease.close();
        throw e;
      }
      mine.exchange.reply().whenComplete(mine::replied);
      return mine;
    } catch (RuntimeException e) {
      running.remove(conversationId, mine);
      throw e;
    }
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

    private final String accountId;
    private final String conversationId;
    private final long begunAt = System.nanoTime();
    private final Consumer<String> onText;
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();
    private boolean over;
    private Message question;
    private KeyLease lease;
    private Exchange exchange;

    Running(String accountId, String conversationId, Consumer<String> onText) {
      this.accountId = accountId;
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
        exchange.cancel();
        store(() -> stopped(nothingSaid));
      }
    }

    /** What is to be written, and then either an answer or a problem. */
    private interface Ending {
      Answer write();
    }

    private void store(Ending ending) {
      try {
        executor().execute(() -> conclude(ending));
      } catch (RejectedExecutionException e) {
        conclude(
            () -> {
              throw stopping();
            });
      }
    }

    private void conclude(Ending ending) {
      lease.close();
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
      lease.accepted();
      count(false, reply.usage());
      return keep(reply.text(), reply.model(), reply.usage());
    }

    private Answer keep(String said, String model, Reply.Usage usage) {
      Message.Source source =
          new Message.Source(lease.endpoint().provider(), model, lease.keyName(), usage);
      return new Answer(
          conversationId, question, transcript.answer(question, said, lease.model(), source));
    }

    /** What was seen so far stays, though it is not whole. */
    private Answer failed(Throwable failure) {
      Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
      if (!(cause instanceof LlmException known)) {
        LOG.log(ERROR, "A provider client failed in a way that it should not", nameless(cause));
        throw new ProblemException(
            Problem.UNEXPECTED, "Something unexpected happened; the server's log says what");
      }
      lease.failed(known, System.identityHashCode(this));
      count(true, Reply.Usage.UNKNOWN);
      if (!text.isEmpty()) {
        keep(text.toString(), lease.model(), Reply.Usage.UNKNOWN);
      }
      throw ProviderProblems.of(lease, known);
    }

    /** Where it happened, without a message that might hold what the provider sent. */
    private static Throwable nameless(Throwable cause) {
      IllegalStateException where = new IllegalStateException(cause.getClass().getName());
      where.setStackTrace(cause.getStackTrace());
      return where;
    }

    private Answer stopped(RuntimeException nothingSaid) {
      if (text.isEmpty()) {
        throw nothingSaid;
      }
      lease.accepted();
      count(false, Reply.Usage.UNKNOWN);
      return keep(text.toString(), lease.model(), Reply.Usage.UNKNOWN);
    }

    private void count(boolean error, Reply.Usage usage) {
      meter.count(
          CallUsage.of(
                  CallSource.of(accountId, null),
                  lease.keyId(),
                  lease.model(),
                  error,
                  (System.nanoTime() - begunAt) / 1_000_000)
              .withTokens(
                  usage.inputTokens() == null ? -1 : usage.inputTokens(),
                  usage.outputTokens() == null ? -1 : usage.outputTokens()));
    }
  }
}
