package io.mimir.llm.service.protocol;

import static io.mimir.llm.WireProtocol.ANTHROPIC_MESSAGES;
import static io.mimir.llm.WireProtocol.OLLAMA_CHAT;
import static io.mimir.llm.WireProtocol.OLLAMA_EMBED;
import static io.mimir.llm.WireProtocol.OLLAMA_GENERATE;
import static io.mimir.llm.WireProtocol.OPENAI_CHAT;
import static io.mimir.llm.WireProtocol.OPENAI_EMBEDDINGS;

import java.util.List;

/** The examples of Ollama's chat, generate and embed. */
final class OllamaFieldExamples {

  private static final String SCHEMA = "{'type':'object','properties':{}}";

  private OllamaFieldExamples() {}

  private static FieldExample chat(String rule, String given, String expected) {
    return new FieldExample(OLLAMA_CHAT, OPENAI_CHAT, rule, given, expected, Call.MODEL);
  }

  private static FieldExample claude(String rule, String given, String expected) {
    return claude(rule, given, expected, Call.MODEL);
  }

  private static FieldExample claude(String rule, String given, String expected, String model) {
    return new FieldExample(OLLAMA_CHAT, ANTHROPIC_MESSAGES, rule, given, expected, model);
  }

  private static FieldExample generate(String rule, String given, String expected) {
    return new FieldExample(OLLAMA_GENERATE, OPENAI_CHAT, rule, given, expected, Call.MODEL);
  }

  private static FieldExample embed(String rule, String given, String expected) {
    return new FieldExample(OLLAMA_EMBED, OPENAI_EMBEDDINGS, rule, given, expected, Call.MODEL);
  }

  static final List<FieldExample> ALL =
      List.of(
          chat(
              "messages[].content, images",
              "'messages':[{'role':'user','content':'x','images':['iVBORw0KGgoAA']}]",
              "/messages/0/content/1/image_url/url='data:image/png;base64,iVBORw0KGgoAA'"),
          chat(
              "messages[].content, images",
              "'messages':[{'role':'user','images':['data:image/png;base64,iVBOR']}]",
              "/messages/0/content/0/image_url/url='data:image/png;base64,iVBOR'"),
          chat(
              "messages[].tool_calls, tool_name",
              "'messages':[{'role':'user','content':'x'},{'role':'assistant','content':'',"
                  + "'tool_calls':[{'function':{'name':'f','arguments':{}}}]},"
                  + "{'role':'tool','tool_name':'f','content':'y'}]",
              "/messages/2={'role':'tool','tool_call_id':'call_1','content':'y'}"),
          claude(
              "messages[].thinking",
              "'messages':[{'role':'user','content':'x'},{'role':'assistant','content':'y',"
                  + "'thinking':'hm'},{'role':'user','content':'z'}]",
              "out:messages.thinking"),
          chat(
              "tools[]",
              "'tools':[{'type':'function','function':{'name':'f','parameters':" + SCHEMA + "}}]",
              "/tools/0/function/name='f'"),
          chat(
              "tools[] other than functions",
              "'tools':[{'type':'web','function':{}}]",
              "refused:tools[0].type"),
          chat("tool_choice", "'tool_choice':'required'", "out:tool_choice"),
          chat("think", "'think':'high'", "/reasoning_effort='high'"),
          chat("think", "'think':true", "/reasoning_effort='medium'"),
          chat("think", "'think':false", "/reasoning_effort='none'"),
          chat("think", "'think':'immense'", "out:think"),
          claude("think", "'think':true", "/thinking/type='adaptive'", "claude-opus-4-6"),
          claude("think", "'think':false", "/thinking/type='disabled'", "claude-opus-5"),
          chat(
              "format json",
              "'format':'json','messages':[{'role':'user','content':'Say JSON.'}]",
              "/response_format/type='json_object'"),
          claude("format json", "'format':'json'", "out:format=instruction"),
          chat(
              "format with a schema",
              "'format':" + SCHEMA,
              "/response_format/json_schema/schema/type='object'"),
          claude(
              "format with a schema",
              "'format':" + SCHEMA,
              "/output_config/format/type='json_schema'"),
          chat("options.num_predict", "'options':{'num_predict':7}", "/max_tokens=7"),
          claude("options.num_predict", "'options':{'num_predict':-1}", "/max_tokens=4096"),
          chat("options.temperature, top_p", "'options':{'top_p':0.5}", "/top_p=0.5"),
          chat("options.stop", "'options':{'stop':['END']}", "/stop=['END']"),
          claude("options.top_k", "'options':{'top_k':40}", "/top_k=40"),
          chat("options.top_k", "'options':{'top_k':40}", "out:options.top_k"),
          chat("options.seed", "'options':{'seed':1}", "/seed=1"),
          claude("options.seed", "'options':{'seed':1}", "out:options.seed"),
          chat(
              "options.frequency_penalty, presence_penalty",
              "'options':{'presence_penalty':0.5}",
              "/presence_penalty=0.5"),
          claude(
              "options.frequency_penalty, presence_penalty",
              "'options':{'frequency_penalty':0.5}",
              "out:options.frequency_penalty"),
          chat(
              "options.min_p, repeat_penalty",
              "'options':{'repeat_penalty':1.1}",
              "out:options.repeat_penalty"),
          claude("options.min_p, repeat_penalty", "'options':{'min_p':0.1}", "out:options.min_p"),
          claude(
              "options.num_ctx, mirostat, tfs_z and all others",
              "'options':{'mirostat':1}",
              "out:options.mirostat"),
          chat(
              "options.num_ctx, mirostat, tfs_z and all others",
              "'options':{'num_ctx':8192}",
              "out:options.num_ctx"),
          chat("keep_alive", "'keep_alive':'5m'", "/messages/0/content='x'"),
          chat("truncate", "'truncate':false", "out:truncate"),
          chat("shift", "'shift':false", "out:shift"),
          chat("logprobs", "'logprobs':true", "refused:logprobs"),
          chat("top_logprobs", "'top_logprobs':3", "refused:top_logprobs"),
          generate(
              "prompt, system, images",
              "'system':'be brief'",
              "/messages/0={'role':'system','content':'be brief'}"),
          generate("suffix", "'suffix':'x'", "refused:suffix"),
          generate("template", "'template':'x'", "refused:template"),
          generate("raw", "'raw':true", "refused:raw"),
          generate("context", "'context':[1]", "refused:context"),
          embed("input", "'input':['a','b']", "/input=['a','b']"),
          embed("dimensions", "'dimensions':2", "/dimensions=2"),
          embed("truncate", "'truncate':false", "out:truncate"),
          embed("options", "'options':{'num_ctx':1}", "out:options"),
          embed("keep_alive", "'keep_alive':0", "/input='x'"));
}
