package io.mimir.gateway.service.translation;

import java.util.function.Function;

/** Puts the readers and writers of a pair of protocols together. */
final class Translations {

  private Translations() {}

  static Translation between(Pair pair) {
    return switch (pair.upstream()) {
      case OPENAI_CHAT, ANTHROPIC_MESSAGES -> conversing(pair);
      case OPENAI_EMBEDDINGS -> embedding(pair);
      default -> throw pair.unsupported();
    };
  }

  private static Translation embedding(Pair pair) {
    if (pair.client() != Dialect.OLLAMA_EMBED) {
      throw pair.unsupported();
    }
    return new Embedding(pair);
  }

  private static Translation conversing(Pair pair) {
    if (pair.client() == pair.upstream()) {
      throw pair.unsupported();
    }
    boolean toAnthropic = pair.upstream() == Dialect.ANTHROPIC_MESSAGES;
    QuestionReader questions = questions(pair);
    return new Conversing(
        pair,
        questions,
        toAnthropic ? new AnthropicAsking(pair) : new OpenAiChatAsking(pair),
        toAnthropic ? new AnthropicAnswers() : new OpenAiChatAnswers(),
        answering(pair));
  }

  private static QuestionReader questions(Pair pair) {
    return switch (pair.client()) {
      case OPENAI_CHAT -> new OpenAiChatQuestions(pair);
      case OPENAI_RESPONSES -> new ResponsesQuestions(pair);
      case ANTHROPIC_MESSAGES -> new AnthropicQuestions(pair);
      case OLLAMA_CHAT -> new OllamaChatQuestions(pair);
      case OLLAMA_GENERATE -> new OllamaGenerateQuestions(pair);
      default -> throw pair.unsupported();
    };
  }

  private static Function<Question, AnswerWriter> answering(Pair pair) {
    return switch (pair.client()) {
      case OPENAI_CHAT -> OpenAiChatAnswering::new;
      case OPENAI_RESPONSES -> ResponsesAnswering::new;
      case ANTHROPIC_MESSAGES -> question -> new AnthropicAnswering();
      case OLLAMA_CHAT -> question -> new OllamaAnswering(true);
      case OLLAMA_GENERATE -> question -> new OllamaAnswering(false);
      default -> throw pair.unsupported();
    };
  }
}
