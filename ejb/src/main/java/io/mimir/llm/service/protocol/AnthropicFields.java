package io.mimir.llm.service.protocol;

import static io.mimir.llm.service.protocol.FieldRules.LEFT_OUT;

import io.mimir.llm.WireProtocol;
import io.mimir.llm.service.protocol.FieldRules.FieldRule;
import io.mimir.llm.service.protocol.FieldRules.Kind;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The fields of Anthropic's messages, on their way to OpenAI's chat completions. */
final class AnthropicFields {

  private static final Set<WireProtocol> TO = EnumSet.of(WireProtocol.OPENAI_CHAT);

  static final List<FieldRule> RULES =
      List.of(
          like("system", "a system message; blocks are joined"),
          like("messages[].role system", "a system message in its place"),
          like("messages[].content[] image", "an image; Ollama takes base64 only"),
          like("messages[].content[] document", "a file, or text where it is one"),
          meaning("messages[].content[].source.url of a document", "refused"),
          meaning("messages[].content[].source.file_id", "refused"),
          like(
              "messages[].content[] thinking, redacted_thinking",
              "the provider's own words again where it said them; else left out"),
          hint("messages[].content[] server_tool_use", "left out with its result"),
          hint("messages[].content[].cache_control", "left out, as in all places"),
          hint("messages[].content[].citations", "left out unless empty"),
          like(
              "messages[].content[] tool_result with images or documents",
              "its text is the result; the others follow in a message of the user's"),
          like("messages[].content[].is_error", "the text of the result begins with Error:"),
          like(
              "messages ending with the assistant",
              "carried; OpenAI's own models are told to go on where the text ends"),
          like("tools[].input_schema", "parameters"),
          like("tools[].strict", "strict, where OpenAI can hold to the schema"),
          hint("tools[].eager_input_streaming", LEFT_OUT),
          hint("tools[].defer_loading", LEFT_OUT),
          hint("tools[].input_examples", LEFT_OUT),
          hint("tools[].allowed_callers", "left out unless direct"),
          hint("tools[] web_search and other hosted ones", LEFT_OUT),
          meaning("tools[] hosted ones that tool_choice wants", "refused"),
          like("tool_choice", "auto, none, required or a function"),
          like("tool_choice.disable_parallel_tool_use", "parallel_tool_calls: false"),
          like(
              "max_tokens",
              "max_completion_tokens for OpenAI's own models, else max_tokens; lowered or raised to"
                  + " what an OpenAI model takes"),
          like("temperature, top_p", "as is; left out for models that reason"),
          hint("top_k", "left out, except for vLLM, LM Studio and OpenRouter"),
          like("stop_sequences", "stop"),
          like(
              "thinking, output_config.effort",
              "reasoning_effort, where the model takes it; a budget becomes the nearest effort, a"
                  + " wish without one medium, and disabled none"),
          like("output_config.format", "a strict schema"),
          meaning("output_config.format that OpenAI's own models cannot be held to", "refused"),
          hint("output_config.task_budget", LEFT_OUT),
          hint("metadata", LEFT_OUT),
          hint("cache_control", LEFT_OUT),
          hint("context_management", LEFT_OUT),
          hint("container", LEFT_OUT),
          hint("mcp_servers", LEFT_OUT),
          hint("diagnostics", LEFT_OUT),
          hint("user_profile_id", LEFT_OUT),
          hint("service_tier", "left out; auto and standard_only need no name"),
          hint("speed", "left out; standard needs no name"),
          meaning("inference_geo", "refused"));

  private AnthropicFields() {}

  private static FieldRule like(String field, String what) {
    return new FieldRule(WireProtocol.ANTHROPIC_MESSAGES, field, TO, Kind.LIKE, what);
  }

  private static FieldRule hint(String field, String what) {
    return new FieldRule(WireProtocol.ANTHROPIC_MESSAGES, field, TO, Kind.HINT, what);
  }

  private static FieldRule meaning(String field, String what) {
    return new FieldRule(WireProtocol.ANTHROPIC_MESSAGES, field, TO, Kind.MEANING, what);
  }
}
