package io.mimir.llm.service.protocol;

import static io.mimir.llm.service.protocol.FieldRules.LEFT_OUT;

import io.mimir.llm.WireProtocol;
import io.mimir.llm.service.protocol.FieldRules.FieldRule;
import io.mimir.llm.service.protocol.FieldRules.Kind;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The fields of Anthropic's messages, on their way to OpenAI's chat completions and responses. */
final class AnthropicFields {

  private static final Set<WireProtocol> BOTH =
      EnumSet.of(WireProtocol.OPENAI_CHAT, WireProtocol.OPENAI_RESPONSES);
  private static final Set<WireProtocol> CHAT = EnumSet.of(WireProtocol.OPENAI_CHAT);
  private static final Set<WireProtocol> RESPONSES = EnumSet.of(WireProtocol.OPENAI_RESPONSES);

  static final List<FieldRule> RULES =
      List.of(
          like("system", "a system message; blocks are joined"),
          like("messages[].role system", "a system message in its place"),
          like("messages[].content[] image", "an image; Ollama takes base64 only"),
          like("messages[].content[] document", "a file, or text where it is one"),
          meaning(CHAT, "messages[].content[].source.url of a document", "refused"),
          like(RESPONSES, "messages[].content[].source.url of a document", "a file"),
          meaning("messages[].content[].source.file_id", "refused"),
          like(
              "messages[].content[] thinking, redacted_thinking",
              "the provider's own words again where it said them; else left out"),
          hint("messages[].content[] server_tool_use", "left out with its result"),
          hint("messages[].content[].cache_control", "left out, as in all places"),
          hint("messages[].content[].citations", "left out unless empty"),
          like(
              CHAT,
              "messages[].content[] tool_result with images or documents",
              "its text is the result; the others follow in a message of the user's"),
          like(
              RESPONSES,
              "messages[].content[] tool_result with images or documents",
              "a result that holds them too"),
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
              CHAT,
              "max_tokens",
              "max_completion_tokens for OpenAI's own models, else max_tokens; lowered or raised to"
                  + " what an OpenAI model takes"),
          like(RESPONSES, "max_tokens", "max_output_tokens, at least 16"),
          like("temperature, top_p", "as is; left out for models that reason"),
          hint(CHAT, "top_k", "left out, except for vLLM, LM Studio and OpenRouter"),
          hint(RESPONSES, "top_k, stop_sequences", "left out; it has no word for them"),
          like(CHAT, "stop_sequences", "stop"),
          like(
              CHAT,
              "thinking, output_config.effort",
              "reasoning_effort, where the model takes it; a budget becomes the nearest effort, a"
                  + " wish without one medium, and disabled none"),
          like(
              RESPONSES,
              "thinking, output_config.effort",
              "reasoning.effort likewise; who wants thoughts gets summaries of them"),
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
    return like(BOTH, field, what);
  }

  private static FieldRule like(Set<WireProtocol> to, String field, String what) {
    return new FieldRule(WireProtocol.ANTHROPIC_MESSAGES, field, to, Kind.LIKE, what);
  }

  private static FieldRule hint(String field, String what) {
    return hint(BOTH, field, what);
  }

  private static FieldRule hint(Set<WireProtocol> to, String field, String what) {
    return new FieldRule(WireProtocol.ANTHROPIC_MESSAGES, field, to, Kind.HINT, what);
  }

  private static FieldRule meaning(String field, String what) {
    return meaning(BOTH, field, what);
  }

  private static FieldRule meaning(Set<WireProtocol> to, String field, String what) {
    return new FieldRule(WireProtocol.ANTHROPIC_MESSAGES, field, to, Kind.MEANING, what);
  }
}
