package io.mimir.llm.service.protocol;

import static io.mimir.llm.WireProtocol.ANTHROPIC_MESSAGES;
import static io.mimir.llm.WireProtocol.OLLAMA_CHAT;
import static io.mimir.llm.WireProtocol.OPENAI_RESPONSES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.ProblemException;
import io.mimir.llm.WireProtocol;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What OpenAI's responses are asked by clients of other protocols. */
class ResponsesUpstreamTest {

  private static final UpstreamOptions GPT =
      new UpstreamOptions("gpt-5.5", 4096, true).at("openai", "https://api.openai.com");

  private static final String AGENT =
      """
      {"model":"a","max_tokens":32000,"stream":true,"thinking":{"type":"adaptive"},
       "system":[{"type":"text","text":"Work."}],
       "messages":[
        {"role":"user","content":[{"type":"text","text":"Read both."}]},
        {"role":"assistant","content":[
          {"type":"text","text":"I look."},{"type":"text","text":" Twice."},
          {"type":"tool_use","id":"call_1","name":"Read","input":{"path":"a"}},
          {"type":"tool_use","id":"call_2","name":"Read","input":{}}]},
        {"role":"user","content":[
          {"type":"tool_result","tool_use_id":"call_1","content":"A"},
          {"type":"tool_result","tool_use_id":"call_2"},
          {"type":"text","text":"Go on."}]},
        {"role":"assistant","content":"Done."},
        {"role":"user","content":"Thanks."}],
       "tools":[{"name":"Read","description":"Reads","input_schema":
         {"type":"object","properties":{"path":{"type":"string"}}}}]}
      """;

  private Translation translation;

  private JsonNode ask(WireProtocol client, String body, UpstreamOptions options) {
    translation = Translation.between(client, OPENAI_RESPONSES);
    byte[] bytes = Call.quoted(body).getBytes(StandardCharsets.UTF_8);
    return Call.json(translation.request(bytes, options));
  }

  private JsonNode claude(String fields) {
    return claude(fields, GPT);
  }

  private JsonNode claude(String fields, UpstreamOptions options) {
    return ask(
        ANTHROPIC_MESSAGES,
        "{'max_tokens':900,'messages':[{'role':'user','content':'x'}]" + fields + "}",
        options);
  }

  @Test
  void anAgentsRequestIsSaidItemByItem() {
    JsonNode asked = ask(ANTHROPIC_MESSAGES, AGENT, GPT);

    assertThat(asked)
        .isEqualTo(
            Call.json(
                """
                {"model":"gpt-5.5","store":false,"include":["reasoning.encrypted_content"],
                 "instructions":"Work.",
                 "input":[
                  {"type":"message","role":"user",
                    "content":[{"type":"input_text","text":"Read both."}]},
                  {"type":"message","role":"assistant","phase":"commentary","content":[
                    {"type":"output_text","text":"I look."},
                    {"type":"output_text","text":" Twice."}]},
                  {"type":"function_call","call_id":"call_1","name":"Read",
                    "arguments":"{\\"path\\":\\"a\\"}"},
                  {"type":"function_call","call_id":"call_2","name":"Read","arguments":"{}"},
                  {"type":"function_call_output","call_id":"call_1","output":"A"},
                  {"type":"function_call_output","call_id":"call_2","output":""},
                  {"type":"message","role":"user",
                    "content":[{"type":"input_text","text":"Go on."}]},
                  {"type":"message","role":"assistant","phase":"final_answer",
                    "content":[{"type":"output_text","text":"Done."}]},
                  {"type":"message","role":"user",
                    "content":[{"type":"input_text","text":"Thanks."}]}],
                 "tools":[{"type":"function","strict":false,"name":"Read","description":"Reads",
                   "parameters":{"type":"object","properties":{"path":{"type":"string"}}}}],
                 "max_output_tokens":32000,"reasoning":{"effort":"medium","summary":"auto"},
                 "stream":true}
                """));
    assertThat(translation.leftOut()).isEmpty();
    assertThat(translation.isStreamed()).isTrue();
    assertThat(translation.isOptional()).isTrue();
  }

  @Test
  void nothingIsSaidThatNobodyAskedFor() {
    JsonNode asked = claude("");

    assertThat(asked)
        .isEqualTo(
            Call.json(
                "{'model':'gpt-5.5','store':false,'include':['reasoning.encrypted_content'],"
                    + "'input':[{'type':'message','role':'user','content':"
                    + "[{'type':'input_text','text':'x'}]}],'max_output_tokens':900,"
                    + "'stream':false}"));
    assertThat(translation.isOptional()).isFalse();
  }

  @Test
  void aModelThatDoesNotThinkIsNotAskedForWhatItThought() {
    JsonNode asked =
        claude(
            ",'temperature':0.5,'top_p':0.9,'thinking':{'type':'adaptive'}",
            new UpstreamOptions("gpt-4.1", 4096, true).at("openai", "https://api.openai.com"));

    assertThat(asked.has("include")).isFalse();
    assertThat(asked.has("reasoning")).isFalse();
    assertThat(asked.path("temperature").asDouble()).isEqualTo(0.5);
    assertThat(asked.path("top_p").asDouble()).isEqualTo(0.9);
    assertThat(translation.leftOut()).containsExactly("thinking");
  }

  @Test
  void aModelThatCannotDoWithoutThinkingIsOfferedToolsAllTheSame() {
    JsonNode asked =
        claude(
            ",'thinking':{'type':'disabled'},"
                + "'tools':[{'name':'f','input_schema':{'type':'object'}}]",
            new UpstreamOptions("gpt-6-astra", 4096, true).at("openai", "https://api.openai.com"));

    assertThat(asked.has("reasoning")).isFalse();
    assertThat(asked.path("tools")).hasSize(1);
    assertThat(translation.leftOut()).containsExactly("thinking");
  }

  @Test
  void aSettingThatHoldsAnywayNeedsNoName() {
    ask(
        OLLAMA_CHAT,
        "{'messages':[{'role':'user','content':'x'}],'options':{'temperature':1,'top_p':1,"
            + "'frequency_penalty':0,'presence_penalty':0}}",
        GPT);

    assertThat(translation.leftOut()).isEmpty();
  }

  @Test
  void anOllamaClientGetsSummariesOnlyWhereItAsksForThoughts() {
    String user = "{'messages':[{'role':'user','content':'x'}]";

    assertThat(ask(OLLAMA_CHAT, user + "}", GPT).has("reasoning")).isFalse();
    assertThat(ask(OLLAMA_CHAT, user + ",'think':true}", GPT).at("/reasoning/summary").asText())
        .isEqualTo("auto");
  }

  @Test
  void aSecondTryLeavesOutWhatTheProviderMayRefuse() {
    JsonNode asked = ask(ANTHROPIC_MESSAGES, AGENT, GPT.plain());

    assertThat(asked.has("reasoning")).isFalse();
    assertThat(asked.toString()).doesNotContain("phase");
    assertThat(asked.path("tools")).hasSize(1);
    assertThat(translation.leftOut()).containsExactly("thinking");
    assertThat(translation.isOptional()).isFalse();
  }

  @Test
  void whatTheSystemSaysLaterStaysInItsPlace() {
    JsonNode asked =
        ask(
            OLLAMA_CHAT,
            "{'messages':[{'role':'system','content':'a'},{'role':'system','content':'b'},"
                + "{'role':'user','content':'x'},{'role':'system','content':'c'}]}",
            GPT);

    assertThat(asked.path("instructions").asText()).isEqualTo("a\n\nb");
    assertThat(asked.path("input")).hasSize(2);
    assertThat(asked.at("/input/1/role").asText()).isEqualTo("developer");
    assertThat(asked.at("/input/1/content/0/text").asText()).isEqualTo("c");
  }

  @Test
  void resultsComeBeforeWhatTheUserSaysWithThem() {
    JsonNode asked =
        ask(
            ANTHROPIC_MESSAGES,
            "{'max_tokens':99,'messages':[{'role':'user','content':'x'},"
                + "{'role':'assistant','content':[{'type':'tool_use','id':'t','name':'f',"
                + "'input':{}}]},{'role':'user','content':[{'type':'text','text':'Here:'},"
                + "{'type':'tool_result','tool_use_id':'t','content':'y'}]}]}",
            GPT);

    assertThat(asked.at("/input/2/type").asText()).isEqualTo("function_call_output");
    assertThat(asked.at("/input/3/role").asText()).isEqualTo("user");
  }

  @Test
  void aCallAndItsResultKeepOneIdentifierAndTheToolItsName() throws Exception {
    String longName = "mcp__" + "server_".repeat(9) + "_read.file";
    String longId = "toolu_" + "x".repeat(60);
    JsonNode asked =
        ask(
            ANTHROPIC_MESSAGES,
            "{'max_tokens':99,'messages':[{'role':'user','content':'x'},{'role':'assistant',"
                + "'content':[{'type':'tool_use','id':'"
                + longId
                + "','name':'"
                + longName
                + "','input':{}}]},{'role':'user','content':[{'type':'tool_result',"
                + "'tool_use_id':'"
                + longId
                + "','content':'y'}]}],'tools':[{'name':'"
                + longName
                + "','input_schema':{'type':'object'}}],"
                + "'tool_choice':{'type':'tool','name':'"
                + longName
                + "'}}",
            GPT);

    String name = asked.at("/tools/0/name").asText();
    assertThat(name).matches("[a-zA-Z0-9_-]{1,64}");
    assertThat(asked.at("/input/1/name").asText()).isEqualTo(name);
    assertThat(asked.at("/tool_choice/name").asText()).isEqualTo(name);
    assertThat(asked.at("/input/1/call_id").asText()).matches("\\S{1,64}");
    assertThat(asked.at("/input/2/call_id")).isEqualTo(asked.at("/input/1/call_id"));
    JsonNode answer =
        Call.json(
            translation.answer(
                Call.quoted(
                        "{'id':'r','object':'response','status':'completed','model':'m','output':["
                            + "{'type':'function_call','call_id':'c','name':'"
                            + name
                            + "','arguments':'{}'}]}")
                    .getBytes(StandardCharsets.UTF_8)));
    assertThat(answer.at("/content/0/name").asText()).isEqualTo(longName);
  }

  /** OpenAI looks for the word in the input, and not in the instructions. */
  @Test
  void theWordJsonHasToStandInTheInput() {
    JsonNode asked =
        ask(
            OLLAMA_CHAT,
            "{'format':'json','messages':[{'role':'system','content':'Say JSON.'},"
                + "{'role':'user','content':'x'}]}",
            GPT);

    assertThat(asked.at("/input/0/role").asText()).isEqualTo("developer");
    assertThat(asked.at("/input/0/content/0/text").asText()).contains("JSON");
    assertThat(translation.leftOut()).containsExactly("format=instruction");
  }

  @Test
  void aToolHasToBeOfferedWhereOneHasToBeCalled() {
    ProblemException refusal =
        catchThrowableOfType(ProblemException.class, () -> claude(",'tool_choice':{'type':'any'}"));

    assertThat(refusal.errors().get(0).field()).isEqualTo("tool_choice");
  }

  @Test
  void aConversationOfWhichNothingIsLeftIsRefused() {
    ProblemException refusal =
        catchThrowableOfType(
            ProblemException.class,
            () ->
                ask(
                    ANTHROPIC_MESSAGES,
                    "{'max_tokens':99,'messages':[{'role':'assistant','content':["
                        + "{'type':'thinking','thinking':'x','signature':'y'}]}]}",
                    GPT));

    assertThat(refusal.errors().get(0).field()).isEqualTo("messages");
  }

  @ParameterizedTest
  @CsvSource({
    "gpt-5.4,openai,true",
    "gpt-5.4-pro,openai,true",
    "gpt-5.5,openai,true",
    "GPT-5.6-terra,azure,true",
    "gpt-5.10,openai,true",
    "gpt-6-astra,openai,true",
    "gpt-6.1-sol,openai,true",
    "ft:gpt-5.6:acme,openai,true",
    "gpt-5.3-codex,openai,false",
    "gpt-5,openai,false",
    "gpt-5.5-chat-latest,openai,false",
    "gpt-4.1,openai,false",
    "o4-mini,openai,false",
    "gpt-5.5,openrouter,false",
    "openai/gpt-5.5,custom,false",
    "gpt-oss-120b,openai,false",
    "upstream-model,openai,false"
  })
  void theNameTellsWhoIsBetterAskedHere(String model, String provider, boolean wanted) {
    assertThat(OpenAiModel.wantsResponses(model, provider)).isEqualTo(wanted);
  }

  @Test
  void aThoughtOfThisProtocolIsNotSaidInChatCompletions() {
    String handle =
        ThoughtHandle.of(
            (ObjectNode) Call.json("{'type':'reasoning','summary':[],'encrypted_content':'e'}"),
            GPT);
    Translation chat = Translation.between(ANTHROPIC_MESSAGES, WireProtocol.OPENAI_CHAT);
    byte[] body =
        Call.quoted(
                "{'max_tokens':99,'messages':[{'role':'user','content':'x'},{'role':'assistant',"
                    + "'content':[{'type':'redacted_thinking','data':'"
                    + handle
                    + "'}]},{'role':'user','content':'y'}]}")
            .getBytes(StandardCharsets.UTF_8);

    JsonNode asked = Call.json(chat.request(body, GPT));

    assertThat(asked.path("messages")).hasSize(2);
    assertThat(chat.leftOut()).isEqualTo(List.of("messages.content.redacted_thinking"));
  }
}
