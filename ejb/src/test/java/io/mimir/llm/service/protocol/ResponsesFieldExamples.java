package io.mimir.llm.service.protocol;

import io.mimir.llm.WireProtocol;
import java.util.List;

/** The examples of OpenAI's responses. */
final class ResponsesFieldExamples {

  private static final String USER = "{'role':'user','content':'x'}";
  private static final String TOOL = "{'type':'function','name':'f'}";

  private ResponsesFieldExamples() {}

  private static FieldExample chat(String rule, String given, String expected) {
    return new FieldExample(
        WireProtocol.OPENAI_RESPONSES, WireProtocol.OPENAI_CHAT, rule, given, expected, Call.MODEL);
  }

  private static FieldExample claude(String rule, String given, String expected) {
    return claude(rule, given, expected, Call.MODEL);
  }

  private static FieldExample claude(String rule, String given, String expected, String model) {
    return new FieldExample(
        WireProtocol.OPENAI_RESPONSES,
        WireProtocol.ANTHROPIC_MESSAGES,
        rule,
        given,
        expected,
        model);
  }

  private static String part(String part) {
    return "'input':[{'role':'user','content':[" + part + "]}]";
  }

  private static String items(String items) {
    return "'input':[" + USER + "," + items + "]";
  }

  static final List<FieldExample> ALL =
      List.of(
          chat(
              "instructions",
              "'instructions':'be brief'",
              "/messages/0={'role':'system','content':'be brief'}"),
          chat(
              "input[] message",
              items(
                  "{'type':'message','id':'m','role':'assistant','status':'completed',"
                      + "'phase':'commentary','content':[{'type':'output_text','text':'y',"
                      + "'annotations':[],'logprobs':[]}]},"
                      + USER),
              "/messages/1={'role':'assistant','content':'y'}"),
          chat(
              "input[] message of a developer in the middle",
              items("{'role':'developer','content':'y'}"),
              "/messages/1={'role':'system','content':'y'}"),
          claude(
              "input[] message of a developer in the middle",
              items("{'role':'developer','content':'y'}"),
              "/system/0/text='y'"),
          chat(
              "input[].content[] input_image",
              part("{'type':'input_image','image_url':'https://a/b','detail':'low'}"),
              "/messages/0/content/0/image_url={'url':'https://a/b','detail':'low'}"),
          claude(
              "input[].content[].detail low",
              part("{'type':'input_image','image_url':'https://a/b','detail':'low'}"),
              "out:input.content.image_url.detail"),
          claude(
              "input[].content[] input_file",
              part(
                  "{'type':'input_file','filename':'a.pdf',"
                      + "'file_data':'data:application/pdf;base64,AA'}"),
              "/messages/0/content/0/source/media_type='application/pdf'"),
          chat(
              "input[].content[] input_file",
              part("{'type':'input_file','filename':'a.pdf','file_data':'AA'}"),
              "/messages/0/content/0/file/filename='a.pdf'"),
          chat(
              "input[].content[].file_url",
              part("{'type':'input_file','file_url':'https://a/b.pdf'}"),
              "refused:input[0].content[0].file_url"),
          chat(
              "input[].content[].file_id",
              part("{'type':'input_file','file_id':'f'}"),
              "refused:input[0].content[0].file_id"),
          chat(
              "input[].content[] input_audio",
              part("{'type':'input_audio','input_audio':{}}"),
              "refused:input[0].content[0].type"),
          chat(
              "input[] function_call, function_call_output",
              items(
                  "{'type':'function_call','call_id':'c','namespace':'n','name':'f',"
                      + "'arguments':'{}'},{'type':'function_call_output','call_id':'c',"
                      + "'output':[{'type':'input_text','text':'y'}]}"),
              "/messages/1/tool_calls/0/function/name='n__f'"),
          claude(
              "input[] custom_tool_call, custom_tool_call_output",
              items(
                  "{'type':'custom_tool_call','call_id':'c','name':'f','input':'y'},"
                      + "{'type':'custom_tool_call_output','call_id':'c','output':'z'}"),
              "/messages/1/content/0/input/input='y'"),
          chat(
              "input[] local_shell_call, shell_call, apply_patch_call, tool_search_call",
              items(
                  "{'type':'shell_call','call_id':'c','action':{'commands':['ls']}},"
                      + "{'type':'shell_call_output','call_id':'c','output':'z'}"),
              "/messages/1/tool_calls/0/function/name='shell'"),
          chat(
              "input[] tool_search_output, additional_tools",
              items("{'type':'additional_tools','role':'developer','tools':[" + TOOL + "]}"),
              "/tools/0/function/name='f'"),
          chat(
              "input[] item_reference",
              items("{'type':'item_reference','id':'" + kept() + "'}," + USER),
              "/messages/1/content='kept'"),
          chat(
              "input[] item_reference of another item",
              items("{'type':'item_reference','id':'msg_x'}"),
              "refused:input[1].id"),
          claude(
              "input[] reasoning",
              items("{'type':'reasoning','id':'r','summary':[],'encrypted_content':'z'}"),
              "out:input.encrypted_content"),
          chat(
              "input[] web_search_call and other items of hosted tools",
              items("{'type':'web_search_call','id':'w','status':'completed','action':{}}"),
              "out:input.web_search_call"),
          claude(
              "input[] compaction",
              items("{'type':'compaction','encrypted_content':'z'}"),
              "refused:input[1].type"),
          chat("tools[] function", "'tools':[" + TOOL + "]", "/tools/0/function/name='f'"),
          claude(
              "tools[] custom",
              "'tools':[{'type':'custom','name':'f','format':{'type':'text'}}]",
              "/tools/0/input_schema/required=['input']"),
          chat(
              "tools[] namespace",
              "'tools':[{'type':'namespace','name':'n','tools':[" + TOOL + "]}]",
              "/tools/0/function/name='n__f'"),
          chat(
              "tools[] namespace, its description",
              "'tools':[{'type':'namespace','name':'n','description':'d','tools':[]}]",
              "out:tools.description"),
          claude(
              "tools[] local_shell, shell, apply_patch",
              "'tools':[{'type':'apply_patch'}]",
              "/tools/0/input_schema/required=['type','path']"),
          chat(
              "tools[] tool_search of the client's",
              "'tools':[{'type':'tool_search','execution':'client'}]",
              "/tools/0/function/name='tool_search'"),
          chat(
              "tools[] web_search and other hosted ones",
              "'tools':[{'type':'web_search','search_context_size':'low'}]",
              "out:tools.web_search"),
          chat(
              "tools[].defer_loading",
              "'tools':[{'type':'function','name':'f','defer_loading':true}]",
              "out:tools.defer_loading"),
          chat(
              "tools[].output_schema",
              "'tools':[{'type':'function','name':'f','output_schema':{'type':'object'}}]",
              "out:tools.output_schema"),
          chat(
              "tools[].allowed_callers",
              "'tools':[{'type':'function','name':'f','allowed_callers':['programmatic']}]",
              "out:tools.allowed_callers"),
          claude(
              "tool_choice",
              "'tools':[" + TOOL + "],'tool_choice':{'type':'function','name':'f'}",
              "/tool_choice={'type':'tool','name':'f'}"),
          chat(
              "tool_choice of a hosted tool, or required with hosted ones alone",
              "'tools':[" + TOOL + ",{'type':'web_search'}],'tool_choice':{'type':'web_search'}",
              "refused:tool_choice.type"),
          chat(
              "tool_choice of a hosted tool, or required with hosted ones alone",
              "'tools':[{'type':'web_search'}],'tool_choice':'required'",
              "refused:tool_choice"),
          claude(
              "parallel_tool_calls",
              "'tools':[" + TOOL + "],'parallel_tool_calls':false",
              "/tool_choice/disable_parallel_tool_use=true"),
          chat("max_output_tokens", "'max_output_tokens':7", "/max_tokens=7"),
          chat("temperature, top_p", "'temperature':0.3", "/temperature=0.3"),
          claude("temperature, top_p", "'temperature':1.3", "out:temperature=1"),
          chat(
              "text.format",
              "'text':{'format':{'type':'json_schema','name':'n','schema':{'type':'object',"
                  + "'properties':{}}}}",
              "/response_format/type='json_schema'"),
          chat("text.verbosity", "'text':{'verbosity':'low'}", "/verbosity='low'"),
          claude("text.verbosity", "'text':{'verbosity':'low'}", "out:text.verbosity"),
          chat("reasoning.effort", "'reasoning':{'effort':'low'}", "/reasoning_effort='low'"),
          chat("reasoning.effort", "'reasoning':{'effort':'none'}", "/reasoning_effort='none'"),
          claude(
              "reasoning.effort",
              "'reasoning':{'effort':'low'}",
              "/output_config/effort='low'",
              "claude-opus-4-6"),
          claude(
              "reasoning.summary",
              "'reasoning':{'effort':'low','summary':'auto'}",
              "/thinking/type='enabled'",
              "claude-sonnet-4-5"),
          chat("reasoning.context", "'reasoning':{'context':'all_turns'}", "out:reasoning.context"),
          chat("reasoning.mode", "'reasoning':{'mode':'pro'}", "out:reasoning.mode"),
          chat(
              "include reasoning.encrypted_content",
              "'include':['reasoning.encrypted_content']",
              "/messages/0/content='x'"),
          chat(
              "include of others",
              "'include':['web_search_call.action.sources']",
              "out:include.web_search_call.action.sources"),
          chat(
              "include message.output_text.logprobs",
              "'include':['message.output_text.logprobs']",
              "refused:include"),
          chat("top_logprobs", "'top_logprobs':3", "refused:top_logprobs"),
          claude("top_logprobs", "'top_logprobs':3", "out:top_logprobs"),
          chat("prompt_cache_key", "'prompt_cache_key':'k'", "/messages/0/content='x'"),
          chat(
              "prompt_cache_retention",
              "'prompt_cache_retention':'24h'",
              "out:prompt_cache_retention"),
          chat(
              "prompt_cache_options",
              "'prompt_cache_options':{'mode':'explicit'}",
              "out:prompt_cache_options"),
          chat("client_metadata", "'client_metadata':{'a':'b'}", "out:client_metadata"),
          chat("context_management", "'context_management':[{'a':1}]", "out:context_management"),
          chat("max_tool_calls", "'max_tool_calls':3", "out:max_tool_calls"),
          chat("metadata", "'metadata':{'a':'b'}", "out:metadata"),
          chat("moderation", "'moderation':{'model':'m'}", "out:moderation"),
          chat("safety_identifier", "'safety_identifier':'s'", "out:safety_identifier"),
          chat("user", "'user':'u'", "out:user"),
          chat("service_tier", "'service_tier':'flex'", "out:service_tier"),
          chat("truncation", "'truncation':'auto'", "out:truncation"),
          chat("store", "'store':true", "/messages/0/content='x'"),
          chat(
              "previous_response_id", "'previous_response_id':'r'", "refused:previous_response_id"),
          chat("conversation", "'conversation':'c'", "refused:conversation"),
          claude("background", "'background':true", "refused:background"),
          chat("prompt", "'prompt':{'id':'p'}", "refused:prompt"));

  private static String kept() {
    RecentItems.SHARED.keep(
        "",
        Json.object()
            .put("id", "msg_kept")
            .put("type", "message")
            .put("role", "assistant")
            .put("content", "kept"));
    return "msg_kept";
  }
}
