package io.mimir.llm.service.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.WireProtocol;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of fields: each is carried, left out on purpose, or refused by its name. */
class FieldsTableTest {

  private static final WireProtocol OPENAI = WireProtocol.OPENAI_CHAT;
  private static final WireProtocol ANTHROPIC = WireProtocol.ANTHROPIC_MESSAGES;

  private static final String USER = "'messages':[{'role':'user','content':'x'}]";

  private static Call ask(WireProtocol client, WireProtocol upstream, String fields) {
    ObjectNode body = (ObjectNode) Call.json(minimal(client));
    body.setAll((ObjectNode) Call.json("{" + fields + "}"));
    return Call.of(client, upstream, body.toString());
  }

  private static String minimal(WireProtocol client) {
    return switch (client) {
      case OLLAMA_GENERATE -> "{'prompt':'x'}";
      case OLLAMA_EMBED, OPENAI_RESPONSES -> "{'input':'x'}";
      case ANTHROPIC_MESSAGES -> "{'max_tokens':9," + USER + "}";
      default -> "{" + USER + "}";
    };
  }

  private static ProblemException refusal(
      WireProtocol client, WireProtocol upstream, String fields) {
    return catchThrowableOfType(ProblemException.class, () -> ask(client, upstream, fields));
  }

  static Stream<String> openAiRefusals() {
    return Stream.of(
        "logit_bias|'logit_bias':{'50256':-100}",
        "n|'n':2",
        "logprobs|'logprobs':true",
        "top_logprobs|'top_logprobs':3",
        "audio|'audio':{'voice':'alloy','format':'wav'}",
        "modalities|'modalities':['text','audio']",
        "prediction|'prediction':{'type':'content','content':'x'}",
        "frequency_penalty|'frequency_penalty':0.5",
        "presence_penalty|'presence_penalty':0.5",
        "seed|'seed':7",
        "store|'store':true",
        "service_tier|'service_tier':'flex'",
        "reasoning_effort|'reasoning_effort':'high'",
        "verbosity|'verbosity':'low'",
        "web_search_options|'web_search_options':{}",
        "moderation|'moderation':{}",
        "functions|'functions':[]",
        "function_call|'function_call':'auto'",
        "temperature|'temperature':1.5",
        "stop|'stop':['END','\\n']",
        "response_format|'response_format':{'type':'json_object'}",
        "response_format.json_schema.description|'response_format':{'type':'json_schema',"
            + "'json_schema':{'name':'n','description':'d','schema':{}}}",
        "tools[0].type|'tools':[{'type':'custom','custom':{'name':'f'}}]",
        "tool_choice.type|'tool_choice':{'type':'allowed_tools'}",
        "messages[0].name|'messages':[{'role':'user','name':'Eve','content':'x'}]",
        "messages[0].role|'messages':[{'role':'function','name':'f','content':'x'}]",
        "messages[0].content[0].type|'messages':[{'role':'user','content':"
            + "[{'type':'input_audio','input_audio':{}}]}]",
        "messages[0].content[0].type|'messages':[{'role':'user','content':"
            + "[{'type':'file','file':{}}]}]",
        "messages[0].content[0].image_url.detail|'messages':[{'role':'user','content':"
            + "[{'type':'image_url','image_url':{'url':'https://a/b','detail':'low'}}]}]",
        "messages[0].content[0].image_url.url|'messages':[{'role':'user','content':"
            + "[{'type':'image_url','image_url':{'url':'data:image/tiff;base64,AA'}}]}]",
        "messages[0].audio|'messages':[{'role':'assistant','audio':{'id':'a'}}]",
        "messages[0].reasoning_content|'messages':[{'role':'assistant','content':'x',"
            + "'reasoning_content':'hm'}]",
        "messages[0]|'messages':[{'role':'assistant','content':'x'},"
            + "{'role':'user','content':'x'}]",
        "messages[1]|'messages':[{'role':'user','content':'x'},"
            + "{'role':'system','content':'x'},{'role':'user','content':'x'}]");
  }

  @ParameterizedTest
  @MethodSource("openAiRefusals")
  void anthropicCannotSay(String row) {
    refusedByName(OPENAI, ANTHROPIC, row);
  }

  static Stream<String> anthropicRefusals() {
    return Stream.of(
        "top_k|'top_k':5",
        "thinking|'thinking':{'type':'enabled','budget_tokens':1024}",
        "thinking|'thinking':{'type':'adaptive'}",
        "container|'container':'c'",
        "mcp_servers|'mcp_servers':[{}]",
        "context_management|'context_management':{}",
        "inference_geo|'inference_geo':'eu'",
        "speed|'speed':'fast'",
        "service_tier|'service_tier':'priority'",
        "output_config.effort|'output_config':{'effort':'high'}",
        "diagnostics|'diagnostics':{}",
        "user_profile_id|'user_profile_id':'u'",
        "tools[0].type|'tools':[{'type':'web_search_20250305','name':'web_search'}]",
        "tools[0].defer_loading|'tools':[{'name':'f','input_schema':{},'defer_loading':true}]",
        "tools[0].input_examples|'tools':[{'name':'f','input_schema':{},"
            + "'input_examples':[{}]}]",
        "messages[1].content[0].type|'messages':[{'role':'user','content':'x'},"
            + "{'role':'assistant','content':[{'type':'thinking','thinking':'hm',"
            + "'signature':'s'}]},{'role':'user','content':'x'}]",
        "messages[1].content[0].type|'messages':[{'role':'user','content':'x'},"
            + "{'role':'assistant','content':[{'type':'redacted_thinking','data':'d'}]},"
            + "{'role':'user','content':'x'}]",
        "messages[0].content[0].type|'messages':[{'role':'user','content':"
            + "[{'type':'document','source':{}}]}]",
        "messages[0].content[0].source.type|'messages':[{'role':'user','content':"
            + "[{'type':'image','source':{'type':'file','file_id':'f'}}]}]",
        "messages[0].content[0].content[0]|'messages':[{'role':'user','content':"
            + "[{'type':'tool_result','tool_use_id':'t','content':[{'type':'image',"
            + "'source':{'type':'base64','media_type':'image/png','data':'AA'}}]}]}]");
  }

  @ParameterizedTest
  @MethodSource("anthropicRefusals")
  void openAiCannotSay(String row) {
    refusedByName(ANTHROPIC, OPENAI, row);
  }

  static Stream<String> ollamaRefusals() {
    return Stream.of(
        "think|'think':true",
        "think|'think':'high'",
        "logprobs|'logprobs':true",
        "options.min_p|'options':{'min_p':0.1}",
        "options.repeat_penalty|'options':{'repeat_penalty':1.1}",
        "options.mirostat|'options':{'mirostat':1}",
        "messages[0].thinking|'messages':[{'role':'assistant','content':'x','thinking':'hm'}]",
        "messages|'messages':[]",
        "tools[0].type|'tools':[{'type':'web','function':{}}]");
  }

  @ParameterizedTest
  @MethodSource("ollamaRefusals")
  void nobodyElseCanSayWhatOllamaSays(String row) {
    refusedByName(WireProtocol.OLLAMA_CHAT, OPENAI, row);
    refusedByName(WireProtocol.OLLAMA_CHAT, ANTHROPIC, row);
  }

  static Stream<String> responsesRefusals() {
    return Stream.of(
        "previous_response_id|'previous_response_id':'resp_1'",
        "conversation|'conversation':'conv_1'",
        "store|'store':true",
        "background|'background':true",
        "truncation|'truncation':'auto'",
        "prompt|'prompt':{'id':'p'}",
        "include|'include':['web_search_call.action.sources']",
        "reasoning.effort|'reasoning':{'effort':'high'}",
        "text.verbosity|'text':{'verbosity':'low'}",
        "max_tool_calls|'max_tool_calls':3",
        "tools[0].type|'tools':[{'type':'web_search'}]",
        "tool_choice.type|'tool_choice':{'type':'mcp'}",
        "input[0].type|'input':[{'type':'reasoning','id':'r','summary':[]}]",
        "input[0].type|'input':[{'type':'item_reference','id':'r'}]",
        "input[0].content[0].type|'input':[{'role':'user','content':[{'type':'input_file'}]}]",
        "input[0].content[0].file_id|'input':[{'role':'user','content':"
            + "[{'type':'input_image','file_id':'f'}]}]");
  }

  @ParameterizedTest
  @MethodSource("responsesRefusals")
  void nobodyElseCanSayWhatResponsesSay(String row) {
    refusedByName(WireProtocol.OPENAI_RESPONSES, OPENAI, row);
    refusedByName(WireProtocol.OPENAI_RESPONSES, ANTHROPIC, row);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "OLLAMA_CHAT|OPENAI_CHAT|options.top_k|'options':{'top_k':40}",
        "OLLAMA_CHAT|ANTHROPIC_MESSAGES|options.seed|'options':{'seed':1}",
        "OLLAMA_CHAT|ANTHROPIC_MESSAGES|format|'format':'json'",
        "OLLAMA_GENERATE|OPENAI_CHAT|suffix|'suffix':'x'",
        "OLLAMA_GENERATE|OPENAI_CHAT|template|'template':'x'",
        "OLLAMA_GENERATE|OPENAI_CHAT|context|'context':[1]",
        "OLLAMA_GENERATE|OPENAI_CHAT|raw|'raw':true",
        "OLLAMA_GENERATE|OPENAI_CHAT|prompt|'prompt':''",
        "OLLAMA_EMBED|OPENAI_EMBEDDINGS|options|'options':{'num_ctx':1}",
      })
  void theOneUpstreamCannotSay(
      WireProtocol client, WireProtocol upstream, String field, String given) {
    refusedByName(client, upstream, field + "|" + given);
  }

  private static void refusedByName(WireProtocol client, WireProtocol upstream, String row) {
    int bar = row.indexOf('|');
    String field = row.substring(0, bar);

    ProblemException refusal = refusal(client, upstream, row.substring(bar + 1));

    assertThat(refusal).as(row).isNotNull();
    assertThat(refusal.problem()).isEqualTo(Problem.REFUSED);
    assertThat(refusal.errors()).hasSize(1);
    assertThat(refusal.errors().get(0).field()).isEqualTo(field);
    assertThat(refusal)
        .hasMessageStartingWith(field + " ")
        .hasMessageContaining(client.label())
        .hasMessageContaining(upstream.label());
  }

  static Stream<Arguments> leftOut() {
    return Stream.of(
        Arguments.of(
            OPENAI,
            ANTHROPIC,
            "'user':'u','safety_identifier':'s','metadata':{'a':'b'},'prompt_cache_key':'k',"
                + "'prompt_cache_retention':'24h','service_tier':'auto','store':false,'n':1,"
                + "'logprobs':false,'frequency_penalty':0,'presence_penalty':0.0,"
                + "'logit_bias':{},'modalities':['text'],'response_format':{'type':'text'},"
                + "'seed':null,'audio':null,'brand_new':null"),
        Arguments.of(
            ANTHROPIC,
            OPENAI,
            "'metadata':{'user_id':'u'},'cache_control':{'type':'ephemeral'},"
                + "'service_tier':'standard_only','speed':'standard','mcp_servers':[],"
                + "'thinking':{'type':'disabled'},'output_config':{},'container':null"),
        Arguments.of(
            WireProtocol.OPENAI_RESPONSES,
            ANTHROPIC,
            "'user':'u','safety_identifier':'s','metadata':{'a':'b'},'prompt_cache_key':'k',"
                + "'service_tier':'auto','store':false,'background':false,"
                + "'truncation':'disabled','include':['reasoning.encrypted_content'],"
                + "'reasoning':{'effort':null},'text':{'format':{'type':'text'}}"),
        Arguments.of(
            WireProtocol.OLLAMA_CHAT,
            OPENAI,
            "'keep_alive':'5m','truncate':true,'shift':true,'think':false,'logprobs':false,"
                + "'format':'','options':{'num_ctx':8192,'num_thread':4,'num_gpu':1}"));
  }

  @ParameterizedTest
  @MethodSource("leftOut")
  void hintsAreLeftOut(WireProtocol client, WireProtocol upstream, String fields) {
    JsonNode plain = ask(client, upstream, "").asked;

    assertThat(ask(client, upstream, fields).asked).isEqualTo(plain);
  }

  static Stream<Arguments> invalid() {
    return Stream.of(
        Arguments.of(OPENAI, ANTHROPIC, "messages", "'messages':[]"),
        Arguments.of(OPENAI, ANTHROPIC, "messages", "'messages':'x'"),
        Arguments.of(OPENAI, ANTHROPIC, "messages", "'messages':[{'role':'system','content':'x'}]"),
        Arguments.of(OPENAI, ANTHROPIC, "messages[0]", "'messages':['x']"),
        Arguments.of(OPENAI, ANTHROPIC, "messages[0].role", "'messages':[{'content':'x'}]"),
        Arguments.of(OPENAI, ANTHROPIC, "messages[0].role", "'messages':[{'role':'king'}]"),
        Arguments.of(OPENAI, ANTHROPIC, "stream", "'stream':'yes'"),
        Arguments.of(OPENAI, ANTHROPIC, "stop", "'stop':7"),
        Arguments.of(OPENAI, ANTHROPIC, "temperature", "'temperature':'hot'"),
        Arguments.of(OPENAI, ANTHROPIC, "max_tokens", "'max_tokens':1.5"),
        Arguments.of(OPENAI, ANTHROPIC, "max_tokens", "'max_tokens':1,'max_completion_tokens':2"),
        Arguments.of(
            OPENAI,
            ANTHROPIC,
            "messages[0].tool_calls[0].function.arguments",
            "'messages':[{'role':'assistant','tool_calls':[{'id':'c','type':'function',"
                + "'function':{'name':'f','arguments':'{'}}]}]"),
        Arguments.of(
            OPENAI,
            ANTHROPIC,
            "messages[0].content[0].image_url.url",
            "'messages':[{'role':'user','content':[{'type':'image_url',"
                + "'image_url':{'url':'file:///etc/passwd'}}]}]"),
        Arguments.of(ANTHROPIC, OPENAI, "max_tokens", "'max_tokens':null"),
        Arguments.of(
            WireProtocol.OLLAMA_CHAT,
            OPENAI,
            "messages[0].images[0]",
            "'messages':[{'role':'user','images':['AAAA']}]"),
        Arguments.of(WireProtocol.OPENAI_RESPONSES, OPENAI, "input", "'input':[]"),
        Arguments.of(WireProtocol.OLLAMA_CHAT, OPENAI, "format", "'format':'xml'"),
        Arguments.of(
            WireProtocol.OLLAMA_EMBED,
            WireProtocol.OPENAI_EMBEDDINGS,
            "input[1]",
            "'input':['x',1]"),
        Arguments.of(
            WireProtocol.OLLAMA_EMBED, WireProtocol.OPENAI_EMBEDDINGS, "input", "'input':null"));
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void whatTheClientsOwnProtocolDoesNotSayIsInvalid(
      WireProtocol client, WireProtocol upstream, String field, String fields) {
    ProblemException refusal = refusal(client, upstream, fields);

    assertThat(refusal).isNotNull();
    assertThat(refusal.problem()).isEqualTo(Problem.INVALID);
    assertThat(refusal.errors().get(0).field()).isEqualTo(field);
    assertThat(refusal).hasMessageStartingWith(field + " ");
  }

  @Test
  void theSentenceSaysWhatToDo() {
    assertThat(refusal(OPENAI, ANTHROPIC, "'seed':7"))
        .hasMessage(
            "seed cannot be said in Anthropic's messages (/v1/messages), which this model's"
                + " provider speaks: leave it out, or choose a model whose provider speaks"
                + " OpenAI's chat completions (/v1/chat/completions)");
  }

  @Test
  void everyOtherPairIsRefusedByItsNames() {
    List<Set<WireProtocol>> chats =
        List.of(
            EnumSet.of(
                WireProtocol.OPENAI_CHAT,
                WireProtocol.OPENAI_RESPONSES,
                WireProtocol.OLLAMA_CHAT,
                WireProtocol.OLLAMA_GENERATE),
            EnumSet.of(
                WireProtocol.ANTHROPIC_MESSAGES,
                WireProtocol.OPENAI_RESPONSES,
                WireProtocol.OLLAMA_CHAT,
                WireProtocol.OLLAMA_GENERATE));
    for (WireProtocol client : WireProtocol.values()) {
      for (WireProtocol upstream : WireProtocol.values()) {
        boolean known =
            upstream == ANTHROPIC && chats.get(0).contains(client)
                || upstream == OPENAI && chats.get(1).contains(client)
                || upstream == WireProtocol.OPENAI_EMBEDDINGS && client == WireProtocol.OLLAMA_EMBED
                || upstream == WireProtocol.OLLAMA_CHAT
                    && client != WireProtocol.OLLAMA_CHAT
                    && !List.of(
                            WireProtocol.OPENAI_COMPLETIONS,
                            WireProtocol.OPENAI_EMBEDDINGS,
                            WireProtocol.OLLAMA_EMBED)
                        .contains(client);
        ProblemException refusal =
            catchThrowableOfType(
                ProblemException.class, () -> Translation.between(client, upstream));
        if (known) {
          assertThat(refusal).isNull();
        } else {
          assertThat(refusal.problem()).isEqualTo(Problem.REFUSED);
          assertThat(refusal)
              .hasMessageContaining(client.label())
              .hasMessageContaining(upstream.label());
        }
      }
    }
    assertThat(Arrays.stream(WireProtocol.values()).map(WireProtocol::label))
        .doesNotHaveDuplicates();
  }
}
