package io.mimir.gateway.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.id.Ids;
import io.mimir.llm.WireProtocol;
import io.mimir.llm.service.protocol.Translation;
import io.mimir.llm.service.protocol.UpstreamOptions;
import io.mimir.security.service.Identity;
import io.mimir.upstream.service.CallFailure;
import io.mimir.upstream.service.ModelSource;
import io.mimir.upstream.service.ModelSources;
import io.mimir.upstream.service.ResponseTarget;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Answers of models that no provider makes, in the client's protocol: they are written as an answer
 * of OpenAI's chat completions, and translated like one.
 */
@ApplicationScoped
public class SourcedModels {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What Anthropic's clients always say, and nobody here counts. */
  private static final int MAX_TOKENS = 4096;

  @Inject ModelSources sources;

  /** Finds who answers for a model; empty when a provider does. */
  public Optional<ModelSource> of(String model) {
    return sources.of(model);
  }

  /** Lists what somebody may ask of them. */
  List<ListedModel> models(Identity caller) {
    return sources.models(caller).stream()
        .map(id -> new ListedModel(id, id, id.substring(0, id.indexOf('/'))))
        .toList();
  }

  /**
   * Begins a call. Returns at once; the target is told how it goes.
   *
   * @throws ProblemException REFUSED where the client's protocol asks no model for words
   */
  public void begin(ModelSource source, GatewayRequest request, ResponseTarget target) {
    WireProtocol client = request.operation().protocol();
    Translation translation = null;
    byte[] chat = request.body();
    switch (client) {
      case OPENAI_CHAT -> {
        // It is in that form already.
      }
      case OPENAI_RESPONSES, ANTHROPIC_MESSAGES, OLLAMA_CHAT, OLLAMA_GENERATE -> {
        translation = Translation.between(client, WireProtocol.OPENAI_CHAT);
        chat = translation.request(chat, new UpstreamOptions(request.model(), MAX_TOKENS, true));
      }
      default ->
          throw new ProblemException(
              Problem.REFUSED,
              "%s answers in words only: ask it in a chat".formatted(request.model()));
    }
    JsonNode asked = parsed(chat);
    boolean usageAsked =
        translation != null || asked.at("/stream_options/include_usage").asBoolean();
    Answer answer = new Answer(request, translation, usageAsked, target);
    Runnable cancel =
        source.ask(
            new ModelSource.Question(
                request.model(), asked, request.wantsStream(), request.caller()),
            answer);
    target.follow(new Leaving(cancel));
  }

  private static JsonNode parsed(byte[] chat) {
    try {
      return JSON.readTree(chat);
    } catch (IOException e) {
      throw new ProblemException(Problem.MALFORMED, "The body is no JSON");
    }
  }

  /** There is nothing to slow down: what is said is a few words at a time. */
  private record Leaving(Runnable cancelled) implements ResponseTarget.CallControl {

    @Override
    public void cancel() {
      cancelled.run();
    }

    @Override
    public void pause() {
      // The run goes on, and its words are few.
    }

    @Override
    public void resume() {
      // Nothing was paused.
    }
  }

  /** One answer on its way. */
  private static final class Answer implements ModelSource.Listener {

    private final GatewayRequest request;
    private final Translation translation;
    private final boolean usageAsked;
    private final ResponseTarget target;
    private final String id = Ids.random("chatcmpl-");
    private final long created = Instant.now().getEpochSecond();
    private boolean open;

    Answer(
        GatewayRequest request,
        Translation translation,
        boolean usageAsked,
        ResponseTarget target) {
      this.request = request;
      this.translation = translation;
      this.usageAsked = usageAsked;
      this.target = target;
    }

    @Override
    public synchronized void said(String piece) {
      chunk(delta(piece), null);
    }

    private static ObjectNode delta(String piece) {
      return JSON.createObjectNode().put("role", "assistant").put("content", piece);
    }

    @Override
    public synchronized void ended(String rest, long inputTokens, long outputTokens) {
      ObjectNode usage =
          JSON.createObjectNode()
              .put("prompt_tokens", inputTokens)
              .put("completion_tokens", outputTokens)
              .put("total_tokens", inputTokens + outputTokens);
      if (!request.wantsStream()) {
        whole(rest, usage);
        return;
      }
      if (!rest.isEmpty()) {
        chunk(delta(rest), null);
      }
      chunk(JSON.createObjectNode(), "stop");
      if (usageAsked) {
        usage(usage);
      }
      event("[DONE]");
      if (translation != null) {
        try {
          write(translation.end());
        } catch (IOException e) {
          throw new IllegalStateException("An answer of ours does not end as it should", e);
        }
      }
      target.close();
    }

    private void whole(String text, ObjectNode usage) {
      ObjectNode body = head("chat.completion");
      ObjectNode choice = body.putArray("choices").addObject().put("index", 0);
      choice.putObject("message").put("role", "assistant").put("content", text);
      choice.put("finish_reason", "stop");
      body.set("usage", usage);
      byte[] bytes = bytes(body);
      try {
        target.answer(
            200,
            "application/json",
            Map.of(),
            translation == null ? bytes : translation.answer(bytes));
      } catch (IOException e) {
        throw new IllegalStateException("An answer of ours is not as it should be", e);
      }
    }

    private ObjectNode head(String object) {
      return JSON.createObjectNode()
          .put("id", id)
          .put("object", object)
          .put("created", created)
          .put("model", request.model());
    }

    private void chunk(ObjectNode delta, String finish) {
      ObjectNode body = head("chat.completion.chunk");
      ObjectNode choice = body.putArray("choices").addObject().put("index", 0);
      choice.set("delta", delta);
      choice.put("finish_reason", finish);
      event(new String(bytes(body), StandardCharsets.UTF_8));
    }

    /** In a chunk of its own without choices, as OpenAI sends it to those who ask for it. */
    private void usage(ObjectNode usage) {
      ObjectNode body = head("chat.completion.chunk");
      body.putArray("choices");
      body.set("usage", usage);
      event(new String(bytes(body), StandardCharsets.UTF_8));
    }

    private void event(String data) {
      try {
        write(
            translation == null
                ? ("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8)
                : translation.event(null, data));
      } catch (IOException e) {
        throw new IllegalStateException("An event of ours is not as it should be", e);
      }
    }

    private void write(byte[] bytes) {
      if (!open) {
        open = true;
        String type = translation == null ? "text/event-stream" : translation.streamType();
        target.open(200, type, Map.of());
      }
      if (bytes.length > 0) {
        target.write(ByteBuffer.wrap(bytes));
      }
    }

    private static byte[] bytes(ObjectNode body) {
      try {
        return JSON.writeValueAsBytes(body);
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("A tree of JSON cannot be written", e);
      }
    }

    @Override
    public synchronized void failed(ProblemException why) {
      target.fail(CallFailure.of(why));
    }
  }
}
