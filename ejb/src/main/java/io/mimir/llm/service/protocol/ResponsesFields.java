package io.mimir.llm.service.protocol;

import static io.mimir.llm.service.protocol.FieldRules.LEFT_OUT;

import io.mimir.llm.WireProtocol;
import io.mimir.llm.service.protocol.FieldRules.FieldRule;
import io.mimir.llm.service.protocol.FieldRules.Kind;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The fields of OpenAI's responses, on their way to chat completions and Anthropic's messages. */
final class ResponsesFields {

  private static final Set<WireProtocol> BOTH =
      EnumSet.of(WireProtocol.OPENAI_CHAT, WireProtocol.ANTHROPIC_MESSAGES);
  private static final Set<WireProtocol> OPENAI = EnumSet.of(WireProtocol.OPENAI_CHAT);
  private static final Set<WireProtocol> ANTHROPIC = EnumSet.of(WireProtocol.ANTHROPIC_MESSAGES);

  static final List<FieldRule> RULES =
      List.of(
          like("instructions", "a system message"),
          like("input[] message", "a message; developer is system, phase and status say nothing"),
          like(
              "input[] message of a developer in the middle",
              "stays there for OpenAI, goes to the system prompt for Anthropic"),
          like("input[].content[] input_image", "an image"),
          hint("input[].content[].detail low", ANTHROPIC, LEFT_OUT),
          like("input[].content[] input_file", "a file or a document"),
          meaning("input[].content[].file_url", OPENAI, "refused"),
          meaning("input[].content[].file_id", BOTH, "refused"),
          meaning("input[].content[] input_audio", BOTH, "refused"),
          like(
              "input[] function_call, function_call_output",
              "a call and its result, which comes right after it; a namespace goes before the"
                  + " name"),
          like(
              "input[] custom_tool_call, custom_tool_call_output",
              "a call of a function with one argument, input, and its result"),
          like(
              "input[] local_shell_call, shell_call, apply_patch_call, tool_search_call",
              "a call of a function of that name; their outputs are its result"),
          like("input[] tool_search_output, additional_tools", "their tools are offered as well"),
          like(
              "input[] item_reference",
              "the item of an answer of the last hour that was not asked for with store: false"),
          meaning("input[] item_reference of another item", BOTH, "refused"),
          hint(
              "input[] reasoning",
              BOTH,
              "the provider's own words again where it said them; else left out"),
          hint(
              "input[] web_search_call and other items of hosted tools",
              BOTH,
              "left out with their outputs"),
          meaning("input[] compaction", BOTH, "refused"),
          like("tools[] function", "a function"),
          like(
              "tools[] custom",
              "a function with one argument, input, whose description has the grammar; its calls"
                  + " are custom again"),
          like(
              "tools[] namespace", "its tools, named namespace__name; their calls have both again"),
          hint("tools[] namespace, its description", BOTH, LEFT_OUT),
          like("tools[] local_shell, shell, apply_patch", "a function of that name"),
          like("tools[] tool_search of the client's", "a function of that name"),
          hint("tools[] web_search and other hosted ones", BOTH, LEFT_OUT),
          hint("tools[].defer_loading", BOTH, LEFT_OUT),
          hint("tools[].output_schema", BOTH, LEFT_OUT),
          hint("tools[].allowed_callers", BOTH, "left out unless direct"),
          like("tool_choice", "auto, none, required or one; of allowed_tools others are not told"),
          meaning(
              "tool_choice of a hosted tool, or required with hosted ones alone", BOTH, "refused"),
          like("parallel_tool_calls", "as is, or disable_parallel_tool_use"),
          like("max_output_tokens", "the limit; for Anthropic the key's default without one"),
          like("temperature, top_p", "as is, as far as the model takes it"),
          like("text.format", "a schema, or any JSON object"),
          like(OPENAI, "text.verbosity", "as is, where the model takes it"),
          hint("text.verbosity", ANTHROPIC, LEFT_OUT),
          like("reasoning.effort", "reasoning_effort, a budget of thoughts or an effort"),
          like("reasoning.summary", "thoughts are told as a summary, as the provider words them"),
          hint("reasoning.context", BOTH, LEFT_OUT),
          hint("reasoning.mode", BOTH, "left out; standard needs no name"),
          like("include reasoning.encrypted_content", "thoughts have it always"),
          hint("include of others", BOTH, "left out, each by its name"),
          meaning("include message.output_text.logprobs", OPENAI, "refused"),
          meaning("top_logprobs", OPENAI, "refused"),
          hint("top_logprobs", ANTHROPIC, "left out; 0 needs no name"),
          like("prompt_cache_key", "chooses among the keys, so that conversations stay on one"),
          hint("prompt_cache_retention", BOTH, LEFT_OUT),
          hint("prompt_cache_options", BOTH, LEFT_OUT),
          hint("client_metadata", BOTH, LEFT_OUT),
          hint("context_management", BOTH, LEFT_OUT),
          hint("max_tool_calls", BOTH, LEFT_OUT),
          hint("metadata", BOTH, LEFT_OUT),
          hint("moderation", BOTH, LEFT_OUT),
          hint("safety_identifier", BOTH, LEFT_OUT),
          hint("user", BOTH, LEFT_OUT),
          hint("service_tier", BOTH, "left out; auto and default need no name"),
          hint("truncation", BOTH, "left out; disabled needs no name"),
          like("store", "answers say false: nothing can be fetched later"),
          meaning("previous_response_id", BOTH, "refused"),
          meaning("conversation", BOTH, "refused"),
          meaning("background", BOTH, "refused"),
          meaning("prompt", BOTH, "refused"));

  private ResponsesFields() {}

  private static FieldRule like(String field, String what) {
    return like(BOTH, field, what);
  }

  private static FieldRule like(Set<WireProtocol> to, String field, String what) {
    return new FieldRule(WireProtocol.OPENAI_RESPONSES, field, to, Kind.LIKE, what);
  }

  private static FieldRule hint(String field, Set<WireProtocol> to, String what) {
    return new FieldRule(WireProtocol.OPENAI_RESPONSES, field, to, Kind.HINT, what);
  }

  private static FieldRule meaning(String field, Set<WireProtocol> to, String what) {
    return new FieldRule(WireProtocol.OPENAI_RESPONSES, field, to, Kind.MEANING, what);
  }
}
