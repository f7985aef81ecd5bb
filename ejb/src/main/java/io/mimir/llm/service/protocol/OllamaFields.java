package io.mimir.llm.service.protocol;

import static io.mimir.llm.service.protocol.FieldRules.LEFT_OUT;

import io.mimir.llm.WireProtocol;
import io.mimir.llm.service.protocol.FieldRules.FieldRule;
import io.mimir.llm.service.protocol.FieldRules.Kind;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The fields of Ollama's chat and generate, on their way to OpenAI's chat completions and responses
 * and to Anthropic's messages, and of its embed.
 */
final class OllamaFields {

  private static final Set<WireProtocol> ALL =
      EnumSet.of(
          WireProtocol.OPENAI_CHAT, WireProtocol.OPENAI_RESPONSES, WireProtocol.ANTHROPIC_MESSAGES);
  private static final Set<WireProtocol> OPENAI =
      EnumSet.of(WireProtocol.OPENAI_CHAT, WireProtocol.OPENAI_RESPONSES);
  private static final Set<WireProtocol> NOT_CHAT =
      EnumSet.of(WireProtocol.OPENAI_RESPONSES, WireProtocol.ANTHROPIC_MESSAGES);
  private static final Set<WireProtocol> NOT_RESPONSES =
      EnumSet.of(WireProtocol.OPENAI_CHAT, WireProtocol.ANTHROPIC_MESSAGES);
  private static final Set<WireProtocol> CHAT = EnumSet.of(WireProtocol.OPENAI_CHAT);
  private static final Set<WireProtocol> RESPONSES = EnumSet.of(WireProtocol.OPENAI_RESPONSES);
  private static final Set<WireProtocol> ANTHROPIC = EnumSet.of(WireProtocol.ANTHROPIC_MESSAGES);
  private static final Set<WireProtocol> EMBEDDINGS = EnumSet.of(WireProtocol.OPENAI_EMBEDDINGS);

  static final List<FieldRule> RULES =
      List.of(
          chat("messages[].content, images", ALL, Kind.LIKE, "texts, and images of base64"),
          chat(
              "messages[].tool_calls, tool_name",
              ALL,
              Kind.LIKE,
              "calls get identifiers, and results find their call by identifier, name or order"),
          chat("messages[].thinking", ALL, Kind.HINT, LEFT_OUT),
          chat("tools[]", ALL, Kind.LIKE, "functions"),
          chat("tools[] other than functions", ALL, Kind.MEANING, "refused"),
          chat("tool_choice", ALL, Kind.HINT, "left out; auto needs no name"),
          chat(
              "think",
              ALL,
              Kind.LIKE,
              "an effort or a budget of thoughts, a medium one for true and none for false; what the"
                  + " provider tells of them is thinking"),
          chat("format json", OPENAI, Kind.LIKE, "json_object"),
          chat(
              "format json",
              ANTHROPIC,
              Kind.LIKE,
              "an instruction, which is named; what comes is checked, in a stream at its end"),
          chat("format with a schema", ALL, Kind.LIKE, "a schema"),
          chat(
              "options.num_predict",
              ALL,
              Kind.LIKE,
              "the limit; below zero there is none, or the key's default for Anthropic"),
          chat("options.temperature, top_p", ALL, Kind.LIKE, "as is, as far as the model takes it"),
          chat("options.stop", NOT_RESPONSES, Kind.LIKE, "as is"),
          chat("options.stop", RESPONSES, Kind.HINT, LEFT_OUT),
          chat("options.top_k", ANTHROPIC, Kind.LIKE, "as is"),
          chat("options.top_k", OPENAI, Kind.HINT, "left out, except for vLLM, LM Studio, …"),
          chat("options.seed", CHAT, Kind.LIKE, "as is"),
          chat("options.seed", NOT_CHAT, Kind.HINT, LEFT_OUT),
          chat("options.frequency_penalty, presence_penalty", CHAT, Kind.LIKE, "as is"),
          chat("options.frequency_penalty, presence_penalty", NOT_CHAT, Kind.HINT, LEFT_OUT),
          chat(
              "options.min_p, repeat_penalty",
              ALL,
              Kind.HINT,
              "left out, except for vLLM, LM Studio, …"),
          chat("options.num_ctx, mirostat, tfs_z and all others", ALL, Kind.HINT, LEFT_OUT),
          chat("keep_alive", ALL, Kind.LIKE, "models of others are always loaded"),
          chat("truncate", ALL, Kind.HINT, "left out; true needs no name"),
          chat("shift", ALL, Kind.HINT, "left out; true needs no name"),
          chat("logprobs", ALL, Kind.MEANING, "refused"),
          chat("top_logprobs", ALL, Kind.MEANING, "refused"),
          generate("prompt, system, images", ALL, Kind.LIKE, "a message each"),
          generate("suffix", ALL, Kind.MEANING, "refused"),
          generate("template", ALL, Kind.MEANING, "refused"),
          generate("raw", ALL, Kind.MEANING, "refused"),
          generate("context", ALL, Kind.MEANING, "refused"),
          embed("input", Kind.LIKE, "one text or several"),
          embed("dimensions", Kind.LIKE, "as is"),
          embed("truncate", Kind.HINT, "left out; true needs no name"),
          embed("options", Kind.HINT, LEFT_OUT),
          embed("keep_alive", Kind.LIKE, "models of others are always loaded"));

  private OllamaFields() {}

  private static FieldRule chat(String field, Set<WireProtocol> to, Kind kind, String what) {
    return new FieldRule(WireProtocol.OLLAMA_CHAT, field, to, kind, what);
  }

  private static FieldRule generate(String field, Set<WireProtocol> to, Kind kind, String what) {
    return new FieldRule(WireProtocol.OLLAMA_GENERATE, field, to, kind, what);
  }

  private static FieldRule embed(String field, Kind kind, String what) {
    return new FieldRule(WireProtocol.OLLAMA_EMBED, field, EMBEDDINGS, kind, what);
  }
}
