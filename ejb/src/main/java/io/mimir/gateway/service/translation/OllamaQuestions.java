package io.mimir.gateway.service.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.gateway.service.translation.Question.Format;
import io.mimir.gateway.service.translation.Question.Part;
import io.mimir.gateway.service.translation.Question.Role;
import java.util.List;

/** Reads what Ollama's chat and generate have in common. */
abstract class OllamaQuestions implements QuestionReader {

  private final Pair pair;

  OllamaQuestions(Pair pair) {
    this.pair = pair;
  }

  @Override
  public final Question read(Fields body) {
    Question question = new Question();
    body.leaveOut("model", "keep_alive", "truncate", "shift");
    question.streamed = body.flag("stream", true);
    question.format = format(body);
    Fields options = body.object("options");
    if (options != null) {
      options(options, question);
    }
    body.only("think", "false").only("logprobs", "false").only("top_logprobs", "0");
    said(body, question);
    body.done();
    return question;
  }

  /** What is asked. */
  abstract void said(Fields body, Question question);

  private static Format format(Fields body) {
    JsonNode format = body.take("format");
    if (format == null || format.isTextual() && format.textValue().isEmpty()) {
      return null;
    }
    if (format instanceof ObjectNode schema) {
      return new Format("format", schema);
    }
    if (format.isTextual() && format.textValue().equals("json")) {
      return new Format("format", null);
    }
    throw body.invalid("format", "must be json or a schema");
  }

  /** Those that are left out tell the machine how to run a model, and not what to answer. */
  private static void options(Fields options, Question question) {
    options
        .leaveOut("num_ctx", "num_batch", "num_gpu", "main_gpu", "num_thread", "num_keep")
        .leaveOut("use_mmap", "use_mlock", "numa", "low_vram", "f16_kv", "vocab_only");
    limit(options, question);
    Param.TEMPERATURE.read(options, "temperature", question);
    Param.TOP_P.read(options, "top_p", question);
    Param.TOP_K.read(options, "top_k", question);
    Param.STOP.read(options, "stop", question);
    Param.SEED.read(options, "seed", question);
    Param.FREQUENCY_PENALTY.read(options, "frequency_penalty", question);
    Param.PRESENCE_PENALTY.read(options, "presence_penalty", question);
    options
        .never("min_p", "typical_p", "tfs_z", "repeat_penalty", "repeat_last_n")
        .never("mirostat", "mirostat_eta", "mirostat_tau", "penalize_newline");
    options.done();
  }

  /** Below zero means that there is no limit. */
  private static void limit(Fields options, Question question) {
    Param.MAX_TOKENS.read(options, "num_predict", question);
    Param.Given given = question.params.get(Param.MAX_TOKENS);
    if (given != null && given.value().asLong() < 0) {
      question.params.remove(Param.MAX_TOKENS);
    }
  }

  final void images(Fields owner, List<Part> parts) {
    int number = 0;
    for (String base64 : owner.texts("images")) {
      parts.add(Images.ofBase64(pair, owner.path("images") + "[" + number++ + "]", base64));
    }
  }

  final void add(Question question, Fields owner, Role role, List<Part> parts) {
    question.add(owner.path(), role, parts);
  }
}
