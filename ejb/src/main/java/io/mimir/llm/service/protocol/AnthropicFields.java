package io.mimir.llm.service.protocol;

import static io.mimir.llm.service.protocol.FieldRules.LEFT_OUT;

import io.mimir.llm.WireProtocol;
import io.mimir.llm.service.protocol.FieldRules.FieldRule;
import io.mimir.llm.service.protocol.FieldRules.Kind;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The fields of Anthropic's messages, on their way to OpenAI's chat completions and to Ollama. */
final class AnthropicFields {

  private static final Set<WireProtocol> BOTH =
      EnumSet.of(WireProtocol.OPENAI_CHAT, WireProtocol.OLLAMA_CHAT);
  private static final Set<WireProtocol> OPENAI = EnumSet.of(WireProtocol.OPENAI_CHAT);
  private static final Set<WireProtocol> OLLAMA = EnumSet.of(WireProtocol.OLLAMA_CHAT);

  static final List<FieldRule> RULES =
      List.of(
          rule("system", BOTH, Kind.LIKE, "a system message; blocks are joined"),
          rule("messages[].role system", BOTH, Kind.LIKE, "a system message in its place"),
          rule("messages[].content[] image", BOTH, Kind.LIKE, "an image; Ollama takes base64 only"),
          rule(
              "messages[].content[] document",
              OPENAI,
              Kind.LIKE,
              "a file, or text where it is one"),
          rule("messages[].content[] document of base64", OLLAMA, Kind.MEANING, "refused"),
          rule("messages[].content[].source.url of a document", OPENAI, Kind.MEANING, "refused"),
          rule("messages[].content[].source.file_id", BOTH, Kind.MEANING, "refused"),
          rule(
              "messages[].content[] thinking, redacted_thinking",
              OPENAI,
              Kind.LIKE,
              "the provider's own words again where it said them; else left out"),
          rule("messages[].content[] server_tool_use", BOTH, Kind.HINT, "left out with its result"),
          rule("messages[].content[].cache_control", BOTH, Kind.HINT, "left out, as in all places"),
          rule("messages[].content[].citations", BOTH, Kind.HINT, "left out unless empty"),
          rule(
              "messages[].content[] tool_result with images or documents",
              OPENAI,
              Kind.LIKE,
              "its text is the result; the others follow in a message of the user's"),
          rule(
              "messages[].content[].is_error",
              BOTH,
              Kind.LIKE,
              "the text of the result begins with Error:"),
          rule(
              "messages ending with the assistant",
              BOTH,
              Kind.LIKE,
              "carried; OpenAI's own models are told to go on where the text ends"),
          rule("tools[].input_schema", BOTH, Kind.LIKE, "parameters"),
          rule("tools[].strict", OPENAI, Kind.LIKE, "strict, where OpenAI can hold to the schema"),
          rule("tools[].eager_input_streaming", BOTH, Kind.HINT, LEFT_OUT),
          rule("tools[].defer_loading", BOTH, Kind.HINT, LEFT_OUT),
          rule("tools[].input_examples", BOTH, Kind.HINT, LEFT_OUT),
          rule("tools[].allowed_callers", BOTH, Kind.HINT, "left out unless direct"),
          rule("tools[] web_search and other hosted ones", BOTH, Kind.HINT, LEFT_OUT),
          rule("tools[] hosted ones that tool_choice wants", BOTH, Kind.MEANING, "refused"),
          rule("tool_choice", OPENAI, Kind.LIKE, "auto, none, required or a function"),
          rule("tool_choice any or tool", OLLAMA, Kind.MEANING, "refused"),
          rule(
              "tool_choice.disable_parallel_tool_use",
              OPENAI,
              Kind.LIKE,
              "parallel_tool_calls: false"),
          rule(
              "max_tokens",
              BOTH,
              Kind.LIKE,
              "max_completion_tokens for OpenAI's own models, else max_tokens or num_predict;"
                  + " lowered or raised to what an OpenAI model takes"),
          rule("temperature, top_p", BOTH, Kind.LIKE, "as is; left out for models that reason"),
          rule("top_k", OLLAMA, Kind.LIKE, "as is"),
          rule("top_k", OPENAI, Kind.HINT, "left out, except for vLLM, LM Studio and OpenRouter"),
          rule("stop_sequences", BOTH, Kind.LIKE, "stop"),
          rule(
              "thinking, output_config.effort",
              OPENAI,
              Kind.LIKE,
              "reasoning_effort, where the model takes it; a budget becomes the nearest effort"),
          rule("thinking, output_config.effort", OLLAMA, Kind.LIKE, "think"),
          rule("output_config.format", BOTH, Kind.LIKE, "a strict schema"),
          rule(
              "output_config.format that OpenAI's own models cannot be held to",
              OPENAI,
              Kind.MEANING,
              "refused"),
          rule("output_config.task_budget", BOTH, Kind.HINT, LEFT_OUT),
          rule("metadata", BOTH, Kind.HINT, LEFT_OUT),
          rule("cache_control", BOTH, Kind.HINT, LEFT_OUT),
          rule("context_management", BOTH, Kind.HINT, LEFT_OUT),
          rule("container", BOTH, Kind.HINT, LEFT_OUT),
          rule("mcp_servers", BOTH, Kind.HINT, LEFT_OUT),
          rule("diagnostics", BOTH, Kind.HINT, LEFT_OUT),
          rule("user_profile_id", BOTH, Kind.HINT, LEFT_OUT),
          rule("service_tier", BOTH, Kind.HINT, "left out; auto and standard_only need no name"),
          rule("speed", BOTH, Kind.HINT, "left out; standard needs no name"),
          rule("inference_geo", BOTH, Kind.MEANING, "refused"));

  private AnthropicFields() {}

  private static FieldRule rule(String field, Set<WireProtocol> to, Kind kind, String what) {
    return new FieldRule(WireProtocol.ANTHROPIC_MESSAGES, field, to, kind, what);
  }
}
