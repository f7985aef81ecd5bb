package io.mimir.llm.service.protocol;

import static io.mimir.llm.WireProtocol.ANTHROPIC_MESSAGES;
import static io.mimir.llm.WireProtocol.OPENAI_CHAT;
import static io.mimir.llm.WireProtocol.OPENAI_RESPONSES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.WireProtocol;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients of OpenAI's responses send, codex and the SDKs above all. */
class ResponsesRequestTest {

  private static final String LOOK =
      "{'type':'function_call','id':'fc_1','status':'completed','call_id':'call_1',"
          + "'name':'look','arguments':'{}'}";
  private static final String USER = "{'role':'user','content':'x'}";

  private static final String AGENT =
      """
      {"model":"gpt-5.5","stream":true,"store":false,"instructions":"Work.",
       "input":[
        {"type":"message","id":"m1","role":"developer",
          "content":[{"type":"input_text","text":"Be careful."}]},
        {"type":"message","id":"m2","role":"user",
          "content":[{"type":"input_text","text":"Change the file."}]},
        {"type":"reasoning","id":"rs_1","summary":[],"content":null,"encrypted_content":"foreign"},
        {"type":"message","id":"m3","role":"assistant","status":"completed","phase":"commentary",
          "content":[{"type":"output_text","text":"I begin."}]},
        {"type":"custom_tool_call","id":"ctc_1","status":"completed","call_id":"call_1",
          "name":"apply_patch","input":"*** Begin"},
        {"type":"custom_tool_call_output","id":"o1","call_id":"call_1","output":"Done"},
        {"type":"function_call","id":"fc_1","status":"completed","call_id":"call_2",
          "namespace":"helpers","name":"spawn","arguments":"{\\"n\\":1}"},
        {"type":"function_call_output","id":"o2","call_id":"call_2",
          "output":[{"type":"input_text","text":"spawned"}]},
        {"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search"}}],
       "tools":[
        {"type":"function","name":"run","description":"Runs","strict":false,
          "parameters":{"type":"object","properties":{"cmd":{"type":"string"}}}},
        {"type":"custom","name":"apply_patch","description":"Edits files",
          "format":{"type":"grammar","syntax":"lark","definition":"start: /.+/"}},
        {"type":"namespace","name":"helpers","description":"Other agents","tools":[
          {"type":"function","name":"spawn","strict":false,
            "parameters":{"type":"object","properties":{"n":{"type":"integer"}}}}]},
        {"type":"tool_search","execution":"client","description":"Finds tools",
          "parameters":{"type":"object","properties":{"q":{"type":"string"}}}},
        {"type":"web_search","external_web_access":true,"search_content_types":["text"]}],
       "tool_choice":"auto","parallel_tool_calls":true,
       "reasoning":{"effort":"medium","summary":"auto"},
       "include":["reasoning.encrypted_content"],"prompt_cache_key":"k","text":{"verbosity":"low"},
       "client_metadata":{"session_id":"s"},"truncation":"auto","service_tier":"priority",
       "metadata":{"a":"b"},"safety_identifier":"s","max_tool_calls":9,
       "stream_options":{"include_obfuscation":false}}
      """;

  private static Call ask(WireProtocol upstream, String fields) {
    ObjectNode body = (ObjectNode) Call.json("{'model':'a','store':false,'input':'x'}");
    body.setAll((ObjectNode) Call.json("{" + fields + "}"));
    return Call.of(OPENAI_RESPONSES, upstream, body.toString());
  }

  private static List<String> roles(JsonNode asked) {
    List<String> roles = new ArrayList<>();
    for (JsonNode message : asked.path("messages")) {
      boolean listed = message.path("content").isArray();
      String first = listed ? message.at("/content/0/type").asText() : "";
      roles.add(message.path("role").asText() + (first.startsWith("tool") ? "+" + first : ""));
    }
    return roles;
  }

  @Test
  void anAgentsRequestIsAskedInOpenAisChat() {
    Call call = Call.of(OPENAI_RESPONSES, OPENAI_CHAT, AGENT);

    assertThat(roles(call.asked))
        .containsExactly("system", "system", "user", "assistant", "tool", "assistant", "tool");
    assertThat(call.asked.at("/messages/3/tool_calls/0/function/arguments").asText())
        .isEqualTo("{\"input\":\"*** Begin\"}");
    assertThat(call.asked.at("/messages/5/tool_calls/0/function/name").asText())
        .isEqualTo("helpers__spawn");
    assertThat(call.asked.at("/messages/6/content").asText()).isEqualTo("spawned");
    assertThat(call.asked.path("tools").findValuesAsText("name"))
        .containsExactly("run", "apply_patch", "helpers__spawn", "tool_search");
    assertThat(call.asked.at("/tools/1/function/description").asText())
        .startsWith("Edits files")
        .contains("lark grammar")
        .endsWith("start: /.+/");
    assertThat(call.asked.at("/tools/1/function/parameters/required"))
        .isEqualTo(Call.json("['input']"));
  }

  @Test
  void anAgentsRequestIsAskedInAnthropics() {
    Call call = Call.of(OPENAI_RESPONSES, ANTHROPIC_MESSAGES, AGENT);

    assertThat(call.asked.path("system").findValuesAsText("text"))
        .containsExactly("Work.", "Be careful.");
    assertThat(roles(call.asked))
        .containsExactly(
            "user", "assistant", "user+tool_result", "assistant+tool_use", "user+tool_result");
    assertThat(call.asked.at("/messages/1/content/1/input"))
        .isEqualTo(Call.json("{'input':'*** Begin'}"));
    assertThat(call.asked.at("/messages/3/content/0/name").asText()).isEqualTo("helpers__spawn");
  }

  @ParameterizedTest
  @EnumSource(names = {"OPENAI_CHAT", "ANTHROPIC_MESSAGES"})
  void whatAnAgentLosesIsNamed(WireProtocol upstream) {
    assertThat(Call.of(OPENAI_RESPONSES, upstream, AGENT).translation.leftOut())
        .contains(
            "client_metadata",
            "metadata",
            "safety_identifier",
            "max_tool_calls",
            "service_tier",
            "truncation",
            "tools.web_search",
            "tools.description",
            "input.web_search_call",
            "input.encrypted_content");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "REFUSED|tool_choice.type|'tool_choice':{'type':'mcp','server_label':'s'}",
        "REFUSED|tool_choice.type|'tool_choice':{'type':'function','name':'unknown'}",
        "REFUSED|input[0].id|'input':[{'type':'item_reference','id':'msg_unknown'}]",
        "REFUSED|input[0].id|'input':[{'id':'rs_unknown'}]",
        "REFUSED|input[0].type|'input':[{'type':'compaction','encrypted_content':'c'}]",
        "REFUSED|input[0].content[0].type|'input':[{'role':'user','content':"
            + "[{'type':'input_audio','input_audio':{}}]}]",
        "REFUSED|input[0].content[0].file_id|'input':[{'role':'user','content':"
            + "[{'type':'input_image','file_id':'f'}]}]",
        "REFUSED|input[0].content[0].file_id|'input':[{'role':'user','content':"
            + "[{'type':'input_file','file_id':'f'}]}]",
        "INVALID|tool_choice|'tool_choice':'always'",
        "INVALID|input|'input':null",
        "INVALID|input[0].role|'input':[{'role':'king','content':'x'}]",
        "INVALID|input[0].content|'input':[{'role':'user'}]",
        "INVALID|input[0].content[0].detail|'input':[{'role':'user','content':"
            + "[{'type':'input_image','detail':'sharp','image_url':'https://a/b'}]}]",
        "INVALID|input[1].call_id|'input':[{'role':'user','content':'x'},"
            + "{'type':'function_call_output','call_id':'call_9','output':'x'}]",
        "INVALID|tools[0].name|'tools':[{'type':'function'}]",
        "INVALID|tools[0].type|'tools':[{'name':'f'}]"
      })
  void whatCannotBeAskedIsNamed(Problem problem, String field, String given) {
    for (WireProtocol upstream : List.of(OPENAI_CHAT, ANTHROPIC_MESSAGES)) {
      ProblemException refusal =
          catchThrowableOfType(ProblemException.class, () -> ask(upstream, given));

      assertThat(refusal).as(given).isNotNull().hasMessageStartingWith(field + " ");
      assertThat(refusal.problem()).isEqualTo(problem);
      assertThat(refusal.errors().get(0).field()).isEqualTo(field);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'store':true",
        "'store':null",
        "'background':false",
        "'truncation':'disabled','service_tier':'auto','top_logprobs':0",
        "'include':[],'tools':[],'metadata':{},'reasoning':{},'text':{}",
        "'include':['reasoning.encrypted_content']",
        "'reasoning':{'effort':null,'summary':null},'prompt_cache_key':'k'",
        "'text':{'format':{'type':'text'}},'previous_response_id':null"
      })
  void whatHoldsAnywayIsTakenInSilence(String fields) {
    for (WireProtocol upstream : List.of(OPENAI_CHAT, ANTHROPIC_MESSAGES)) {
      assertThat(ask(upstream, fields).asked).isEqualTo(ask(upstream, "").asked);
      assertThat(ask(upstream, fields).translation.leftOut()).isEmpty();
    }
  }

  @Test
  void resultsFollowTheirCallsWhateverIsSaidInBetween() {
    Call call =
        ask(
            OPENAI_CHAT,
            "'input':["
                + USER
                + ","
                + LOOK
                + ",{'role':'developer','content':'Hurry.'},"
                + LOOK.replace("call_1", "call_2")
                + ",{'role':'user','content':'And?'},"
                + "{'type':'function_call_output','call_id':'call_2','output':'two'},"
                + "{'type':'function_call_output','call_id':'call_1','output':'one'}]");

    assertThat(roles(call.asked))
        .containsExactly("user", "assistant", "tool", "system", "assistant", "tool", "user");
    assertThat(call.asked.path("messages").findValuesAsText("tool_call_id"))
        .containsExactly("call_1", "call_2");
  }

  @Test
  void picturesAndFilesOfResultsAreCarried() {
    String items =
        "'input':["
            + USER
            + ","
            + LOOK
            + ",{'type':'function_call_output','call_id':'call_1','output':["
            + "{'type':'input_image','image_url':'data:image/png;base64,iVBOR','detail':'auto'}]}]";

    assertThat(ask(ANTHROPIC_MESSAGES, items).asked.at("/messages/2/content/0/content/0/source"))
        .isEqualTo(Call.json("{'type':'base64','media_type':'image/png','data':'iVBOR'}"));
  }

  @Test
  void toolsWithAShapeOfTheirOwnAreFunctions() {
    Call call =
        ask(
            OPENAI_CHAT,
            "'input':["
                + USER
                + ",{'type':'local_shell_call','id':'l','call_id':'call_1','status':'completed',"
                + "'action':{'type':'exec','command':['ls'],'env':{},'working_directory':'/w'}},"
                + "{'type':'local_shell_call_output','id':'call_1','output':'a.txt'},"
                + "{'type':'shell_call','call_id':'call_2','status':'completed',"
                + "'action':{'commands':['ls']}},"
                + "{'type':'shell_call_output','call_id':'call_2','max_output_length':9,"
                + "'output':[{'stdout':'a','stderr':'','outcome':{'type':'exit','exit_code':0}}]},"
                + "{'type':'apply_patch_call','call_id':'call_3','status':'completed',"
                + "'operation':{'type':'delete_file','path':'a'}},"
                + "{'type':'apply_patch_call_output','call_id':'call_3','status':'failed',"
                + "'output':'no such file'}],"
                + "'tools':[{'type':'local_shell'},{'type':'shell','environment':{'type':'local'}},"
                + "{'type':'apply_patch'}],'tool_choice':{'type':'apply_patch'}");

    assertThat(call.asked.at("/tools").findValuesAsText("name"))
        .containsExactly("local_shell", "shell", "apply_patch");
    assertThat(call.asked.at("/tool_choice/function/name").asText()).isEqualTo("apply_patch");
    assertThat(call.asked.at("/messages/1/tool_calls/0/function/arguments").asText())
        .isEqualTo("{\"command\":[\"ls\"],\"working_directory\":\"/w\"}");
    assertThat(call.asked.at("/messages/2/content").asText()).isEqualTo("a.txt");
    assertThat(call.asked.at("/messages/3/tool_calls/0/function/arguments").asText())
        .isEqualTo("{\"commands\":[\"ls\"]}");
    assertThat(call.asked.at("/messages/4/content").asText()).contains("\"exit_code\":0");
    assertThat(call.asked.at("/messages/6/content").asText()).isEqualTo("Error: no such file");
    assertThat(call.translation.leftOut()).isEmpty();
  }

  @Test
  void foundToolsCanBeCalledFromThenOn() throws IOException {
    Call call =
        ask(
            ANTHROPIC_MESSAGES,
            "'input':["
                + USER
                + ",{'type':'tool_search_call','call_id':'call_1','execution':'client',"
                + "'status':'completed','arguments':{'q':'mail'}},"
                + "{'type':'tool_search_output','call_id':'call_1','execution':'client',"
                + "'status':'completed','tools':[{'type':'namespace','name':'mail','tools':["
                + "{'type':'function','name':'send','parameters':{}}]}]}],"
                + "'tools':[{'type':'tool_search','execution':'client'}]");

    assertThat(call.asked.path("tools").findValuesAsText("name"))
        .containsExactly("tool_search", "mail__send");
    assertThat(call.asked.at("/messages/1/content/0/input")).isEqualTo(Call.json("{'q':'mail'}"));
    assertThat(call.asked.at("/messages/2/content/0/content/0/text").asText())
        .contains("mail__send");
    JsonNode item =
        call.whole(
                "{'id':'m','model':'c','content':[{'type':'tool_use','id':'t','name':'mail__send',"
                    + "'input':{}}],'stop_reason':'tool_use'}")
            .at("/output/0");
    assertThat(item.path("namespace").asText()).isEqualTo("mail");
    assertThat(item.path("name").asText()).isEqualTo("send");
  }

  @Test
  void onlyAllowedToolsAreOffered() {
    Call call =
        ask(
            OPENAI_CHAT,
            "'tools':[{'type':'function','name':'f'},{'type':'function','name':'g'},"
                + "{'type':'web_search'}],'tool_choice':{'type':'allowed_tools','mode':'required',"
                + "'tools':[{'type':'function','name':'g'},{'type':'web_search'}]}");

    assertThat(call.asked.path("tools").findValuesAsText("name")).containsExactly("g");
    assertThat(call.asked.path("tool_choice").asText()).isEqualTo("required");
  }

  @Test
  void theSameToolIsOfferedOnce() {
    Call call =
        ask(
            OPENAI_CHAT,
            "'tools':[{'type':'function','name':'f','description':'first'},"
                + "{'type':'function','name':'f'}]");

    assertThat(call.asked.path("tools")).hasSize(1);
    assertThat(call.asked.at("/tools/0/function/description").asText()).isEqualTo("first");
  }

  @Test
  void referencesStandForItemsThatWereAnsweredBefore() throws IOException {
    String body = "{'model':'a','input':'x','stream':true}";
    Received before =
        Received.responses(Call.of(OPENAI_RESPONSES, OPENAI_CHAT, body).stream(OllamaTest.CHUNKS));
    List<String> ids = before.items.stream().map(item -> item.path("id").asText()).toList();

    Call call =
        ask(
            OPENAI_CHAT,
            "'input':["
                + USER
                + ",{'type':'item_reference','id':'"
                + ids.get(0)
                + "'},{'id':'"
                + ids.get(1)
                + "'},{'type':'function_call_output','call_id':'call_1','output':'sunny'}]");

    assertThat(call.asked.at("/messages/1/content").asText()).isEqualTo("Grüß Gott 😀");
    assertThat(call.asked.at("/messages/1/tool_calls/0/function/arguments").asText())
        .isEqualTo("{\"city\":\"Ulm\"}");
    assertThat(call.asked.at("/messages/2/content").asText()).isEqualTo("sunny");
  }

  @Test
  void nothingIsKeptForClientsThatSendEverything() throws IOException {
    String body = "{'model':'a','input':'x','stream':true,'store':false}";
    Received before =
        Received.responses(Call.of(OPENAI_RESPONSES, OPENAI_CHAT, body).stream(OllamaTest.CHUNKS));

    assertThat(RecentItems.SHARED.find("", before.items.get(0).path("id").asText())).isNull();
  }

  @Test
  void whatDescribesAnAnswerIsAPartOfItsSchema() {
    String format =
        "'text':{'format':{'type':'json_schema','name':'n','description':'d','schema':"
            + "{'type':'object'%s,'properties':{}}}}";

    assertThat(ask(OPENAI_CHAT, format.formatted("")).asked.findValuesAsText("description"))
        .containsExactly("d");
    assertThat(
            ask(ANTHROPIC_MESSAGES, format.formatted(",'description':'own'"))
                .asked
                .findValuesAsText("description"))
        .containsExactly("own");
  }

  @Test
  void aNamespaceThatEndsAsNamesAreJoinedIsJoinedOnce() throws IOException {
    Call call =
        ask(
            OPENAI_CHAT,
            "'tools':[{'type':'namespace','name':'mcp__mail__','tools':["
                + "{'type':'function','name':'send'}]}]");

    assertThat(call.asked.at("/tools/0/function/name").asText()).isEqualTo("mcp__mail__send");
    JsonNode item =
        call.whole(
                "{'id':'c','created':5,'model':'m','choices':[{'message':{'tool_calls':[{'id':'c',"
                    + "'function':{'name':'mcp__mail__send','arguments':'{}'}}]},"
                    + "'finish_reason':'tool_calls'}]}")
            .at("/output/0");
    assertThat(item.path("namespace").asText()).isEqualTo("mcp__mail__");
    assertThat(item.path("name").asText()).isEqualTo("send");
  }
}
