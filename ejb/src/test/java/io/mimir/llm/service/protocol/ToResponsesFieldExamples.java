package io.mimir.llm.service.protocol;

import static io.mimir.llm.WireProtocol.ANTHROPIC_MESSAGES;
import static io.mimir.llm.WireProtocol.OLLAMA_CHAT;
import static io.mimir.llm.WireProtocol.OLLAMA_GENERATE;
import static io.mimir.llm.WireProtocol.OPENAI_RESPONSES;

import io.mimir.llm.WireProtocol;
import java.util.List;

/** The examples of fields on their way to OpenAI's responses. */
final class ToResponsesFieldExamples {

  private static final String GPT = "gpt-5.5";
  private static final String PNG = "{'type':'base64','media_type':'image/png','data':'AA'}";
  private static final String PDF = "{'type':'base64','media_type':'application/pdf','data':'AA'}";
  private static final String SCHEMA =
      "{'type':'object','properties':{'a':{'type':'string'}},'required':['a']}";
  private static final String OPEN_SCHEMA =
      "{'type':'object','properties':{'a':{'type':'string'}}}";

  private ToResponsesFieldExamples() {}

  private static FieldExample claude(String rule, String given, String expected) {
    return example(ANTHROPIC_MESSAGES, rule, given, expected);
  }

  private static FieldExample ollama(String rule, String given, String expected) {
    return example(OLLAMA_CHAT, rule, given, expected);
  }

  private static FieldExample example(
      WireProtocol client, String rule, String given, String expected) {
    return new FieldExample(client, OPENAI_RESPONSES, rule, given, expected, GPT);
  }

  private static String user(String block) {
    return "'messages':[{'role':'user','content':[" + block + "]}]";
  }

  private static String tool(String member) {
    return "'tools':[{'name':'f','input_schema':" + SCHEMA + member + "}]";
  }

  private static String format(String schema) {
    return "'output_config':{'format':{'type':'json_schema','schema':" + schema + "}}";
  }

  static final List<FieldExample> ALL =
      List.of(
          claude(
              "system",
              "'system':[{'type':'text','text':'a'},{'type':'text','text':'b'}]",
              "/instructions='a\\n\\nb'"),
          claude(
              "messages[].role system",
              "'messages':[{'role':'user','content':'x'},{'role':'system','content':'q'},"
                  + "{'role':'user','content':'z'}]",
              "/input/1={'type':'message','role':'developer',"
                  + "'content':[{'type':'input_text','text':'q'}]}"),
          claude(
              "messages[].content[] image",
              user("{'type':'image','source':" + PNG + "}"),
              "/input/0/content/0={'type':'input_image','image_url':'data:image/png;base64,AA',"
                  + "'detail':'auto'}"),
          claude(
              "messages[].content[] document",
              user("{'type':'document','title':'a.pdf','source':" + PDF + "}"),
              "/input/0/content/0={'type':'input_file','filename':'a.pdf',"
                  + "'file_data':'data:application/pdf;base64,AA'}"),
          claude(
              "messages[].content[].source.url of a document",
              user("{'type':'document','source':{'type':'url','url':'https://a/b.pdf'}}"),
              "/input/0/content/0={'type':'input_file','file_url':'https://a/b.pdf'}"),
          claude(
              "messages[].content[].source.file_id",
              user("{'type':'image','source':{'type':'file','file_id':'f'}}"),
              "refused:messages[0].content[0].source.type"),
          claude(
              "messages[].content[] thinking, redacted_thinking",
              "'messages':[{'role':'user','content':'x'},{'role':'assistant','content':["
                  + "{'type':'thinking','thinking':'hm','signature':'s'},"
                  + "{'type':'text','text':'y'}]},{'role':'user','content':'z'}]",
              "out:messages.content.thinking"),
          claude(
              "messages[].content[] tool_result with images or documents",
              user(
                  "{'type':'tool_result','tool_use_id':'t','is_error':true,'content':["
                      + "{'type':'text','text':'a'},{'type':'text','text':'b'},"
                      + "{'type':'image','source':"
                      + PNG
                      + "},{'type':'text','text':'c'}]}"),
              "/input/0={'type':'function_call_output','call_id':'t','output':["
                  + "{'type':'input_text','text':'Error: ab'},{'type':'input_image',"
                  + "'image_url':'data:image/png;base64,AA','detail':'auto'},"
                  + "{'type':'input_text','text':'c'}]}"),
          claude(
              "messages[].content[].is_error",
              user("{'type':'tool_result','tool_use_id':'t','content':'no','is_error':true}"),
              "/input/0={'type':'function_call_output','call_id':'t','output':'Error: no'}"),
          claude(
              "messages ending with the assistant",
              "'messages':[{'role':'user','content':'x'},{'role':'assistant','content':'y'}]",
              "/input/1={'type':'message','role':'assistant',"
                  + "'content':[{'type':'output_text','text':'y'}]}"),
          claude(
              "messages ending with the assistant",
              "'messages':[{'role':'user','content':'x'},{'role':'assistant','content':'y'}]",
              "/input/2/role='developer'"),
          claude(
              "tools[].input_schema",
              tool(",'description':'d'"),
              "/tools/0={'type':'function','strict':false,'name':'f','description':'d',"
                  + "'parameters':"
                  + SCHEMA
                  + "}"),
          claude("tools[].strict", tool(",'strict':true"), "/tools/0/strict=true"),
          claude(
              "tools[].strict",
              "'tools':[{'name':'f','strict':true,'input_schema':" + OPEN_SCHEMA + "}]",
              "out:tools.strict"),
          claude(
              "tool_choice", tool("") + ",'tool_choice':{'type':'any'}", "/tool_choice='required'"),
          claude("tool_choice", tool("") + ",'tool_choice':{'type':'none'}", "/tool_choice='none'"),
          claude(
              "tool_choice",
              tool("") + ",'tool_choice':{'type':'tool','name':'f'}",
              "/tool_choice={'type':'function','name':'f'}"),
          claude(
              "tool_choice.disable_parallel_tool_use",
              tool("") + ",'tool_choice':{'type':'auto','disable_parallel_tool_use':true}",
              "/parallel_tool_calls=false"),
          claude("max_tokens", "'max_tokens':64000", "/max_output_tokens=64000"),
          claude("max_tokens", "'max_tokens':1", "out:max_tokens=16"),
          claude("temperature, top_p", "'temperature':0.2", "out:temperature"),
          claude("top_k, stop_sequences", "'top_k':5", "out:top_k"),
          claude("top_k, stop_sequences", "'stop_sequences':['END']", "out:stop_sequences"),
          claude(
              "thinking, output_config.effort",
              "'thinking':{'type':'enabled','budget_tokens':31999}",
              "/reasoning={'effort':'high','summary':'auto'}"),
          claude(
              "thinking, output_config.effort",
              "'thinking':{'type':'adaptive'}",
              "/reasoning={'effort':'medium','summary':'auto'}"),
          claude(
              "thinking, output_config.effort",
              "'output_config':{'effort':'low'}",
              "/reasoning={'effort':'low'}"),
          claude(
              "thinking, output_config.effort",
              "'thinking':{'type':'adaptive'},'output_config':{'effort':'max'}",
              "out:output_config.effort=xhigh"),
          claude(
              "thinking, output_config.effort",
              "'thinking':{'type':'disabled'}",
              "/reasoning={'effort':'none'}"),
          claude(
              "output_config.format",
              format(SCHEMA),
              "/text/format={'type':'json_schema','name':'answer','strict':true,'schema':"
                  + SCHEMA.replaceAll("}$", ",'additionalProperties':false}")
                  + "}"),
          claude(
              "output_config.format that OpenAI's own models cannot be held to",
              format(OPEN_SCHEMA),
              "refused:output_config.format"),
          claude("metadata", "'metadata':{'user_id':'u'}", "out:metadata"),
          claude("cache_control", "'cache_control':{'type':'ephemeral'}", "out:cache_control"),
          ollama(
              "messages[].content, images",
              "'messages':[{'role':'user','content':'x','images':['iVBORw0KGgoAA']}]",
              "/input/0/content/1/image_url='data:image/png;base64,iVBORw0KGgoAA'"),
          ollama(
              "messages[].tool_calls, tool_name",
              "'messages':[{'role':'user','content':'x'},{'role':'assistant','content':'',"
                  + "'tool_calls':[{'function':{'name':'f','arguments':{}}}]},"
                  + "{'role':'tool','tool_name':'f','content':'y'}]",
              "/input/2={'type':'function_call_output','call_id':'call_1','output':'y'}"),
          ollama(
              "messages[].thinking",
              "'messages':[{'role':'user','content':'x'},{'role':'assistant','content':'y',"
                  + "'thinking':'hm'},{'role':'user','content':'z'}]",
              "out:messages.thinking"),
          ollama(
              "tools[]",
              "'tools':[{'type':'function','function':{'name':'f','parameters':" + SCHEMA + "}}]",
              "/tools/0/name='f'"),
          ollama("think", "'think':'high'", "/reasoning={'effort':'high','summary':'auto'}"),
          ollama("think", "'think':false", "/reasoning={'effort':'none'}"),
          ollama(
              "format json",
              "'format':'json','messages':[{'role':'user','content':'Say JSON.'}]",
              "/text/format={'type':'json_object'}"),
          ollama("format json", "'format':'json'", "out:format=instruction"),
          ollama("format with a schema", "'format':" + SCHEMA, "/text/format/strict=true"),
          ollama("options.num_predict", "'options':{'num_predict':70}", "/max_output_tokens=70"),
          ollama("options.temperature, top_p", "'options':{'top_p':0.5}", "out:options.top_p"),
          ollama("options.stop", "'options':{'stop':['END']}", "out:options.stop"),
          ollama("options.top_k", "'options':{'top_k':40}", "out:options.top_k"),
          ollama("options.seed", "'options':{'seed':1}", "out:options.seed"),
          ollama(
              "options.frequency_penalty, presence_penalty",
              "'options':{'presence_penalty':0.5}",
              "out:options.presence_penalty"),
          ollama(
              "options.min_p, repeat_penalty",
              "'options':{'repeat_penalty':1.1}",
              "out:options.repeat_penalty"),
          example(
              OLLAMA_GENERATE,
              "prompt, system, images",
              "'system':'be brief'",
              "/instructions='be brief'"));
}
