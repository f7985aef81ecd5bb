package io.mimir.upstream.service;

import io.mimir.credential.service.KeyLease;
import io.mimir.error.ProblemException;
import io.mimir.llm.Prompt;
import io.mimir.llm.ProtocolFamily;
import io.mimir.llm.Provider;
import io.mimir.llm.ProviderOperation;
import io.mimir.llm.Reply;
import io.mimir.llm.StopReason;
import io.mimir.llm.TokenUsage;
import io.mimir.llm.ToolCall;
import io.mimir.llm.WireProtocol;
import io.mimir.llm.service.protocol.ChatListener;
import io.mimir.llm.service.protocol.ChatRequest;
import io.mimir.llm.service.protocol.Translation;
import io.mimir.llm.service.protocol.UpstreamOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A call of a model from within the server, on its way. */
public final class ModelCall implements CallPlan, ResponseTarget, ChatListener {

  private static final String JSON = "application/json";

  private final ModelCalls.Question question;
  private final Consumer<String> onText;
  private final CompletableFuture<Reply> reply = new CompletableFuture<>();
  private final StringBuilder text = new StringBuilder();
  private final List<ToolCall> calls = new ArrayList<>();
  private volatile CallControl control;
  volatile Source source;
  private String model;
  private TokenUsage usage = TokenUsage.UNKNOWN;

  /**
   * What the answer comes from.
   *
   * @param model the provider's own id of the model that was asked for
   */
  public record Source(Provider provider, String keyName, String model) {}

  ModelCall(ModelCalls.Question question, Consumer<String> onText) {
    this.question = question;
    this.onText = onText;
  }

  /** The answer; fails with a {@link ProblemException} and nothing else. */
  public CompletableFuture<Reply> reply() {
    return reply;
  }

  /** What was asked last; known once the call has begun. */
  public Source source() {
    return source;
  }

  /** Ends the call to the provider at once. The reply is never completed then. */
  public void cancel() {
    CallControl begun = control;
    if (begun != null) {
      begun.cancel();
    }
  }

  @Override
  public UpstreamRequest requestFor(KeyLease lease) {
    return request(lease, true);
  }

  @Override
  public UpstreamRequest otherwise(KeyLease lease, UpstreamRequest refused, int status) {
    boolean mayNotKnow =
        refused.usageAsked()
            && (status == 400 || status == 422)
            && !lease.endpoint().provider().equals(Provider.OPENAI);
    return mayNotKnow ? request(lease, false) : null;
  }

  private UpstreamRequest request(KeyLease lease, boolean withUsage) {
    Provider provider = lease.endpoint().provider();
    source = new Source(provider, lease.keyName(), lease.model());
    model = lease.model();
    WireProtocol protocol = protocolOf(provider.family());
    Translation translation = Translation.inProcess(chatRequest(), protocol, this);
    byte[] body =
        translation.request(
            null,
            new UpstreamOptions(lease.model(), lease.maxTokens(), withUsage)
                .at(provider.wire(), lease.endpoint().url().origin()));
    boolean asked = withUsage && question.streamed() && protocol == WireProtocol.OPENAI_CHAT;
    String accept = question.streamed() ? "text/event-stream, application/x-ndjson" : JSON;
    return new UpstreamRequest(
        "POST",
        path(lease, protocol),
        Map.of("Content-Type", JSON, "Accept", accept),
        body,
        protocol,
        translation,
        asked);
  }

  private static WireProtocol protocolOf(ProtocolFamily family) {
    return switch (family) {
      case ANTHROPIC -> WireProtocol.ANTHROPIC_MESSAGES;
      case OLLAMA -> WireProtocol.OLLAMA_CHAT;
      case OPENAI -> WireProtocol.OPENAI_CHAT;
    };
  }

  private static String path(KeyLease lease, WireProtocol protocol) {
    ProviderOperation operation =
        switch (protocol) {
          case ANTHROPIC_MESSAGES -> ProviderOperation.MESSAGES;
          case OLLAMA_CHAT -> ProviderOperation.OLLAMA_CHAT;
          default -> ProviderOperation.CHAT_COMPLETIONS;
        };
    return lease.adapter().path(operation, lease.model());
  }

  private ChatRequest chatRequest() {
    Prompt prompt = question.prompt();
    ChatRequest.Conversation conversation =
        ChatRequest.conversation().system(prompt.system()).maxTokens(prompt.maxTokens());
    for (Prompt.Turn turn : prompt.turns()) {
      switch (turn.speaker()) {
        case USER -> conversation.user(turn.text());
        case ASSISTANT -> conversation.assistant(turn.text(), turn.calls());
        case TOOL -> conversation.toolResult(turn.callId(), turn.text());
      }
    }
    for (Prompt.Tool tool : prompt.tools()) {
      conversation.tool(tool.name(), tool.description(), tool.schema());
    }
    return conversation.answer(prompt.answerSchema()).streamed(question.streamed()).build();
  }

  @Override
  public void started(String named) {
    model = named;
  }

  @Override
  public void text(String piece) {
    text.append(piece);
    if (question.streamed()) {
      onText.accept(piece);
    }
  }

  @Override
  public void toolCall(String id, String name, String arguments) {
    calls.add(new ToolCall(id, name, arguments));
  }

  @Override
  public void ended(StopReason reason, TokenUsage told) {
    usage = told;
  }

  @Override
  public boolean hasBegun() {
    return !text.isEmpty() || !calls.isEmpty();
  }

  @Override
  public void follow(CallControl call) {
    control = call;
  }

  @Override
  public void open(int status, String type, Map<String, String> headers) {
    // The listener has the text.
  }

  @Override
  public void write(ByteBuffer piece) {
    // The listener has the text.
  }

  @Override
  public void answer(int status, String type, Map<String, String> headers, byte[] body) {
    close();
  }

  @Override
  public void close() {
    reply.complete(
        new Reply(
            text.toString(),
            model,
            new Reply.Usage(known(usage.input()), known(usage.output())),
            calls));
  }

  private static Long known(long count) {
    return count < 0 ? null : Long.valueOf(count);
  }

  @Override
  public void fail(CallFailure failure) {
    reply.completeExceptionally(failure.problem());
  }

  @Override
  public void cut() {
    throw new IllegalStateException("An answer within the server has a word for every failure");
  }
}
