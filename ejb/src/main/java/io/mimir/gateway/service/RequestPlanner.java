package io.mimir.gateway.service;

import io.mimir.credential.service.KeyLease;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.ProtocolFamily;
import io.mimir.llm.Provider;
import io.mimir.llm.ProviderDescriptor.Quirk;
import io.mimir.llm.ProviderOperation;
import io.mimir.llm.WireProtocol;
import io.mimir.llm.service.protocol.ForeignThoughts;
import io.mimir.llm.service.protocol.OpenAiModel;
import io.mimir.llm.service.protocol.Translation;
import io.mimir.llm.service.protocol.UpstreamOptions;
import io.mimir.upstream.service.CallPlan;
import io.mimir.upstream.service.UpstreamRequest;

/** Puts one request of a client to providers: where, and in which protocol. */
final class RequestPlanner implements CallPlan {

  private final GatewayRequest request;
  private final Operation operation;
  private volatile String keyId;

  RequestPlanner(GatewayRequest request) {
    this.request = request;
    this.operation = request.operation();
  }

  @Override
  public UpstreamRequest requestFor(KeyLease lease) {
    return noted(lease, plan(lease, countsStreams(lease)));
  }

  private static boolean countsStreams(KeyLease lease) {
    return !lease.endpoint().provider().has(Quirk.NO_STREAM_OPTIONS);
  }

  /**
   * Imitators of OpenAI may refuse the wish for token counts, and many servers have its chat
   * completions and not its responses.
   */
  @Override
  public UpstreamRequest otherwise(KeyLease lease, UpstreamRequest refused, int status) {
    return noted(lease, another(lease, refused, status));
  }

  private UpstreamRequest noted(KeyLease lease, UpstreamRequest made) {
    keyId = made == null || made.translation() != null ? null : lease.keyId();
    return made;
  }

  /**
   * The key that was asked last, in the client's own protocol: what the answer tells of is kept at
   * its account. Null where there was a translation, of which nothing is kept.
   */
  String keyId() {
    return keyId;
  }

  private UpstreamRequest another(KeyLease lease, UpstreamRequest refused, int status) {
    boolean objects = status == 400 || status == 422;
    if (objects && refused.translation() != null && refused.translation().isOptional()) {
      return translated(lease, refused.protocol(), options(lease, false).plain());
    }
    boolean missing = status == 404 || status == 405;
    if (missing && isAskedInResponses(refused)) {
      lease.noteLackOf(ProviderOperation.RESPONSES);
      return translated(lease, WireProtocol.OPENAI_CHAT, countsStreams(lease));
    }
    if (lease.endpoint().provider().equals(Provider.OPENAI)) {
      return null;
    }
    if (objects && refused.usageAsked()) {
      return refused.translation() == null
          ? plan(lease, false)
          : translated(lease, refused.protocol(), false);
    }
    boolean lacks =
        (operation == Operation.RESPONSES || operation == Operation.MESSAGES)
            && refused.translation() == null
            && lease.endpoint().provider().family() != ProtocolFamily.ANTHROPIC
            && missing;
    if (!lacks) {
      return null;
    }
    lease.noteLackOf(operation.ofProvider());
    return translated(lease, WireProtocol.OPENAI_CHAT, true);
  }

  private UpstreamRequest plan(KeyLease lease, boolean withUsage) {
    ProtocolFamily family = lease.endpoint().provider().family();
    return switch (operation) {
      case RESPONSES ->
          switch (family) {
            case ANTHROPIC -> translated(lease, WireProtocol.ANTHROPIC_MESSAGES, withUsage);
            case OPENAI, OLLAMA ->
                lease.lacks(ProviderOperation.RESPONSES)
                    ? translated(lease, WireProtocol.OPENAI_CHAT, withUsage)
                    : same(lease, withUsage);
          };
      case CHAT_COMPLETIONS, COMPLETIONS, EMBEDDINGS ->
          family == ProtocolFamily.ANTHROPIC
              ? translated(lease, WireProtocol.ANTHROPIC_MESSAGES, withUsage)
              : same(lease, withUsage);
      case OTHER, ANTHROPIC_OTHER -> other(lease);
      case MESSAGES ->
          family == ProtocolFamily.ANTHROPIC || speaksMessages(lease)
              ? same(lease, false)
              : translated(lease, conversation(lease), withUsage);
      case COUNT_TOKENS -> {
        requires(
            family, ProtocolFamily.ANTHROPIC, "Tokens are counted by models of Anthropic only");
        yield same(lease, false);
      }
      case OLLAMA_CHAT, OLLAMA_GENERATE, OLLAMA_EMBED -> ollama(lease, withUsage);
      case OLLAMA_SHOW -> {
        requires(family, ProtocolFamily.OLLAMA, "Only models of Ollama can be shown");
        yield same(lease, false);
      }
    };
  }

  /** Whether the test of the key has found Anthropic's protocol beside OpenAI's. */
  private static boolean speaksMessages(KeyLease lease) {
    return lease.adapter().speaks(ProviderOperation.MESSAGES)
        && !lease.lacks(ProviderOperation.MESSAGES);
  }

  /** In which of OpenAI's protocols a client of another one is answered. */
  private static WireProtocol conversation(KeyLease lease) {
    boolean responses =
        lease.adapter().speaks(ProviderOperation.RESPONSES)
            && !lease.lacks(ProviderOperation.RESPONSES)
            && OpenAiModel.wantsResponses(lease.model(), lease.endpoint().provider().wire());
    return responses ? WireProtocol.OPENAI_RESPONSES : WireProtocol.OPENAI_CHAT;
  }

  private static boolean isAskedInResponses(UpstreamRequest request) {
    return request.translation() != null && request.protocol() == WireProtocol.OPENAI_RESPONSES;
  }

  private UpstreamRequest same(KeyLease lease, boolean withUsage) {
    boolean ask =
        withUsage
            && (operation == Operation.CHAT_COMPLETIONS || operation == Operation.COMPLETIONS)
            && request.envelope().isStreamed(false)
            && !request.envelope().wantsUsage();
    byte[] body = request.envelope().body(lease.model(), ask);
    if (operation == Operation.MESSAGES || operation == Operation.RESPONSES) {
      body = ForeignThoughts.without(body);
    }
    String path = lease.adapter().path(operation.ofProvider(), lease.model());
    return new UpstreamRequest(
        "POST", path, request.headers(), body, operation.protocol(), null, ask);
  }

  private UpstreamRequest translated(KeyLease lease, WireProtocol upstream, boolean withUsage) {
    return translated(lease, upstream, options(lease, withUsage));
  }

  private UpstreamOptions options(KeyLease lease, boolean withUsage) {
    return new UpstreamOptions(lease.model(), lease.maxTokens(), withUsage)
        .strict(request.strict())
        .at(lease.endpoint().provider().wire(), lease.endpoint().url().origin());
  }

  private UpstreamRequest translated(
      KeyLease lease, WireProtocol upstream, UpstreamOptions options) {
    Translation translation =
        Translation.between(operation.protocol(), upstream, request.caller().accountId());
    byte[] body = translation.request(request.body(), options);
    ProviderOperation target =
        switch (upstream) {
          case ANTHROPIC_MESSAGES -> ProviderOperation.MESSAGES;
          case OPENAI_EMBEDDINGS -> ProviderOperation.EMBEDDINGS;
          case OPENAI_RESPONSES -> ProviderOperation.RESPONSES;
          default -> ProviderOperation.CHAT_COMPLETIONS;
        };
    String path = lease.adapter().path(target, lease.model());
    boolean ask =
        options.isCounted() && upstream == WireProtocol.OPENAI_CHAT && translation.isStreamed();
    return new UpstreamRequest("POST", path, request.headers(), body, upstream, translation, ask);
  }

  private UpstreamRequest ollama(KeyLease lease, boolean withUsage) {
    return switch (lease.endpoint().provider().family()) {
      case OLLAMA -> same(lease, false);
      case ANTHROPIC -> translated(lease, WireProtocol.ANTHROPIC_MESSAGES, withUsage);
      case OPENAI ->
          translated(
              lease,
              operation == Operation.OLLAMA_EMBED
                  ? WireProtocol.OPENAI_EMBEDDINGS
                  : conversation(lease),
              withUsage);
    };
  }

  private UpstreamRequest other(KeyLease lease) {
    boolean anthropic = lease.endpoint().provider().family() == ProtocolFamily.ANTHROPIC;
    if (anthropic != (operation == Operation.ANTHROPIC_OTHER)) {
      throw new ProblemException(
          Problem.NOT_FOUND,
          anthropic
              ? "%s has nothing at this address: use /v1/messages"
                  .formatted(lease.endpoint().provider().label())
              : "%s does not speak Anthropic's protocol at this address: leave the header anthropic-version out"
                  .formatted(lease.endpoint().provider().label()));
    }
    byte[] body =
        request.envelope() == null ? request.body() : request.envelope().body(lease.model(), false);
    String path = lease.adapter().otherPath(request.below(), lease.model());
    return new UpstreamRequest(request.method(), path, request.headers(), body, null, null, false);
  }

  private static void requires(ProtocolFamily family, ProtocolFamily wanted, String sentence) {
    if (family != wanted) {
      throw new ProblemException(Problem.NOT_FOUND, sentence);
    }
  }
}
