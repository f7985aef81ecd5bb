package io.mimir.llm.service.protocol;

import static io.mimir.llm.WireProtocol.ANTHROPIC_MESSAGES;
import static io.mimir.llm.WireProtocol.OPENAI_CHAT;
import static io.mimir.llm.WireProtocol.OPENAI_RESPONSES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls of tools come back in the shape in which the client of the responses knows its tools. */
class ResponsesToolsTest {

  private static final String TOOLS =
      "'tools':[{'type':'custom','name':'apply_patch'},"
          + "{'type':'namespace','name':'helpers','tools':[{'type':'function','name':'spawn'},"
          + "{'type':'custom','name':'note'}]},"
          + "{'type':'function','name':'run','parameters':{}},"
          + "{'type':'local_shell'},{'type':'shell','environment':{'type':'local'}},"
          + "{'type':'tool_search','execution':'client'}]";

  private static Call ask(boolean streamed, String tools) {
    return Call.of(
        OPENAI_RESPONSES,
        OPENAI_CHAT,
        "{'model':'a','store':false,'input':'x','stream':" + streamed + "," + tools + "}");
  }

  private static ObjectNode function(String name, String arguments) {
    return Json.object().put("name", name).put("arguments", arguments);
  }

  /** A stream with one call, whose arguments come in three pieces. */
  private static List<String> chunks(String name, String arguments, String reason) {
    List<String> chunks = new ArrayList<>();
    int third = arguments.length() / 3;
    chunks.add(chunk(function(name, arguments.substring(0, third)), true));
    chunks.add(chunk(Json.object().put("arguments", arguments.substring(third, 2 * third)), false));
    chunks.add(chunk(Json.object().put("arguments", arguments.substring(2 * third)), false));
    chunks.add(
        "{'id':'c','created':5,'model':'m','choices':[{'index':0,'delta':{},'finish_reason':'"
            + reason
            + "'}]}");
    chunks.add("[DONE]");
    return chunks;
  }

  private static String chunk(ObjectNode function, boolean first) {
    ObjectNode chunk = Json.object().put("id", "c").put("created", 5).put("model", "m");
    ObjectNode call =
        chunk
            .putArray("choices")
            .addObject()
            .put("index", 0)
            .putObject("delta")
            .putArray("tool_calls")
            .addObject()
            .put("index", 0);
    if (first) {
      call.put("id", "call_1").put("type", "function");
    }
    call.set("function", function);
    return chunk.toString();
  }

  private static String whole(String name, String arguments) {
    ObjectNode answer = Json.object().put("id", "c").put("created", 5).put("model", "m");
    ObjectNode choice = answer.putArray("choices").addObject();
    choice.put("index", 0).put("finish_reason", "tool_calls");
    ObjectNode call = choice.putObject("message").putArray("tool_calls").addObject();
    call.put("id", "call_1").put("type", "function").set("function", function(name, arguments));
    return answer.toString();
  }

  private static JsonNode withoutId(JsonNode item) {
    assertThat(item.path("id").asText()).isNotEmpty();
    ObjectNode copy = item.deepCopy();
    copy.remove("id");
    return copy;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "run|{'cmd':'ls'}|{'type':'function_call','status':'completed','call_id':'call_1',"
            + "'name':'run','arguments':'{~cmd~:~ls~}'}",
        "helpers__spawn|{}|{'type':'function_call','status':'completed','call_id':'call_1',"
            + "'name':'spawn','namespace':'helpers','arguments':'{}'}",
        "apply_patch|{'input':'*** Begin'}|{'type':'custom_tool_call','status':'completed',"
            + "'call_id':'call_1','name':'apply_patch','input':'*** Begin'}",
        "helpers__note|{'input':'n'}|{'type':'custom_tool_call','status':'completed',"
            + "'call_id':'call_1','name':'note','namespace':'helpers','input':'n'}",
        "local_shell|{'command':['ls','-l'],'timeout_ms':5}|{'type':'local_shell_call',"
            + "'call_id':'call_1','action':{'type':'exec','command':['ls','-l'],'env':{},"
            + "'timeout_ms':5,'working_directory':null},'status':'completed'}",
        "local_shell|{'command':'ls -l'}|{'type':'local_shell_call','call_id':'call_1',"
            + "'action':{'type':'exec','command':['sh','-c','ls -l'],'env':{},"
            + "'timeout_ms':null,'working_directory':null},'status':'completed'}",
        "shell|{'commands':['ls']}|{'type':'shell_call','call_id':'call_1',"
            + "'action':{'commands':['ls'],'timeout_ms':null,'max_output_length':null},"
            + "'environment':{'type':'local'},'status':'completed'}",
        "tool_search|{'q':'mail'}|{'type':'tool_search_call','call_id':'call_1',"
            + "'execution':'client','arguments':{'q':'mail'},'status':'completed'}",
        "unheard_of|{}|{'type':'function_call','status':'completed','call_id':'call_1',"
            + "'name':'unheard_of','arguments':'{}'}"
      })
  void aCallComesBackAsTheClientKnowsTheTool(String name, String arguments, String item)
      throws IOException {
    String given = Call.quoted(arguments);
    JsonNode expected = Call.json(item.replace("~", "\\\""));

    JsonNode answer = ask(false, TOOLS).whole(whole(name, given));
    Received streamed =
        Received.responses(ask(true, TOOLS).stream(chunks(name, given, "tool_calls")));

    assertThat(withoutId(Received.response(answer).items.get(0))).isEqualTo(expected);
    assertThat(streamed.items).hasSize(1);
    assertThat(withoutId(streamed.items.get(0))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'input':'a ~quoted~ line'}|a \"quoted\" line",
        "{'patch':'named after what it holds'}|named after what it holds",
        "no object at all|no object at all",
        "{'a':'x','b':'y'}|{\"a\":\"x\",\"b\":\"y\"}",
        "{}|``",
      })
  void theInputOfAFreeFormToolIsFoundWhateverTheModelCallsIt(String arguments, String input)
      throws IOException {
    String given = Call.quoted(arguments).replace("~", "\\\"");

    Received streamed =
        Received.responses(ask(true, TOOLS).stream(chunks("apply_patch", given, "tool_calls")));

    assertThat(streamed.items.get(0).path("input").textValue()).isEqualTo(input);
  }

  @Test
  void theInputOfAFreeFormToolIsToldInEventsOfItsOwn() throws IOException {
    String stream =
        ask(true, TOOLS).stream(chunks("apply_patch", "{\"input\":\"x\"}", "tool_calls"));

    assertThat(stream)
        .containsSubsequence(
            "event: response.output_item.added",
            "event: response.custom_tool_call_input.delta",
            "event: response.custom_tool_call_input.done",
            "event: response.output_item.done",
            "event: response.completed")
        .doesNotContain("function_call");
  }

  @ParameterizedTest
  @ValueSource(strings = {"local_shell", "shell", "tool_search"})
  void halfAnActionIsNoCall(String name) throws IOException {
    Received cut =
        Received.responses(ask(true, TOOLS).stream(chunks(name, "{\"command\":[\"rm", "length")));

    assertThat(cut.items).isEmpty();
    assertThat(cut.stop).isEqualTo("incompletemax_output_tokens");
    Call call = ask(true, TOOLS);
    assertThatThrownBy(() -> call.stream(chunks(name, "{\"command\":[\"sk-secret", "tool_calls")))
        .isInstanceOf(IOException.class)
        .hasMessageNotContaining("secret");
  }

  @Test
  void onlyTheLastItemOfAnAnswerThatWasCutIsIncomplete() throws IOException {
    Received cut =
        Received.responses(ask(true, TOOLS).stream(chunks("run", "{\"cmd\":\"ls", "length")));

    assertThat(cut.items.get(0).path("status").asText()).isEqualTo("incomplete");
    assertThat(cut.items.get(0).path("arguments").asText()).isEqualTo("{\"cmd\":\"ls");
  }

  @Test
  void longNamesSurviveTheWayThere() throws IOException {
    String space = "n".repeat(60);
    String tool = "f".repeat(60);
    Call call =
        ask(
            false,
            "'tools':[{'type':'namespace','name':'"
                + space
                + "','tools':[{'type':'function','name':'"
                + tool
                + "'}]}]");
    String asked = call.asked.at("/tools/0/function/name").asText();

    JsonNode item = call.whole(whole(asked, "{}")).at("/output/0");

    assertThat(asked).hasSizeLessThanOrEqualTo(64);
    assertThat(item.path("namespace").asText()).isEqualTo(space);
    assertThat(item.path("name").asText()).isEqualTo(tool);
  }

  @Test
  void whatTheModelAnsweredCanBeSentBackAsItIs() throws IOException {
    List<String> turns = new ArrayList<>();
    for (String name : List.of("apply_patch", "helpers__spawn", "local_shell", "shell")) {
      String arguments =
          name.equals("local_shell") ? "{\"command\":[\"ls\"]}" : "{\"input\":\"x\"}";
      JsonNode item = ask(false, TOOLS).whole(whole(name, arguments)).at("/output/0");
      turns.add(((ObjectNode) item).put("call_id", "call_" + turns.size()).toString());
    }
    String body =
        "{'model':'a','input':[{'role':'user','content':'x'},"
            + String.join(",", turns)
            + "],"
            + TOOLS
            + "}";

    Call next = Call.of(OPENAI_RESPONSES, ANTHROPIC_MESSAGES, body);

    assertThat(next.asked.at("/messages/1/content").findValuesAsText("name"))
        .containsExactly("apply_patch", "helpers__spawn", "local_shell", "shell");
  }
}
