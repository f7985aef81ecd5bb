package io.mimir.llm.service.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.ProblemException;
import io.mimir.llm.WireProtocol;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever stands in a place where something else belongs, nothing but the known errors comes. */
class MutationTest {

  private static final List<JsonNode> INSTEAD =
      Stream.of("null", "true", "-1", "0.5", "''", "'x'", "[]", "['x']", "[{}]", "{}", "{'a':1}")
          .map(Call::json)
          .toList();

  private static final Map<WireProtocol, String> QUESTIONS =
      Map.of(
          WireProtocol.OPENAI_CHAT,
          """
          {"model":"a","stream":true,"stream_options":{"include_usage":true},"messages":[
            {"role":"system","content":"s"},
            {"role":"user","content":[{"type":"text","text":"t"},
              {"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}}]},
            {"role":"assistant","content":null,"refusal":"r","tool_calls":[
              {"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"c","content":"x"}],
           "tools":[{"type":"function","function":
             {"name":"f","description":"d","strict":true,"parameters":{"type":"object"}}}],
           "tool_choice":{"type":"function","function":{"name":"f"}},
           "parallel_tool_calls":false,"temperature":0.5,"top_p":1,"stop":["a"],"max_tokens":7,
           "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{}}}}
          """,
          WireProtocol.OPENAI_RESPONSES,
          """
          {"model":"a","stream":true,"instructions":"i","input":[
            {"role":"user","content":[{"type":"input_text","text":"t"},
              {"type":"input_image","image_url":"https://a/b","detail":"low"},
              {"type":"input_file","filename":"a.pdf","file_data":"AA"}]},
            {"type":"reasoning","id":"r","summary":[{"type":"summary_text","text":"t"}],
              "content":null,"encrypted_content":"e"},
            {"type":"function_call","call_id":"c","namespace":"n","name":"f","arguments":"{}"},
            {"type":"function_call_output","call_id":"c",
              "output":[{"type":"input_text","text":"x"}]},
            {"type":"custom_tool_call","call_id":"d","name":"g","input":"x"},
            {"type":"custom_tool_call_output","call_id":"d","output":"x"},
            {"type":"local_shell_call","call_id":"e","action":{"type":"exec","command":["ls"]}},
            {"type":"local_shell_call_output","id":"e","output":"x"},
            {"type":"shell_call","call_id":"h","action":{"commands":["ls"]}},
            {"type":"shell_call_output","call_id":"h","output":[{"stdout":"x"}]},
            {"type":"apply_patch_call","call_id":"i","operation":{"type":"delete_file"}},
            {"type":"apply_patch_call_output","call_id":"i","status":"failed"},
            {"type":"tool_search_call","call_id":"j","execution":"client","arguments":{"q":"x"}},
            {"type":"tool_search_output","call_id":"j","execution":"client",
              "tools":[{"type":"function","name":"k"}]},
            {"type":"web_search_call","id":"w","action":{}}],
           "tools":[{"type":"function","name":"f","parameters":{"type":"object"}},
            {"type":"custom","name":"g",
              "format":{"type":"grammar","syntax":"lark","definition":"start:"}},
            {"type":"namespace","name":"n","tools":[{"type":"function","name":"f"}]},
            {"type":"shell","environment":{"type":"local"}},
            {"type":"tool_search","execution":"client"},{"type":"web_search"}],
           "tool_choice":{"type":"allowed_tools","mode":"auto",
             "tools":[{"type":"function","name":"f"},{"type":"web_search"}]},
           "metadata":{"k":"v"},"include":["reasoning.encrypted_content"],
           "text":{"verbosity":"low","format":{"type":"json_schema","name":"n","schema":{}}},
           "reasoning":{"effort":"none","summary":"auto"},"max_output_tokens":7}
          """,
          WireProtocol.ANTHROPIC_MESSAGES,
          """
          {"model":"a","max_tokens":7,"stream":true,"system":[{"type":"text","text":"s"}],
           "messages":[
            {"role":"user","content":[{"type":"text","text":"t"},
              {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA"}}]},
            {"role":"assistant","content":[
              {"type":"tool_use","id":"c","name":"f","input":{"a":1}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"c","is_error":true,
              "content":[{"type":"text","text":"x"}]}]}],
           "tools":[{"name":"f","description":"d","input_schema":{"type":"object"}}],
           "tool_choice":{"type":"tool","name":"f"},"thinking":{"type":"disabled"},
           "output_config":{"format":{"type":"json_schema","schema":{}}},
           "stop_sequences":["a"]}
          """,
          WireProtocol.OLLAMA_CHAT,
          """
          {"model":"a","think":"low","messages":[
            {"role":"user","content":"x","images":["/9j/AA"]},
            {"role":"assistant","content":"","thinking":"t","tool_calls":[
              {"id":"c","function":{"name":"f","arguments":{"a":1}}}]},
            {"role":"tool","tool_name":"f","content":"x"}],
           "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],
           "format":{"type":"object"},"options":{"num_predict":7,"stop":["a"],"num_ctx":1}}
          """,
          WireProtocol.OLLAMA_GENERATE,
          "{'model':'a','prompt':'x','system':'s','images':['/9j/AA'],'options':{'top_p':1}}",
          WireProtocol.OLLAMA_EMBED,
          "{'model':'a','input':['x','y'],'dimensions':2,'options':{}}");

  static Stream<Arguments> pairs() {
    List<Arguments> pairs = new ArrayList<>();
    QUESTIONS.keySet().stream()
        .sorted()
        .forEach(
            client -> {
              if (client == WireProtocol.OLLAMA_EMBED) {
                pairs.add(Arguments.of(client, WireProtocol.OPENAI_EMBEDDINGS));
                return;
              }
              for (WireProtocol upstream :
                  List.of(
                      WireProtocol.OPENAI_CHAT,
                      WireProtocol.OPENAI_RESPONSES,
                      WireProtocol.ANTHROPIC_MESSAGES)) {
                boolean bothOpenAis =
                    client == WireProtocol.OPENAI_CHAT && upstream == WireProtocol.OPENAI_RESPONSES;
                if (client != upstream && !bothOpenAis) {
                  pairs.add(Arguments.of(client, upstream));
                }
              }
            });
    return pairs.stream();
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void aQuestionIsAskedOrRefusedByName(WireProtocol client, WireProtocol upstream) {
    List<JsonNode> mutants = mutants(Call.json(QUESTIONS.get(client)));
    assertThat(mutants).hasSizeGreaterThan(50);
    for (JsonNode mutant : mutants) {
      try {
        Translation.between(client, upstream)
            .request(
                mutant.toString().getBytes(StandardCharsets.UTF_8),
                new UpstreamOptions("m", 4096, true));
      } catch (ProblemException e) {
        assertThat(e.errors()).as(mutant.toString()).hasSize(1);
        assertThat(e).hasMessageStartingWith(e.errors().get(0).field() + " ");
      } catch (RuntimeException e) {
        throw new AssertionError(mutant.toString(), e);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void anAnswerIsToldOrFails(WireProtocol client, WireProtocol upstream) {
    for (JsonNode mutant : mutants(Call.json(whole(upstream)))) {
      try {
        started(client, upstream).answer(mutant.toString().getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        assertThat(e).hasNoCause();
      } catch (RuntimeException e) {
        throw new AssertionError(mutant.toString(), e);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void aStreamIsToldOrFails(WireProtocol client, WireProtocol upstream) {
    if (upstream == WireProtocol.OPENAI_EMBEDDINGS) {
      return;
    }
    List<String> events =
        switch (upstream) {
          case OPENAI_CHAT -> OllamaTest.CHUNKS;
          case OPENAI_RESPONSES -> ResponsesAnswerTest.EVENTS;
          default -> OllamaTest.EVENTS;
        };
    for (int place = 0; place < events.size(); place++) {
      String event = events.get(place);
      if (event.startsWith("[")) {
        continue;
      }
      for (JsonNode mutant : mutants(Call.json(event.substring(event.indexOf('|') + 1)))) {
        stream(started(client, upstream), events, place, mutant);
      }
    }
  }

  private static void stream(
      Translation translation, List<String> events, int place, JsonNode mutant) {
    try {
      for (int i = 0; i < events.size(); i++) {
        String event = events.get(i);
        String data = Call.quoted(event.substring(event.indexOf('|') + 1));
        translation.event(null, i == place ? mutant.toString() : data);
      }
      translation.end();
    } catch (IOException e) {
      assertThat(e).hasNoCause();
    } catch (RuntimeException e) {
      throw new AssertionError(mutant.toString(), e);
    }
  }

  private static Translation started(WireProtocol client, WireProtocol upstream) {
    Translation translation = Translation.between(client, upstream);
    byte[] question = Call.quoted(QUESTIONS.get(client)).getBytes(StandardCharsets.UTF_8);
    translation.request(question, new UpstreamOptions("m", 4096, true));
    return translation;
  }

  private static String whole(WireProtocol upstream) {
    return switch (upstream) {
      case OPENAI_CHAT ->
          "{'id':'c','created':5,'model':'x','choices':[{'index':0,'message':{'content':'t',"
              + "'refusal':'r','tool_calls':[{'id':'c','function':{'name':'f',"
              + "'arguments':'{}'}}]},'finish_reason':'stop'}],'usage':{'prompt_tokens':1,"
              + "'completion_tokens':2,'prompt_tokens_details':{'cached_tokens':1}}}";
      case OPENAI_RESPONSES -> ResponsesAnswerTest.WHOLE;
      case ANTHROPIC_MESSAGES ->
          "{'id':'m','model':'x','type':'message','content':[{'type':'text','text':'t'},"
              + "{'type':'tool_use','id':'c','name':'f','input':{'a':1}}],"
              + "'stop_reason':'tool_use','stop_sequence':'s','usage':{'input_tokens':1,"
              + "'output_tokens':2,'cache_read_input_tokens':3}}";
      default -> "{'model':'x','data':[{'index':0,'embedding':[1]},{'embedding':[2]}]}";
    };
  }

  /** Every tree that has something else in one place. */
  private static List<JsonNode> mutants(JsonNode tree) {
    List<JsonNode> mutants = new ArrayList<>();
    if (tree instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> field : object.properties()) {
        for (JsonNode other : others(field.getValue())) {
          mutants.add(object.deepCopy().set(field.getKey(), other));
        }
        ObjectNode less = object.deepCopy();
        less.remove(field.getKey());
        mutants.add(less);
      }
    } else if (tree instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        for (JsonNode other : others(array.get(i))) {
          ArrayNode copy = array.deepCopy();
          copy.set(i, other);
          mutants.add(copy);
        }
      }
    }
    return mutants;
  }

  private static List<JsonNode> others(JsonNode node) {
    List<JsonNode> others = new ArrayList<>(INSTEAD);
    others.addAll(mutants(node));
    return others;
  }
}
