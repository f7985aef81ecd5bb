package io.mimir.llm.service.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a client understands of a stream. Each reader keeps to the rules that the protocol's
 * official client enforces, and fails where that would throw.
 */
final class Received {

  final StringBuilder text = new StringBuilder();
  final List<String> calls = new ArrayList<>();
  final StringBuilder thoughts = new StringBuilder();

  /** The items of a response, whole. */
  final List<JsonNode> items = new ArrayList<>();

  String id;
  String model;
  String stop;
  String sequence;
  JsonNode usage;

  /** As the official client's ChatCompletionStream. */
  static Received openAi(String stream) {
    Received received = new Received();
    List<String> events = events(stream);
    assertThat(events).last().isEqualTo("[DONE]");
    Map<Integer, StringBuilder> arguments = new TreeMap<>();
    Map<Integer, String> heads = new TreeMap<>();
    long created = -1;
    boolean first = true;
    for (String data : events.subList(0, events.size() - 1)) {
      JsonNode chunk = Call.json(data.getBytes(StandardCharsets.UTF_8));
      assertThat(chunk.path("object").asText()).isEqualTo("chat.completion.chunk");
      assertThat(chunk.path("id").asText()).isNotEmpty();
      assertThat(chunk.path("model").asText()).isNotEmpty();
      assertThat(chunk.path("created").asLong()).isPositive();
      assertThat(chunk.path("choices").isArray()).isTrue();
      if (!first) {
        assertThat(chunk.path("id").asText()).isEqualTo(received.id);
        assertThat(chunk.path("created").asLong()).isEqualTo(created);
      }
      received.id = chunk.path("id").asText();
      received.model = chunk.path("model").asText();
      created = chunk.path("created").asLong();
      if (chunk.path("choices").isEmpty()) {
        assertThat(received.usage).isNull();
        assertThat(received.stop).isNotNull();
        received.usage = chunk.path("usage");
        continue;
      }
      assertThat(received.usage).as("nothing comes after the usage").isNull();
      assertThat(chunk.path("usage").isMissingNode() || chunk.path("usage").isNull()).isTrue();
      JsonNode choice = chunk.path("choices").path(0);
      assertThat(choice.path("index").asInt(-1)).isZero();
      assertThat(choice.has("finish_reason")).isTrue();
      JsonNode delta = choice.path("delta");
      assertThat(delta.isObject()).isTrue();
      if (first) {
        assertThat(delta.path("role").asText()).isEqualTo("assistant");
      }
      first = false;
      assertThat(received.stop).as("nothing is said after the end").isNull();
      received.text.append(delta.path("content").asText(""));
      for (JsonNode call : delta.path("tool_calls")) {
        assertThat(call.path("index").isInt()).isTrue();
        int index = call.path("index").asInt();
        if (!heads.containsKey(index)) {
          assertThat(index).isEqualTo(heads.size());
          assertThat(call.path("type").asText()).isEqualTo("function");
          assertThat(call.path("function").path("arguments").isTextual()).isTrue();
          assertThat(call.path("id").asText()).isNotEmpty();
          assertThat(call.path("function").path("name").asText()).isNotEmpty();
          String name = call.path("function").path("name").asText();
          heads.put(index, call.path("id").asText() + " " + name);
          arguments.put(index, new StringBuilder());
        } else {
          assertThat(call.has("id")).isFalse();
        }
        arguments.get(index).append(call.path("function").path("arguments").asText());
      }
      if (!choice.path("finish_reason").isNull()) {
        received.stop = choice.path("finish_reason").asText();
      }
    }
    assertThat(first).as("there were chunks").isFalse();
    assertThat(received.stop).isNotNull();
    heads.forEach((index, head) -> received.calls.add(head + " " + arguments.get(index)));
    return received;
  }

  /** As the official client's MessageStream. */
  static Received anthropic(String stream) {
    Received received = new Received();
    List<StringBuilder> blocks = new ArrayList<>();
    List<JsonNode> heads = new ArrayList<>();
    String state = "before";
    for (String raw : stream.split("\n\n")) {
      String[] lines = raw.split("\n");
      assertThat(lines).hasSize(2);
      assertThat(lines[0]).startsWith("event: ");
      assertThat(lines[1]).startsWith("data: ");
      JsonNode event = Call.json(lines[1].substring(6).getBytes(StandardCharsets.UTF_8));
      String type = event.path("type").asText();
      assertThat(lines[0].substring(7)).isEqualTo(type);
      switch (type) {
        case "message_start" -> {
          assertThat(state).isEqualTo("before");
          JsonNode message = event.path("message");
          received.id = message.path("id").asText();
          received.model = message.path("model").asText();
          assertThat(received.id).isNotEmpty();
          assertThat(received.model).isNotEmpty();
          assertThat(message.path("type").asText()).isEqualTo("message");
          assertThat(message.path("role").asText()).isEqualTo("assistant");
          assertThat(message.path("content").isArray()).isTrue();
          assertThat(message.path("usage").path("input_tokens").isNumber()).isTrue();
          state = "between";
        }
        case "content_block_start" -> {
          assertThat(state).isEqualTo("between");
          assertThat(event.path("index").asInt(-1)).isEqualTo(blocks.size());
          heads.add(event.path("content_block"));
          blocks.add(new StringBuilder());
          state = "block";
        }
        case "content_block_delta" -> {
          assertThat(state).isEqualTo("block");
          assertThat(event.path("index").asInt(-1)).isEqualTo(blocks.size() - 1);
          JsonNode delta = event.path("delta");
          boolean call = heads.get(heads.size() - 1).path("type").asText().equals("tool_use");
          assertThat(delta.path("type").asText())
              .isEqualTo(call ? "input_json_delta" : "text_delta");
          blocks.get(blocks.size() - 1).append(delta.path(call ? "partial_json" : "text").asText());
        }
        case "content_block_stop" -> {
          assertThat(state).isEqualTo("block");
          assertThat(event.path("index").asInt(-1)).isEqualTo(blocks.size() - 1);
          state = "between";
        }
        case "message_delta" -> {
          assertThat(state).isEqualTo("between");
          received.stop = event.path("delta").path("stop_reason").asText(null);
          received.sequence = event.path("delta").path("stop_sequence").asText(null);
          received.usage = event.path("usage");
          assertThat(received.stop).isNotNull();
          assertThat(received.usage.path("output_tokens").isNumber()).isTrue();
          state = "ending";
        }
        case "message_stop" -> {
          assertThat(state).isEqualTo("ending");
          state = "over";
        }
        default -> throw new AssertionError(type);
      }
    }
    assertThat(state).isEqualTo("over");
    for (int i = 0; i < heads.size(); i++) {
      JsonNode head = heads.get(i);
      if (head.path("type").asText().equals("tool_use")) {
        assertThat(head.path("input").isEmpty()).isTrue();
        received.calls.add(
            head.path("id").asText() + " " + head.path("name").asText() + " " + blocks.get(i));
      } else {
        received.text.append(head.path("text").asText()).append(blocks.get(i));
      }
    }
    return received;
  }

  /** As the official client's ResponseStream. */
  static Received responses(String stream) {
    Received received = new Received();
    List<JsonNode> items = new ArrayList<>();
    StringBuilder open = new StringBuilder();
    boolean over = false;
    int number = 0;
    for (String raw : stream.split("\n\n")) {
      String[] lines = raw.split("\n");
      assertThat(lines).hasSize(2);
      JsonNode event = Call.json(lines[1].substring(6).getBytes(StandardCharsets.UTF_8));
      String type = event.path("type").asText();
      assertThat(lines[0]).isEqualTo("event: " + type);
      assertThat(lines[1]).startsWith("data: ");
      assertThat(event.path("sequence_number").asInt(-1)).isEqualTo(number++);
      assertThat(over).as("nothing comes after the end").isFalse();
      int output = event.path("output_index").asInt(-1);
      if (!event.has("response")) {
        boolean added = type.equals("response.output_item.added");
        assertThat(output).isEqualTo(added ? items.size() : items.size() - 1);
      }
      if (type.startsWith("response.output_text") || type.startsWith("response.content_part")) {
        assertThat(event.path("content_index").asInt(-1)).isZero();
      }
      if (type.startsWith("response.reasoning_summary")) {
        assertThat(event.path("summary_index").asInt(-1)).isZero();
      }
      if (event.has("item_id")) {
        assertThat(event.path("item_id")).isEqualTo(items.get(output).path("id"));
      }
      switch (type) {
        case "response.created", "response.in_progress" -> {
          assertThat(number).isEqualTo(type.equals("response.created") ? 1 : 2);
          ResponsesShape.check(event.path("response"));
        }
        case "response.output_item.added" -> {
          assertThat(event.at("/item/status").asText("in_progress")).isEqualTo("in_progress");
          items.add(event.path("item"));
          open.setLength(0);
        }
        case "response.content_part.added", "response.reasoning_summary_part.added" ->
            assertThat(event.at("/part/text").textValue()).isEmpty();
        case "response.output_text.delta",
            "response.function_call_arguments.delta",
            "response.reasoning_summary_text.delta",
            "response.custom_tool_call_input.delta" ->
            open.append(event.path("delta").textValue());
        case "response.output_text.done", "response.reasoning_summary_text.done" ->
            assertThat(event.path("text").textValue()).isEqualTo(open.toString());
        case "response.content_part.done", "response.reasoning_summary_part.done" ->
            assertThat(event.at("/part/text").textValue()).isEqualTo(open.toString());
        case "response.function_call_arguments.done" ->
            assertThat(event.path("arguments").textValue()).isEqualTo(open.toString());
        case "response.custom_tool_call_input.done" ->
            assertThat(event.path("input").textValue()).isEqualTo(open.toString());
        case "response.output_item.done" -> {
          assertThat(event.at("/item/id")).isEqualTo(items.get(output).path("id"));
          assertThat(event.at("/item/type")).isEqualTo(items.get(output).path("type"));
          items.set(output, event.path("item"));
        }
        case "response.completed", "response.incomplete" -> {
          over = true;
          JsonNode response = event.path("response");
          assertThat(type).isEqualTo("response." + response.path("status").asText());
          assertThat(response.path("output")).containsExactlyElementsOf(items);
          received.of(response);
        }
        default -> throw new AssertionError(type);
      }
    }
    assertThat(over).isTrue();
    return received;
  }

  static Received response(JsonNode response) {
    Received received = new Received();
    received.of(response);
    return received;
  }

  private void of(JsonNode response) {
    assertThat(response.path("object").asText()).isEqualTo("response");
    ResponsesShape.check(response);
    id = response.path("id").asText();
    model = response.path("model").asText();
    stop = response.path("status").asText() + response.at("/incomplete_details/reason").asText();
    usage = response.path("usage");
    for (JsonNode item : response.path("output")) {
      items.add(item);
      switch (item.path("type").asText()) {
        case "message" -> text.append(item.at("/content/0/text").textValue());
        case "reasoning" -> thoughts.append(item.at("/summary/0/text").asText());
        default -> {
          String name = item.path("name").asText();
          String arguments = item.path("arguments").textValue();
          calls.add(item.path("call_id").asText() + " " + name + " " + arguments);
        }
      }
    }
  }

  /** As the official client's iterator over lines. */
  static Received ollama(String stream, boolean chat) {
    Received received = new Received();
    boolean done = false;
    for (String line : stream.split("\n")) {
      assertThat(done).as("nothing comes after the end").isFalse();
      JsonNode object = Call.json(line.getBytes(StandardCharsets.UTF_8));
      assertThat(object.has("error")).isFalse();
      received.model = object.path("model").asText();
      assertThat(received.model).isNotEmpty();
      assertThat(Instant.parse(object.path("created_at").asText())).isNotNull();
      if (chat) {
        JsonNode message = object.path("message");
        assertThat(message.path("role").asText()).isEqualTo("assistant");
        received.text.append(message.path("content").textValue());
        for (JsonNode call : message.path("tool_calls")) {
          JsonNode function = call.path("function");
          assertThat(function.path("arguments").isObject()).isTrue();
          String name = function.path("name").asText();
          String id = call.path("id").asText();
          received.calls.add(id + " " + name + " " + function.path("arguments"));
        }
      } else {
        received.text.append(object.path("response").textValue());
      }
      assertThat(object.path("done").isBoolean()).isTrue();
      done = object.path("done").asBoolean();
      if (done) {
        received.stop = object.path("done_reason").textValue();
        received.usage = object;
        for (String duration :
            List.of("total_duration", "load_duration", "prompt_eval_duration", "eval_duration")) {
          assertThat(object.path(duration).isIntegralNumber()).as(duration).isTrue();
        }
      }
    }
    assertThat(done).as("Did not receive done or success response in stream.").isTrue();
    return received;
  }

  private static List<String> events(String stream) {
    List<String> events = new ArrayList<>();
    assertThat(stream).endsWith("\n\n");
    for (String event : stream.split("\n\n")) {
      assertThat(event).startsWith("data: ").doesNotContain("\n");
      events.add(event.substring(6));
    }
    return events;
  }
}
