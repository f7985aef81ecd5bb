package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.Format;
import io.mimir.llm.service.protocol.ChatRequest.Part;
import io.mimir.llm.service.protocol.ChatRequest.Role;
import java.util.List;

/** Reads what Ollama's chat and generate have in common. */
abstract class OllamaRequestReader implements RequestReader {

  private final ProtocolPair pair;

  OllamaRequestReader(ProtocolPair pair) {
    this.pair = pair;
  }

  @Override
  public final ChatRequest read(Fields body) {
    ChatRequest request = new ChatRequest();
    body.ignore("model", "keep_alive", "truncate", "shift");
    request.streamed = body.flag("stream", true);
    request.format = format(body);
    Fields options = body.object("options");
    if (options != null) {
      options(options, request);
    }
    body.only("think", "false").only("logprobs", "false").only("top_logprobs", "0");
    said(body, request);
    body.done();
    return request;
  }

  /** What is asked. */
  abstract void said(Fields body, ChatRequest request);

  private static Format format(Fields body) {
    JsonNode format = body.take("format");
    if (format == null || format.isTextual() && format.textValue().isEmpty()) {
      return null;
    }
    if (format instanceof ObjectNode schema) {
      return new Format("format", schema, true);
    }
    if (format.isTextual() && format.textValue().equals("json")) {
      return new Format("format", null, true);
    }
    throw body.invalid("format", "must be json or a schema");
  }

  /** Those that are left out tell the machine how to run a model, and not what to answer. */
  private static void options(Fields options, ChatRequest request) {
    options
        .ignore("num_ctx", "num_batch", "num_gpu", "main_gpu", "num_thread", "num_keep")
        .ignore("use_mmap", "use_mlock", "numa", "low_vram", "f16_kv", "vocab_only");
    limit(options, request);
    Param.TEMPERATURE.read(options, "temperature", request);
    Param.TOP_P.read(options, "top_p", request);
    Param.TOP_K.read(options, "top_k", request);
    Param.STOP.read(options, "stop", request);
    Param.SEED.read(options, "seed", request);
    Param.FREQUENCY_PENALTY.read(options, "frequency_penalty", request);
    Param.PRESENCE_PENALTY.read(options, "presence_penalty", request);
    options
        .never("min_p", "typical_p", "tfs_z", "repeat_penalty", "repeat_last_n")
        .never("mirostat", "mirostat_eta", "mirostat_tau", "penalize_newline");
    options.done();
  }

  /** Below zero means that there is no limit. */
  private static void limit(Fields options, ChatRequest request) {
    Param.MAX_TOKENS.read(options, "num_predict", request);
    Param.Given given = request.params.get(Param.MAX_TOKENS);
    if (given != null && given.value().asLong() < 0) {
      request.params.remove(Param.MAX_TOKENS);
    }
  }

  final void images(Fields owner, List<Part> parts) {
    int number = 0;
    for (String base64 : owner.texts("images")) {
      parts.add(Images.ofBase64(pair, owner.path("images") + "[" + number++ + "]", base64));
    }
  }

  final void add(ChatRequest request, Fields owner, Role role, List<Part> parts) {
    request.add(owner.path(), role, parts);
  }
}
