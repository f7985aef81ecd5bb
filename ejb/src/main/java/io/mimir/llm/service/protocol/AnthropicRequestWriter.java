package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.Format;
import io.mimir.llm.service.protocol.ChatRequest.Tool;
import io.mimir.llm.service.protocol.ChatRequest.ToolChoice;
import io.mimir.llm.service.protocol.ChatRequest.ToolChoice.Mode;

/** Asks in Anthropic's messages. */
final class AnthropicRequestWriter implements RequestWriter {

  private final ProtocolPair pair;
  private ClaudeModel model;
  private ToolNames names;
  private AnthropicMessageWriter messages;
  private boolean promisesJson;
  private boolean optional;

  AnthropicRequestWriter(ProtocolPair pair) {
    this.pair = pair;
  }

  @Override
  public ObjectNode write(ChatRequest request, UpstreamOptions options) {
    model = new ClaudeModel(options.model());
    names = ToolNames.anthropic();
    ObjectNode body = Json.object().put("model", options.model());
    var settings = new AnthropicSettings(pair, model, options);
    settings.limit(request, body);
    boolean goOn = request.endsWithAssistant() && !model.goesOn();
    messages = new AnthropicMessageWriter(pair, options, names);
    messages.write(request.turns, goOn, body);
    tools(request, body);
    format(request.format, body);
    settings.thinking(request, messages.hasThoughtsInLoop(), body);
    settings.sampling(request, body);
    settings.verbosity(request);
    optional = body.has("thinking") || body.path("output_config").has("effort");
    return body.put("stream", request.streamed);
  }

  @Override
  public ResponseSink restoring(ResponseSink sink) {
    return names.restoring(sink);
  }

  @Override
  public boolean isOptional() {
    return optional;
  }

  @Override
  public boolean promisesJson() {
    return promisesJson;
  }

  private void tools(ChatRequest request, ObjectNode body) {
    ToolChoice choice = request.toolChoice;
    if (request.tools.isEmpty()) {
      if (choice.isRequired()) {
        throw pair.invalid("tool_choice", "must name one of the tools, and there are none");
      }
      return;
    }
    ArrayNode tools = body.putArray("tools");
    request.tools.forEach(tool -> tool(tool, tools.addObject()));
    choice(choice, body);
  }

  private void tool(Tool tool, ObjectNode item) {
    item.put("name", names.name(tool.name()));
    if (tool.description() != null) {
      item.put("description", tool.description());
    }
    ObjectNode schema = tool.schema();
    if (!schema.has("type")) {
      schema = schema.deepCopy().put("type", "object");
    }
    if (Boolean.TRUE.equals(tool.strict()) && !model.takesSchemas()) {
      pair.leaveOut(tool.field() + ".strict");
    } else if (tool.strict() != null) {
      item.put("strict", tool.strict());
      schema = tool.strict() ? StrictSchema.closed(schema) : schema;
    }
    item.set("input_schema", schema);
    if (tool.cache() != null) {
      if (messages.takesMark()) {
        item.set("cache_control", tool.cache());
      } else {
        pair.leaveOut(tool.field() + ".cache_control");
      }
    }
  }

  /** Anthropic says that calls come one by one as a part of the choice. */
  private void choice(ToolChoice choice, ObjectNode body) {
    boolean alone = choice.alone() && choice.mode() != Mode.NONE;
    if (choice.mode() == Mode.UNSAID && !alone) {
      return;
    }
    ObjectNode said = body.putObject("tool_choice");
    said.put(
        "type",
        switch (choice.mode()) {
          case UNSAID, AUTO -> "auto";
          case NONE -> "none";
          case ANY -> "any";
          case ONE -> "tool";
        });
    if (choice.mode() == Mode.ONE) {
      said.put("name", names.name(choice.name()));
    }
    if (alone) {
      said.put("disable_parallel_tool_use", true);
    }
  }

  /** JSON without a schema is only asked for, and looked at when it has come. */
  private void format(Format format, ObjectNode body) {
    if (format == null) {
      return;
    }
    if (format.schema() == null) {
      pair.replace(format.field(), "instruction", "ask for JSON with a schema");
      messages.instruct(JsonPromise.INSTRUCTION, body);
      promisesJson = true;
      return;
    }
    if (!model.takesSchemas()) {
      throw pair.refused(format.field(), "ask for any JSON object, or take a newer model");
    }
    ObjectNode said = body.withObject("/output_config").putObject("format");
    JsonNode schema = StrictSchema.closed(format.schema());
    said.put("type", "json_schema").set("schema", schema);
  }
}
