package io.mimir.gateway.service;

import io.mimir.credential.service.KeyLease;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.ProtocolFamily;
import io.mimir.llm.WireProtocol;
import io.mimir.llm.service.protocol.Translation;
import io.mimir.llm.service.protocol.UpstreamOptions;

/**
 * How one question is put to one provider: where, and in which protocol.
 *
 * @param path of the provider
 * @param body what to send
 * @param translation null where the client and the provider speak the same protocol
 * @param askedForUsage whether the token counts of a stream were asked for on our own account
 */
record Course(String path, byte[] body, Translation translation, boolean askedForUsage) {

  /**
   * @throws ProblemException REFUSED when that provider's protocol cannot say the question, naming
   *     what it cannot say
   */
  static Course of(Asked asked, KeyLease lease) {
    return of(asked, lease, true);
  }

  /** The same, without asking for what an imitator of OpenAI may not know. */
  Course plain(Asked asked, KeyLease lease) {
    return translation == null
        ? of(asked, lease, false)
        : translated(asked, lease, WireProtocol.OPENAI_CHAT, false);
  }

  /** For a provider that has OpenAI's chat completions and not its responses. */
  static Course byChat(Asked asked, KeyLease lease) {
    return translated(asked, lease, WireProtocol.OPENAI_CHAT, true);
  }

  private static Course of(Asked asked, KeyLease lease, boolean withUsage) {
    Operation operation = asked.operation();
    ProtocolFamily family = lease.endpoint().provider().family();
    return switch (operation) {
      case CHAT_COMPLETIONS, COMPLETIONS, EMBEDDINGS, RESPONSES ->
          family == ProtocolFamily.ANTHROPIC
              ? translated(asked, lease, WireProtocol.ANTHROPIC_MESSAGES, withUsage)
              : same(asked, lease, withUsage, openAiPath(lease, operation.below()));
      case OTHER -> other(asked, lease);
      case MESSAGES ->
          family == ProtocolFamily.ANTHROPIC
              ? same(asked, lease, false, lease.route().path("/v1/messages"))
              : translated(asked, lease, WireProtocol.OPENAI_CHAT, withUsage);
      case COUNT_TOKENS -> {
        requires(
            family, ProtocolFamily.ANTHROPIC, "Tokens are counted for models of Anthropic only");
        yield same(asked, lease, false, lease.route().path("/v1/messages/count_tokens"));
      }
      case OLLAMA_CHAT, OLLAMA_GENERATE, OLLAMA_EMBED -> ollama(asked, lease, withUsage);
      case OLLAMA_SHOW -> {
        requires(family, ProtocolFamily.OLLAMA, "Only models of Ollama can be shown");
        yield same(asked, lease, false, lease.route().path("/api/show"));
      }
    };
  }

  /** Ollama has OpenAI's protocol beside its own. */
  private static String openAiPath(KeyLease lease, String below) {
    return lease.endpoint().provider().family() == ProtocolFamily.OLLAMA
        ? lease.route().path("/v1" + below)
        : lease.route().versionedPath(below);
  }

  private static Course same(Asked asked, KeyLease lease, boolean withUsage, String path) {
    boolean ask =
        withUsage
            && (asked.operation() == Operation.CHAT_COMPLETIONS
                || asked.operation() == Operation.COMPLETIONS)
            && asked.head().isStreamed(false)
            && !asked.head().wantsUsage();
    return new Course(path, asked.head().body(lease.model(), ask), null, ask);
  }

  private static Course translated(
      Asked asked, KeyLease lease, WireProtocol upstream, boolean withUsage) {
    Translation translation = Translation.between(asked.operation().dialect(), upstream);
    byte[] body =
        translation.request(
            asked.body(), new UpstreamOptions(lease.model(), lease.maxTokens(), withUsage));
    String path =
        switch (upstream) {
          case ANTHROPIC_MESSAGES -> lease.route().path("/v1/messages");
          case OPENAI_EMBEDDINGS -> openAiPath(lease, "/embeddings");
          default -> openAiPath(lease, "/chat/completions");
        };
    boolean ask = withUsage && upstream == WireProtocol.OPENAI_CHAT && translation.isStreamed();
    return new Course(path, body, translation, ask);
  }

  private static Course ollama(Asked asked, KeyLease lease, boolean withUsage) {
    return switch (lease.endpoint().provider().family()) {
      case OLLAMA -> same(asked, lease, false, lease.route().path(asked.operation().below()));
      case ANTHROPIC -> translated(asked, lease, WireProtocol.ANTHROPIC_MESSAGES, withUsage);
      case OPENAI ->
          translated(
              asked,
              lease,
              asked.operation() == Operation.OLLAMA_EMBED
                  ? WireProtocol.OPENAI_EMBEDDINGS
                  : WireProtocol.OPENAI_CHAT,
              withUsage);
    };
  }

  private static Course other(Asked asked, KeyLease lease) {
    if (lease.endpoint().provider().family() == ProtocolFamily.ANTHROPIC) {
      throw new ProblemException(
          Problem.NOT_FOUND,
          "%s has nothing at this address: use /v1/messages"
              .formatted(lease.endpoint().provider().label()));
    }
    byte[] body = asked.head() == null ? asked.body() : asked.head().body(lease.model(), false);
    return new Course(openAiPath(lease, asked.below()), body, null, false);
  }

  private static void requires(ProtocolFamily family, ProtocolFamily wanted, String sentence) {
    if (family != wanted) {
      throw new ProblemException(Problem.NOT_FOUND, sentence);
    }
  }
}
