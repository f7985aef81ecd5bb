package io.mimir.llm.service.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.ProblemException;
import io.mimir.llm.WireProtocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What Anthropic says of its own endpoint for OpenAI's clients, field by field: what it takes or
 * passes over is not refused here. The facts are those of its page "OpenAI SDK compatibility".
 */
class AnthropicCompatibilityTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // field | what the page says | example
        "model|taken|'model':'claude-sonnet-4-5'",
        "max_tokens|taken|'max_tokens':9",
        "max_completion_tokens|taken|'max_completion_tokens':9",
        "stream|taken|'stream':true",
        "stream_options|taken|'stream':true,'stream_options':{'include_usage':true}",
        "top_p|taken|'top_p':0.5",
        "parallel_tool_calls|taken|'parallel_tool_calls':true",
        "stop|taken, but for white space|'stop':['a','\\n']",
        "temperature|capped at 1|'temperature':2",
        "n|has to be 1|'n':1",
        "logprobs|ignored|'logprobs':true",
        "metadata|ignored|'metadata':{'a':'b'}",
        "response_format|ignored|'response_format':{'type':'json_object'}",
        "prediction|ignored|'prediction':{'type':'content','content':'x'}",
        "presence_penalty|ignored|'presence_penalty':1",
        "frequency_penalty|ignored|'frequency_penalty':1",
        "seed|ignored|'seed':1",
        "service_tier|ignored|'service_tier':'priority'",
        "audio|ignored|'audio':{'voice':'alloy','format':'wav'}",
        "logit_bias|ignored|'logit_bias':{'1':5}",
        "store|ignored|'store':true",
        "user|ignored|'user':'u'",
        "modalities|ignored|'modalities':['text','audio']",
        "top_logprobs|ignored|'top_logprobs':5",
        "reasoning_effort|ignored|'reasoning_effort':'high'",
        "thinking|taken|'thinking':{'type':'enabled','budget_tokens':2000}",
        "tools|taken|'tools':[{'type':'function','function':{'name':'f','description':'d',"
            + "'parameters':{'type':'object'},'strict':true}}]",
        "functions|taken|'functions':[{'name':'f','description':'d'}]",
        "developer|taken, put before|'messages':[{'role':'user','content':'x'},"
            + "{'role':'developer','content':'y','name':'n'}]",
        "system|taken, put before|'messages':[{'role':'user','content':'x'},"
            + "{'role':'system','content':[{'type':'text','text':'y'}],'name':'n'}]",
        "user text|taken|'messages':[{'role':'user','name':'n','content':"
            + "[{'type':'text','text':'x'}]}]",
        "user image|taken, without its detail|'messages':[{'role':'user','content':"
            + "[{'type':'image_url','image_url':{'url':'https://a/b','detail':'low'}}]}]",
        "user input_audio|ignored|'messages':[{'role':'user','content':"
            + "[{'type':'input_audio','input_audio':{'data':'AA','format':'wav'}},"
            + "{'type':'text','text':'x'}]}]",
        "user file|ignored|'messages':[{'role':'user','content':"
            + "[{'type':'file','file':{'file_id':'f'}},{'type':'text','text':'x'}]}]",
        "assistant|taken|'messages':[{'role':'user','content':'x'},{'role':'assistant',"
            + "'content':[{'type':'text','text':'y'},{'type':'refusal','refusal':'z'}],"
            + "'refusal':'z','audio':{'id':'a'},'name':'n','tool_calls':[{'id':'c',"
            + "'type':'function','function':{'name':'f','arguments':'{}'}}]},"
            + "{'role':'tool','tool_call_id':'c','content':[{'type':'text','text':'y'}]}]",
        "function_call|taken|'messages':[{'role':'user','content':'x'},{'role':'assistant',"
            + "'content':null,'function_call':{'name':'f','arguments':'{}'}},"
            + "{'role':'function','name':'f','content':'y'}]"
      })
  void isRefusedNoMoreThanByAnthropic(String field, String stance, String given) {
    ObjectNode body = (ObjectNode) Call.json("{'messages':[{'role':'user','content':'x'}]}");
    body.setAll((ObjectNode) Call.json("{" + given + "}"));

    Call call =
        Call.of(
            WireProtocol.OPENAI_CHAT, WireProtocol.ANTHROPIC_MESSAGES, body.toString(), "claude");

    assertThat(call.asked.path("messages")).as(field + " " + stance).isNotEmpty();
    if (stance.equals("ignored") && call.asked.toString().contains("thinking")) {
      assertThat(field).isEqualTo("reasoning_effort");
    } else if (stance.equals("ignored")) {
      assertThat(call.translation.leftOut()).hasSize(1);
    }
  }

  @Test
  void moreThanOneAnswerIsRefusedThereAsWell() {
    assertThatThrownBy(
            () ->
                Call.of(
                    WireProtocol.OPENAI_CHAT,
                    WireProtocol.ANTHROPIC_MESSAGES,
                    "{'n':2,'messages':[{'role':'user','content':'x'}]}"))
        .isInstanceOf(ProblemException.class);
  }
}
