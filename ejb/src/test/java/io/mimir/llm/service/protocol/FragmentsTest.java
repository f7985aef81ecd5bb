package io.mimir.llm.service.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.WireProtocol;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Providers cut texts and arguments wherever they like, in the middle of a character even. */
class FragmentsTest {

  private static final String TEXT = "Grüß\n\"Gott\" 😀\u2028日本 data: x\n\nevent: y";
  private static final String ARGUMENTS =
      "{\"a\":\"ü😀\\\"\\u00e9\\n\",\"b\":[1,{\"c\":null}],\"d\":0.1}";

  static Stream<Arguments> pairs() {
    List<Arguments> pairs = new ArrayList<>();
    for (WireProtocol upstream :
        EnumSet.of(
            WireProtocol.OPENAI_CHAT,
            WireProtocol.OPENAI_RESPONSES,
            WireProtocol.ANTHROPIC_MESSAGES)) {
      for (WireProtocol client :
          EnumSet.of(
              WireProtocol.OPENAI_CHAT,
              WireProtocol.OPENAI_RESPONSES,
              WireProtocol.ANTHROPIC_MESSAGES,
              WireProtocol.OLLAMA_CHAT)) {
        boolean bothOpenAis =
            client == WireProtocol.OPENAI_CHAT && upstream == WireProtocol.OPENAI_RESPONSES;
        if (client != upstream && !bothOpenAis) {
          pairs.add(Arguments.of(client, upstream));
        }
      }
    }
    return pairs.stream();
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void everyCutMakesTheSameAnswer(WireProtocol client, WireProtocol upstream) throws IOException {
    for (int cut = 0; cut <= TEXT.length(); cut++) {
      check(client, upstream, cut, ARGUMENTS.length() / 2);
    }
    for (int cut = 0; cut <= ARGUMENTS.length(); cut++) {
      check(client, upstream, TEXT.length() / 2, cut);
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void singleCharactersMakeTheSameAnswer(WireProtocol client, WireProtocol upstream)
      throws IOException {
    List<String> texts = TEXT.chars().mapToObj(Character::toString).toList();
    List<String> arguments = ARGUMENTS.chars().mapToObj(Character::toString).toList();

    check(client, upstream, texts, arguments);
  }

  private static void check(
      WireProtocol client, WireProtocol upstream, int textCut, int argumentsCut)
      throws IOException {
    check(
        client,
        upstream,
        List.of(TEXT.substring(0, textCut), TEXT.substring(textCut)),
        List.of(ARGUMENTS.substring(0, argumentsCut), ARGUMENTS.substring(argumentsCut)));
  }

  private static void check(
      WireProtocol client, WireProtocol upstream, List<String> texts, List<String> arguments)
      throws IOException {
    Translation translation = Translation.between(client, upstream);
    translation.request(
        question(client).getBytes(StandardCharsets.UTF_8), new UpstreamOptions("m", 4096, true));
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    for (JsonNode event : answer(upstream, texts, arguments)) {
      sent.write(translation.event(event.path("type").asText(null), event.toString()));
    }
    sent.write(translation.end());

    Received received = received(client, sent.toString(StandardCharsets.UTF_8));

    assertThat(received.text).hasToString(TEXT);
    assertThat(received.calls).hasSize(1);
    assertThat(received.calls.get(0)).startsWith("call_1 look ");
    String told = received.calls.get(0).substring("call_1 look ".length());
    assertThat(Call.json(told.getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(Call.json(ARGUMENTS.getBytes(StandardCharsets.UTF_8)));
  }

  private static String question(WireProtocol client) {
    String said =
        client == WireProtocol.OPENAI_RESPONSES
            ? "'input':'x'"
            : "'messages':[{'role':'user','content':'x'}]";
    String limit = client == WireProtocol.ANTHROPIC_MESSAGES ? ",'max_tokens':9" : "";
    return Call.quoted("{" + said + limit + ",'stream':true}");
  }

  private static Received received(WireProtocol client, String stream) {
    return switch (client) {
      case OPENAI_CHAT -> Received.openAi(stream);
      case OPENAI_RESPONSES -> Received.responses(stream);
      case ANTHROPIC_MESSAGES -> Received.anthropic(stream);
      default -> Received.ollama(stream, true);
    };
  }

  private static List<JsonNode> answer(
      WireProtocol upstream, List<String> texts, List<String> arguments) {
    return switch (upstream) {
      case OPENAI_CHAT -> chunks(texts, arguments);
      case OPENAI_RESPONSES -> responseEvents(texts, arguments);
      default -> events(texts, arguments);
    };
  }

  private static List<JsonNode> responseEvents(List<String> texts, List<String> arguments) {
    List<JsonNode> events = new ArrayList<>();
    events.add(Call.json("{'type':'response.created','response':{'id':'r','model':'x'}}"));
    events.add(
        Call.json(
            "{'type':'response.output_item.added','output_index':0,'item':{'type':'message'}}"));
    for (String text : texts) {
      events.add(responseDelta("output_text", 0, text));
    }
    events.add(
        Call.json(
            "{'type':'response.output_item.done','output_index':0,'item':{'type':'message'}}"));
    String call = "'item':{'type':'function_call','call_id':'call_1','name':'look'";
    events.add(Call.json("{'type':'response.output_item.added','output_index':1," + call + "}}"));
    for (String fragment : arguments) {
      events.add(responseDelta("function_call_arguments", 1, fragment));
    }
    events.add(Call.json("{'type':'response.output_item.done','output_index':1," + call + "}}"));
    events.add(
        Call.json("{'type':'response.completed','response':{'id':'r','status':'completed'}}"));
    return events;
  }

  private static ObjectNode responseDelta(String of, int place, String delta) {
    ObjectNode event = Json.object().put("type", "response." + of + ".delta");
    return event.put("output_index", place).put("delta", delta);
  }

  private static List<JsonNode> chunks(List<String> texts, List<String> arguments) {
    List<JsonNode> chunks = new ArrayList<>();
    for (String text : texts) {
      delta(chunks).put("content", text);
    }
    call(chunks).put("id", "call_1").putObject("function").put("name", "look");
    for (String fragment : arguments) {
      call(chunks).putObject("function").put("arguments", fragment);
    }
    delta(chunks);
    ((ObjectNode) chunks.get(chunks.size() - 1).at("/choices/0"))
        .put("finish_reason", "tool_calls");
    return chunks;
  }

  private static ObjectNode delta(List<JsonNode> chunks) {
    ObjectNode chunk = (ObjectNode) Call.json("{'id':'c','model':'x','created':5}");
    chunks.add(chunk);
    return chunk.putArray("choices").addObject().put("index", 0).putObject("delta");
  }

  private static ObjectNode call(List<JsonNode> chunks) {
    return delta(chunks).putArray("tool_calls").addObject().put("index", 0);
  }

  private static List<JsonNode> events(List<String> texts, List<String> arguments) {
    List<JsonNode> events = new ArrayList<>();
    events.add(Call.json("{'type':'message_start','message':{'id':'m','model':'x','content':[]}}"));
    events.add(Call.json("{'type':'content_block_start','content_block':{'type':'text'}}"));
    for (String text : texts) {
      blockDelta(events).put("type", "text_delta").put("text", text);
    }
    events.add(Call.json("{'type':'content_block_stop'}"));
    events.add(
        Call.json(
            "{'type':'content_block_start','content_block':"
                + "{'type':'tool_use','id':'call_1','name':'look','input':{}}}"));
    for (String fragment : arguments) {
      blockDelta(events).put("type", "input_json_delta").put("partial_json", fragment);
    }
    events.add(Call.json("{'type':'content_block_stop'}"));
    events.add(Call.json("{'type':'message_delta','delta':{'stop_reason':'tool_use'}}"));
    events.add(Call.json("{'type':'message_stop'}"));
    return events;
  }

  private static ObjectNode blockDelta(List<JsonNode> events) {
    ObjectNode event = (ObjectNode) Call.json("{'type':'content_block_delta'}");
    events.add(event);
    return event.putObject("delta");
  }
}
