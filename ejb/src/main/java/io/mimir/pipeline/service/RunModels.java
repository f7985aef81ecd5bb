package io.mimir.pipeline.service;

import io.mimir.credential.ModelRef;
import io.mimir.credential.service.ModelCatalog;
import io.mimir.credential.service.TokenLimits;
import io.mimir.error.ProblemException;
import io.mimir.llm.Prompt;
import io.mimir.llm.Reply;
import io.mimir.pipeline.service.run.ModelAsks;
import io.mimir.pipeline.service.run.RunControl;
import io.mimir.pipeline.service.run.RunJson;
import io.mimir.pipeline.service.run.StepFailure;
import io.mimir.security.service.Identity;
import io.mimir.upstream.service.ModelCall;
import io.mimir.upstream.service.ModelCalls;
import io.mimir.usage.CallSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks models for runs by the one engine, with the rights of whoever a run works for. */
@ApplicationScoped
public class RunModels implements ModelAsks {

  @Inject ModelCalls calls;
  @Inject ModelCatalog catalog;
  @Inject TokenLimits limits;
  @Inject RunRights rights;

  @Override
  public Answer ask(Question question, RunControl control) throws StepFailure {
    Identity who = rights.of(question.run());
    if (question.model().startsWith("pipeline/")) {
      throw StepFailure.lasting(
          "bad_model",
          "A model step asks models: use a step with pipeline to run another pipeline");
    }
    ModelCall call;
    try {
      ModelRef model = catalog.resolve(ModelRef.of(null, question.model()));
      limits.take(who);
      if (!catalog.isServed(model, p -> limits.allows(who, p, model.name()))) {
        throw StepFailure.lasting(
            "forbidden", "The access token of this run may not ask the model " + question.model());
      }
      call =
          calls.ask(
              new ModelCalls.Question(
                  model,
                  prompt(question, model),
                  CallSource.of(who.accountId(), who.tokenId())
                      .withPipeline(question.run().pipelineId()),
                  question.run().id().hashCode() | 1L,
                  provider -> limits.allows(who, provider, model.name()),
                  question.patience(),
                  question.onText() != null),
              piece -> {
                if (question.onText() != null) {
                  question.onText().accept(piece);
                }
              });
    } catch (ProblemException e) {
      throw failure(e);
    }
    return answer(call, question.patience(), control);
  }

  private static Prompt prompt(Question question, ModelRef model) {
    String schema = question.answer() == null ? null : RunJson.text(question.answer());
    return new Prompt(
        model.name(),
        system(question.system(), schema),
        question.turns(),
        question.maxTokens(),
        question.tools(),
        schema);
  }

  /** Not every provider can be held to a schema: so the model is told of it as well. */
  private static String system(String said, String schema) {
    if (schema == null) {
      return said;
    }
    String form = "Answer with one JSON object and nothing else. It has to fit this JSON Schema: ";
    return (said == null ? "" : said + "\n\n") + form + schema;
  }

  private static Answer answer(ModelCall call, Duration patience, RunControl control)
      throws StepFailure {
    CompletableFuture<Reply> ended = new CompletableFuture<>();
    call.reply()
        .whenComplete(
            (reply, failure) -> {
              if (failure == null) {
                ended.complete(reply);
              } else {
                ended.completeExceptionally(failure);
              }
            });
    Runnable cancel =
        () -> {
          call.cancel();
          ended.completeExceptionally(new CancellationException("The run ends"));
        };
    control.onEnd(cancel);
    try {
      Reply reply = ended.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      return answer(reply, call);
    } catch (TimeoutException e) {
      call.cancel();
      throw StepFailure.passing("timeout", "The model did not answer in time");
    } catch (InterruptedException e) {
      call.cancel();
      Thread.currentThread().interrupt();
      control.end(RunControl.End.STOPPED);
      throw StepFailure.passing("cancelled", "The call was cancelled");
    } catch (CancellationException e) {
      throw StepFailure.passing("cancelled", "The call was cancelled");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ProblemException problem) {
        throw failure(problem);
      }
      if (e.getCause() instanceof CancellationException) {
        throw StepFailure.passing("cancelled", "The call was cancelled");
      }
      throw new IllegalStateException("A call of a model failed in a way that it should not", e);
    } finally {
      control.forget(cancel);
    }
  }

  private static Answer answer(Reply reply, ModelCall call) {
    return new Answer(
        reply.text(),
        reply.calls(),
        reply.model(),
        call.source().provider().wire(),
        tokens(reply.usage().inputTokens()),
        tokens(reply.usage().outputTokens()));
  }

  private static long tokens(Long count) {
    return count == null ? 0 : count;
  }

  private static StepFailure failure(ProblemException e) {
    return switch (e.problem()) {
      case RATE_LIMITED,
          NO_USABLE_KEY,
          PROVIDER_ERROR,
          PROVIDER_TIMEOUT,
          OVERLOADED,
          DRAINING,
          STORAGE_UNAVAILABLE ->
          StepFailure.passing(e.problem().code(), e.getMessage());
      default -> StepFailure.lasting(e.problem().code(), e.getMessage());
    };
  }
}
