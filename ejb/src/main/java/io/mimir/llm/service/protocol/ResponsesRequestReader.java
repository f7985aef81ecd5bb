package io.mimir.llm.service.protocol;

import io.mimir.llm.WireProtocol;
import io.mimir.llm.service.protocol.ChatRequest.Part;
import io.mimir.llm.service.protocol.ChatRequest.Role;
import io.mimir.llm.service.protocol.ChatRequest.Text;
import io.mimir.llm.service.protocol.ChatRequest.Verbosity;
import io.mimir.llm.service.protocol.Thinking.Effort;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads OpenAI's responses, as far as they need nothing that was kept from an earlier call. */
final class ResponsesRequestReader implements RequestReader {

  private static final String KEPT =
      "send the whole conversation as input, since nothing is kept between calls";

  private final ProtocolPair pair;

  ResponsesRequestReader(ProtocolPair pair) {
    this.pair = pair;
  }

  @Override
  public ChatRequest read(Fields body) {
    ChatRequest request = new ChatRequest();
    request.echo = ResponsesObject.echo(body);
    request.clientTools = new ClientTools();
    request.referringAccount = body.flag("store", true) ? pair.account() : null;
    body.ignore("model");
    request.streamed = body.flag("stream", false);
    Fields streaming = body.object("stream_options");
    if (streaming != null) {
      streaming.ignore("include_obfuscation").done();
    }
    state(body);
    List<Part> instructions = new ArrayList<>();
    Text.add(instructions, body.text("instructions"));
    request.add("instructions", Role.SYSTEM, instructions);
    var tools = new ResponsesToolReader(request, request.clientTools);
    tools.read(body.objects("tools"));
    new ResponsesInputReader(pair, request, tools, RecentItems.SHARED).read(body);
    request.toolChoice = tools.choice(body).with(!body.flag("parallel_tool_calls", true));
    text(body, request);
    reasoning(body, request);
    Param.MAX_TOKENS.read(body, "max_output_tokens", request);
    Param.TEMPERATURE.read(body, "temperature", request);
    Param.TOP_P.read(body, "top_p", request);
    Param.FREQUENCY_PENALTY.read(body, "frequency_penalty", request);
    Param.PRESENCE_PENALTY.read(body, "presence_penalty", request);
    otherwise(body);
    body.done();
    return request;
  }

  /** What lies at OpenAI only. */
  private static void state(Fields body) {
    for (String kept : List.of("previous_response_id", "conversation")) {
      if (body.take(kept) != null) {
        throw body.refused(kept, KEPT);
      }
    }
    if (body.flag("background", false)) {
      throw body.refused("background", "wait for the answer, as a stream say");
    }
    if (body.take("prompt") != null) {
      throw body.refused("prompt", "send its text as instructions");
    }
  }

  private void otherwise(Fields body) {
    body.ignore("prompt_cache_key")
        .hint(FieldRules.hints(ResponsesFields.RULES))
        .hintUnless("service_tier", "\"auto\"", "\"default\"")
        .hintUnless("truncation", "\"disabled\"");
    logprobs(body, "top_logprobs", body.peek("top_logprobs").asInt() > 0);
    body.take("top_logprobs");
    for (String included : body.texts("include")) {
      if (included.endsWith(".logprobs")) {
        logprobs(body, "include", true);
      } else if (!included.equals("reasoning.encrypted_content")) {
        body.leaveOut("include." + included);
      }
    }
  }

  /** Anthropic's own endpoint for OpenAI's clients ignores them; elsewhere they could be told. */
  private void logprobs(Fields body, String field, boolean wanted) {
    if (!wanted) {
      return;
    }
    if (!pair.isTo(WireProtocol.ANTHROPIC_MESSAGES)) {
      throw body.refused(field, "ask for log probabilities at /v1/chat/completions");
    }
    body.leaveOut(field);
  }

  private static void text(Fields body, ChatRequest request) {
    Fields text = body.object("text");
    if (text == null) {
      return;
    }
    String verbosity = text.text("verbosity");
    if (verbosity != null && Set.of("low", "medium", "high").contains(verbosity)) {
      request.verbosity = new Verbosity(text.path("verbosity"), verbosity);
    } else if (verbosity != null) {
      text.leaveOut("verbosity");
    }
    Fields format = text.object("format");
    if (format != null) {
      request.format = Schemas.form(format, schema -> Schemas.format(schema, schema.path()));
    }
    text.done();
  }

  /** Thoughts are told where a summary of them was asked for; nobody else makes summaries. */
  private static void reasoning(Fields body, ChatRequest request) {
    Fields reasoning = body.object("reasoning");
    request.thoughtsShown = false;
    if (reasoning == null) {
      return;
    }
    String word = reasoning.text("effort");
    Effort effort = word == null ? null : Effort.of(word);
    if (effort != null) {
      request.thinking = Thinking.ofEffort(reasoning.path("effort"), effort);
    } else if (word != null) {
      reasoning.leaveOut("effort");
    }
    for (String name : new String[] {"summary", "generate_summary"}) {
      String summary = reasoning.text(name);
      if (summary != null && !summary.equals("none")) {
        request.thoughtsShown = true;
      }
    }
    reasoning.hint("context").hintUnless("mode", "\"standard\"").done();
  }
}
