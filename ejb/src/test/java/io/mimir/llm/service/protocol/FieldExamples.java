package io.mimir.llm.service.protocol;

import io.mimir.llm.WireProtocol;
import java.util.List;

/** The examples of OpenAI's chat completions and Anthropic's messages. */
final class FieldExamples {

  private static final String TOOL = "{'type':'function','function':{'name':'f'}}";
  private static final String FORMAT =
      "'response_format':{'type':'json_schema','json_schema':{'name':'n','schema':"
          + "{'type':'object','properties':{'a':{'type':'string'}}}}}";
  private static final String CALL =
      "{'role':'assistant','content':null,'tool_calls':[{'id':'c','type':'function',"
          + "'function':{'name':'f','arguments':'{}'}}]}";

  private FieldExamples() {}

  private static FieldExample openAi(String rule, String given, String expected) {
    return openAi(rule, given, expected, Call.MODEL);
  }

  private static FieldExample openAi(String rule, String given, String expected, String model) {
    return new FieldExample(
        WireProtocol.OPENAI_CHAT, WireProtocol.ANTHROPIC_MESSAGES, rule, given, expected, model);
  }

  private static String user(String part) {
    return "'messages':[{'role':'user','content':[" + part + "]}]";
  }

  static List<FieldExample> ofOpenAi() {
    return List.of(
        openAi(
            "messages[].role system, developer",
            "'messages':[{'role':'user','content':'x'},{'role':'developer','content':'y'}]",
            "/system/0/text='y'"),
        openAi(
            "messages beginning with the assistant",
            "'messages':[{'role':'assistant','content':'x'},{'role':'user','content':'y'}]",
            "/messages/0/role='user'"),
        openAi(
            "messages ending with the assistant",
            "'messages':[{'role':'user','content':'x'},{'role':'assistant','content':'y '}]",
            "/messages/1/content/0/text='y'"),
        openAi(
            "messages ending with the assistant",
            "'messages':[{'role':'user','content':'x'},{'role':'assistant','content':'y '}]",
            "/messages/2/role='user'",
            "claude-opus-4-6"),
        openAi(
            "messages[].name",
            "'messages':[{'role':'user','name':'Eve','content':'x'}]",
            "out:messages.name"),
        openAi(
            "messages[].content[] image_url",
            user("{'type':'image_url','image_url':{'url':'https://a/b'}}"),
            "/messages/0/content/0/source/url='https://a/b'"),
        openAi(
            "messages[].content[].image_url.detail",
            user("{'type':'image_url','image_url':{'url':'https://a/b','detail':'low'}}"),
            "out:messages.content.image_url.detail"),
        openAi(
            "messages[].content[] file with file_data",
            user(
                "{'type':'file','file':{'filename':'a.pdf',"
                    + "'file_data':'data:application/pdf;base64,AA'}}"),
            "/messages/0/content/0={'type':'document','source':{'type':'base64',"
                + "'media_type':'application/pdf','data':'AA'},'title':'a.pdf'}"),
        openAi(
            "messages[].content[] file with file_id",
            user("{'type':'text','text':'x'},{'type':'file','file':{'file_id':'f'}}"),
            "out:messages.content.file.file_id"),
        openAi(
            "messages[].content[] input_audio",
            user("{'type':'text','text':'x'},{'type':'input_audio','input_audio':{}}"),
            "out:messages.content.input_audio"),
        openAi(
            "messages[].content[].cache_control",
            user("{'type':'text','text':'x','cache_control':{'type':'ephemeral','ttl':'1h'}}"),
            "/messages/0/content/0/cache_control/ttl='1h'"),
        openAi(
            "messages[].tool_calls, tool_call_id",
            "'messages':[{'role':'user','content':'x'},"
                + CALL
                + ",{'role':'tool','tool_call_id':'c','content':'y'}]",
            "/messages/2/content/0/tool_use_id='c'"),
        openAi(
            "messages[].function_call, role function",
            "'messages':[{'role':'user','content':'x'},{'role':'assistant','content':null,"
                + "'function_call':{'name':'f','arguments':'{}'}},"
                + "{'role':'function','name':'f','content':'y'}]",
            "/messages/2/content/0/content/0/text='y'"),
        openAi(
            "messages[].audio",
            "'messages':[{'role':'user','content':'x'},{'role':'assistant','content':'y',"
                + "'audio':{'id':'a'}},{'role':'user','content':'x'}]",
            "out:messages.audio"),
        openAi(
            "messages[].reasoning_details",
            "'messages':[{'role':'user','content':'x'},{'role':'assistant','content':'y',"
                + "'reasoning_details':[{'data':'z'}]},{'role':'user','content':'x'}]",
            "out:messages.reasoning_details"),
        openAi(
            "messages[].reasoning_content",
            "'messages':[{'role':'user','content':'x'},{'role':'assistant','content':'y',"
                + "'reasoning_content':'z'},{'role':'user','content':'x'}]",
            "out:messages.reasoning_content"),
        openAi("tools[].function", "'tools':[" + TOOL + "]", "/tools/0/name='f'"),
        openAi(
            "tools[].custom",
            "'tools':[{'type':'custom','custom':{'name':'f'}}]",
            "/tools/0/input_schema/required=['input']"),
        openAi(
            "tools[].custom.format",
            "'tools':[{'type':'custom','custom':{'name':'f','format':{'type':'grammar'}}}]",
            "out:tools.custom.format"),
        openAi(
            "tools[] web_search and other hosted ones",
            "'tools':[{'type':'web_search'}]",
            "out:tools.web_search"),
        openAi(
            "tools[] hosted ones alone, with tool_choice required",
            "'tools':[{'type':'web_search'}],'tool_choice':'required'",
            "refused:tools[0].type"),
        openAi(
            "tool_choice",
            "'tools':[" + TOOL + "],'tool_choice':'required'",
            "/tool_choice/type='any'"),
        openAi(
            "parallel_tool_calls",
            "'tools':[" + TOOL + "],'parallel_tool_calls':false",
            "/tool_choice/disable_parallel_tool_use=true"),
        openAi(
            "functions, function_call",
            "'functions':[{'name':'f'}],'function_call':{'name':'f'}",
            "/tool_choice={'type':'tool','name':'f'}"),
        openAi(
            "response_format json_schema",
            FORMAT,
            "/output_config/format/schema/additionalProperties=false"),
        openAi(
            "response_format json_schema, for models before Claude 4.1",
            FORMAT,
            "refused:response_format",
            "claude-3-5-haiku-latest"),
        openAi(
            "response_format json_object",
            "'response_format':{'type':'json_object'}",
            "out:response_format=instruction"),
        openAi(
            "max_tokens, max_completion_tokens",
            "'max_tokens':5,'max_completion_tokens':7",
            "/max_tokens=7"),
        openAi("temperature", "'temperature':1.7", "out:temperature=1"),
        openAi("temperature", "'temperature':0.3", "/temperature=0.3"),
        openAi("top_p, top_k", "'top_p':0.3,'top_k':5", "/top_k=5"),
        openAi("top_p, top_k", "'top_p':0.3", "out:top_p", "claude-opus-4-8"),
        openAi("stop", "'stop':['END','\\n']", "out:stop"),
        openAi("stop", "'stop':'END'", "/stop_sequences=['END']"),
        openAi(
            "reasoning_effort, reasoning, thinking",
            "'reasoning_effort':'low'",
            "/thinking={'type':'enabled','budget_tokens':2048}",
            "claude-sonnet-4-5"),
        openAi(
            "reasoning_effort, reasoning, thinking",
            "'reasoning_effort':'low'",
            "/output_config/effort='low'",
            "claude-opus-4-6"),
        openAi(
            "reasoning_effort, reasoning, thinking",
            "'reasoning_effort':'low','max_tokens':100",
            "out:reasoning_effort"),
        openAi(
            "reasoning_effort, reasoning, thinking",
            "'reasoning_effort':'none'",
            "/thinking={'type':'disabled'}",
            "claude-opus-5"),
        openAi(
            "reasoning_effort, reasoning, thinking",
            "'reasoning_effort':'none'",
            "out:reasoning_effort",
            "claude-fable-5"),
        openAi("verbosity", "'verbosity':'low'", "out:verbosity"),
        openAi("seed", "'seed':7", "out:seed"),
        openAi("frequency_penalty", "'frequency_penalty':0.5", "out:frequency_penalty"),
        openAi("presence_penalty", "'presence_penalty':0.5", "out:presence_penalty"),
        openAi("n", "'n':2", "refused:n"),
        openAi("logprobs", "'logprobs':true", "out:logprobs"),
        openAi("top_logprobs", "'top_logprobs':3", "out:top_logprobs"),
        openAi("logit_bias", "'logit_bias':{'50256':-100}", "out:logit_bias"),
        openAi("modalities", "'modalities':['text','audio']", "out:modalities"),
        openAi("audio", "'audio':{'voice':'alloy'}", "out:audio"),
        openAi("prediction", "'prediction':{'type':'content'}", "out:prediction"),
        openAi("moderation", "'moderation':{'a':1}", "out:moderation"),
        openAi(
            "web_search_options",
            "'web_search_options':{'search_context_size':'low'}",
            "out:web_search_options"),
        openAi("store", "'store':true", "out:store"),
        openAi("metadata", "'metadata':{'a':'b'}", "out:metadata"),
        openAi("user", "'user':'u'", "out:user"),
        openAi("safety_identifier", "'safety_identifier':'u'", "out:safety_identifier"),
        openAi("prompt_cache_key", "'prompt_cache_key':'u'", "/prompt_cache_key="),
        openAi(
            "prompt_cache_retention",
            "'prompt_cache_retention':'24h'",
            "out:prompt_cache_retention"),
        openAi(
            "prompt_cache_options", "'prompt_cache_options':{'a':1}", "out:prompt_cache_options"),
        openAi("service_tier", "'service_tier':'flex'", "out:service_tier"));
  }

  private static FieldExample anthropic(String rule, String given, String expected) {
    return anthropic(rule, given, expected, Call.MODEL);
  }

  private static FieldExample anthropic(String rule, String given, String expected, String model) {
    return new FieldExample(
        WireProtocol.ANTHROPIC_MESSAGES, WireProtocol.OPENAI_CHAT, rule, given, expected, model);
  }

  private static String tool(String members) {
    return "'tools':[{'name':'f','input_schema':{'type':'object'}" + members + "}]";
  }

  private static String between(String role, String block) {
    return "'messages':[{'role':'user','content':'x'},{'role':'"
        + role
        + "','content':["
        + block
        + ",{'type':'text','text':'y'}]},{'role':'user','content':'z'}]";
  }

  static List<FieldExample> ofAnthropic() {
    String png = "{'type':'base64','media_type':'image/png','data':'AA'}";
    String pdf = "{'type':'base64','media_type':'application/pdf','data':'AA'}";
    return List.of(
        anthropic(
            "system",
            "'system':[{'type':'text','text':'a'},{'type':'text','text':'b'}]",
            "/messages/0={'role':'system','content':'a\\n\\nb'}"),
        anthropic(
            "messages[].role system",
            between("system", "{'type':'text','text':'q'}"),
            "/messages/1/role='system'"),
        anthropic(
            "messages[].content[] image",
            user("{'type':'image','source':" + png + "}"),
            "/messages/0/content/0/image_url/url='data:image/png;base64,AA'"),
        anthropic(
            "messages[].content[] document",
            user("{'type':'document','title':'a.pdf','source':" + pdf + "}"),
            "/messages/0/content/0/file={'filename':'a.pdf',"
                + "'file_data':'data:application/pdf;base64,AA'}"),
        anthropic(
            "messages[].content[].source.url of a document",
            user("{'type':'document','source':{'type':'url','url':'https://a/b.pdf'}}"),
            "refused:messages[0].content[0]"),
        anthropic(
            "messages[].content[].source.file_id",
            user("{'type':'image','source':{'type':'file','file_id':'f'}}"),
            "refused:messages[0].content[0].source.type"),
        anthropic(
            "messages[].content[] thinking, redacted_thinking",
            between("assistant", "{'type':'thinking','thinking':'hm','signature':'s'}"),
            "out:messages.content.thinking"),
        anthropic(
            "messages[].content[] thinking, redacted_thinking",
            between("assistant", "{'type':'redacted_thinking','data':'s'}"),
            "out:messages.content.redacted_thinking"),
        anthropic(
            "messages[].content[] server_tool_use",
            between("assistant", "{'type':'server_tool_use','id':'s','name':'w','input':{}}"),
            "out:messages.content.server_tool_use"),
        anthropic(
            "messages[].content[].cache_control",
            user("{'type':'text','text':'x','cache_control':{'type':'ephemeral','ttl':'1h'}}"),
            "out:cache_control"),
        anthropic(
            "messages[].content[].citations",
            user("{'type':'text','text':'x','citations':[{'type':'char_location'}]}"),
            "out:messages.content.citations"),
        anthropic(
            "messages[].content[] tool_result with images or documents",
            user(
                "{'type':'tool_result','tool_use_id':'t','content':[{'type':'image','source':"
                    + png
                    + "},{'type':'document','source':"
                    + pdf
                    + "}]}"),
            "/messages/1/content/2/type='file'"),
        anthropic(
            "messages[].content[].is_error",
            user("{'type':'tool_result','tool_use_id':'t','content':'no','is_error':true}"),
            "/messages/0/content='Error: no'"),
        anthropic(
            "messages ending with the assistant",
            "'messages':[{'role':'user','content':'x'},{'role':'assistant','content':'y'}]",
            "/messages/1={'role':'assistant','content':'y'}"),
        anthropic(
            "messages ending with the assistant",
            "'messages':[{'role':'user','content':'x'},{'role':'assistant','content':'y'}]",
            "/messages/2/role='system'",
            "gpt-4o"),
        anthropic(
            "tools[].input_schema",
            tool(""),
            "/tools/0/function/parameters={'type':'object','properties':{}}"),
        anthropic("tools[].strict", tool(",'strict':true"), "/tools/0/function/strict=true"),
        anthropic(
            "tools[].eager_input_streaming",
            tool(",'eager_input_streaming':true"),
            "out:tools.eager_input_streaming"),
        anthropic(
            "tools[].defer_loading", tool(",'defer_loading':true"), "out:tools.defer_loading"),
        anthropic(
            "tools[].input_examples", tool(",'input_examples':[{}]"), "out:tools.input_examples"),
        anthropic(
            "tools[].allowed_callers",
            tool(",'allowed_callers':['code_execution_20250825']"),
            "out:tools.allowed_callers"),
        anthropic(
            "tools[] web_search and other hosted ones",
            "'tools':[{'type':'web_search_20250305','name':'web_search','max_uses':5}]",
            "out:tools.web_search_20250305"),
        anthropic(
            "tools[] hosted ones that tool_choice wants",
            "'tools':[{'type':'web_search_20250305','name':'web_search'}],"
                + "'tool_choice':{'type':'tool','name':'web_search'}",
            "refused:tools[0].type"),
        anthropic(
            "tool_choice", tool("") + ",'tool_choice':{'type':'any'}", "/tool_choice='required'"),
        anthropic(
            "tool_choice.disable_parallel_tool_use",
            tool("") + ",'tool_choice':{'type':'auto','disable_parallel_tool_use':true}",
            "/parallel_tool_calls=false"),
        anthropic("max_tokens", "'max_tokens':64000", "out:max_tokens=16384", "openai/gpt-4o-mini"),
        anthropic("max_tokens", "'max_tokens':1", "out:max_tokens=16", "gpt-5-mini"),
        anthropic("temperature, top_p", "'temperature':0.2", "/temperature=0.2"),
        anthropic("temperature, top_p", "'temperature':0.2", "out:temperature", "gpt-5-mini"),
        anthropic("top_k", "'top_k':5", "out:top_k"),
        anthropic("stop_sequences", "'stop_sequences':['END']", "/stop=['END']"),
        anthropic(
            "thinking, output_config.effort",
            "'thinking':{'type':'enabled','budget_tokens':31999}",
            "/reasoning_effort='high'"),
        anthropic(
            "thinking, output_config.effort",
            "'thinking':{'type':'adaptive'},'output_config':{'effort':'max'}",
            "out:output_config.effort=high",
            "o4-mini"),
        anthropic(
            "thinking, output_config.effort",
            "'thinking':{'type':'enabled','budget_tokens':31999}",
            "out:thinking",
            "gpt-4o"),
        anthropic(
            "thinking, output_config.effort",
            "'thinking':{'type':'adaptive'}",
            "/reasoning_effort='medium'"),
        anthropic(
            "thinking, output_config.effort",
            "'thinking':{'type':'disabled'}",
            "/reasoning_effort='none'"),
        anthropic(
            "thinking, output_config.effort",
            "'thinking':{'type':'disabled'}",
            "out:thinking=minimal",
            "gpt-5-mini"),
        anthropic(
            "output_config.format",
            "'output_config':{'format':{'type':'json_schema','schema':{'type':'object'}}}",
            "/response_format/json_schema/strict=true"),
        anthropic(
            "output_config.format that OpenAI's own models cannot be held to",
            "'output_config':{'format':{'type':'json_schema','schema':{'type':'object',"
                + "'properties':{'a':{'type':'string'}}}}}",
            "refused:output_config.format",
            "gpt-5"),
        anthropic(
            "output_config.task_budget",
            "'output_config':{'task_budget':{'total':40000}}",
            "out:output_config.task_budget"),
        anthropic("metadata", "'metadata':{'user_id':'u'}", "out:metadata"),
        anthropic("cache_control", "'cache_control':{'type':'ephemeral'}", "out:cache_control"),
        anthropic(
            "context_management", "'context_management':{'edits':[]}", "out:context_management"),
        anthropic("container", "'container':'c'", "out:container"),
        anthropic("mcp_servers", "'mcp_servers':[{'url':'u'}]", "out:mcp_servers"),
        anthropic("diagnostics", "'diagnostics':{'a':1}", "out:diagnostics"),
        anthropic("user_profile_id", "'user_profile_id':'u'", "out:user_profile_id"),
        anthropic("service_tier", "'service_tier':'priority'", "out:service_tier"),
        anthropic("speed", "'speed':'fast'", "out:speed"),
        anthropic("inference_geo", "'inference_geo':'eu'", "refused:inference_geo"));
  }
}
