package io.mimir.llm.service.protocol;

import static io.mimir.llm.service.protocol.FieldRules.LEFT_OUT;

import io.mimir.llm.WireProtocol;
import io.mimir.llm.service.protocol.FieldRules.FieldRule;
import io.mimir.llm.service.protocol.FieldRules.Kind;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The fields of OpenAI's chat completions, on their way to Anthropic's messages. */
final class OpenAiChatFields {

  private static final Set<WireProtocol> TO = EnumSet.of(WireProtocol.ANTHROPIC_MESSAGES);

  static final List<FieldRule> RULES =
      List.of(
          like("messages[].role system, developer", "the system prompt, also from the middle"),
          like("messages beginning with the assistant", "a sentence of ours stands before them"),
          like(
              "messages ending with the assistant",
              "carried; from Claude 4.6 on, the model is told to go on where the text ends"),
          hint("messages[].name", LEFT_OUT),
          like("messages[].content[] image_url", "an image; PNG, JPEG, GIF or WebP"),
          hint("messages[].content[].image_url.detail", "left out; auto and high need no name"),
          like("messages[].content[] file with file_data", "a document; a PDF or a text"),
          hint("messages[].content[] file with file_id", LEFT_OUT),
          hint("messages[].content[] input_audio", LEFT_OUT),
          like("messages[].content[].cache_control", "kept, at most four of them"),
          like("messages[].tool_calls, tool_call_id", "tool_use and tool_result"),
          like("messages[].function_call, role function", "tool_use and tool_result"),
          hint("messages[].audio", LEFT_OUT),
          like(
              "messages[].reasoning_details",
              "the provider's own words again where it said them; else left out"),
          hint("messages[].reasoning_content", "left out unless reasoning_details say more"),
          like("tools[].function", "a tool; strict where the model can be held to a schema"),
          like("tools[].custom", "a function with one argument, input; its calls are custom again"),
          hint("tools[].custom.format", "left out; text needs no name"),
          hint("tools[] web_search and other hosted ones", LEFT_OUT),
          meaning("tools[] hosted ones alone, with tool_choice required", "refused"),
          like(
              "tool_choice", "auto, none, any or a tool; of allowed_tools the others are not told"),
          like("parallel_tool_calls", "disable_parallel_tool_use"),
          like("functions, function_call", "tools and tool_choice; calls are function_call again"),
          like("response_format json_schema", "output_config.format"),
          meaning("response_format json_schema, for models before Claude 4.1", "refused"),
          like(
              "response_format json_object",
              "an instruction, which is named; what comes is checked, in a stream at its end"),
          like("max_tokens, max_completion_tokens", "max_tokens; the key's default without one"),
          like("temperature", "as is; above 1 it is 1, which is named"),
          like("top_p, top_k", "as is; left out where the model takes no settings or only one"),
          like("stop", "stop_sequences; those of white space alone are left out"),
          like(
              "reasoning_effort, reasoning, thinking",
              "a budget of thoughts, or the effort of models that have one; left out where a tool"
                  + " is forced or the limit is too low; none is disabled, for models that think"
                  + " unless told not to"),
          hint("verbosity", "left out; medium needs no name"),
          hint("seed", LEFT_OUT),
          hint("frequency_penalty", "left out; 0 needs no name"),
          hint("presence_penalty", "left out; 0 needs no name"),
          meaning("n", "refused above 1"),
          hint("logprobs", LEFT_OUT),
          hint("top_logprobs", "left out; 0 needs no name"),
          hint("logit_bias", LEFT_OUT),
          hint("modalities", "left out; text alone needs no name"),
          hint("audio", LEFT_OUT),
          hint("prediction", LEFT_OUT),
          hint("moderation", LEFT_OUT),
          hint("web_search_options", LEFT_OUT),
          hint("store", LEFT_OUT),
          hint("metadata", LEFT_OUT),
          hint("user", LEFT_OUT),
          hint("safety_identifier", LEFT_OUT),
          like("prompt_cache_key", "chooses among the keys, so that conversations stay on one"),
          hint("prompt_cache_retention", LEFT_OUT),
          hint("prompt_cache_options", LEFT_OUT),
          hint("service_tier", "left out; auto and default need no name"));

  private OpenAiChatFields() {}

  private static FieldRule like(String field, String what) {
    return new FieldRule(WireProtocol.OPENAI_CHAT, field, TO, Kind.LIKE, what);
  }

  private static FieldRule hint(String field, String what) {
    return new FieldRule(WireProtocol.OPENAI_CHAT, field, TO, Kind.HINT, what);
  }

  private static FieldRule meaning(String field, String what) {
    return new FieldRule(WireProtocol.OPENAI_CHAT, field, TO, Kind.MEANING, what);
  }
}
