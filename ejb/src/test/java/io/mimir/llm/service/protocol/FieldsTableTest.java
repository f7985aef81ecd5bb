package io.mimir.llm.service.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.WireProtocol;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of fields: each is carried, left out on purpose, or refused by its name. */
class FieldsTableTest {

  private static final WireProtocol OPENAI = WireProtocol.OPENAI_CHAT;
  private static final WireProtocol ANTHROPIC = WireProtocol.ANTHROPIC_MESSAGES;

  private static final String USER = "'messages':[{'role':'user','content':'x'}]";

  private static Call ask(WireProtocol client, WireProtocol upstream, String fields) {
    ObjectNode body = (ObjectNode) Call.json(minimal(client));
    body.setAll((ObjectNode) Call.json("{" + fields + "}"));
    return Call.of(client, upstream, body.toString());
  }

  private static String minimal(WireProtocol client) {
    return switch (client) {
      case OLLAMA_GENERATE -> "{'prompt':'x'}";
      case OLLAMA_EMBED, OPENAI_RESPONSES -> "{'input':'x'}";
      case ANTHROPIC_MESSAGES -> "{'max_tokens':9," + USER + "}";
      default -> "{" + USER + "}";
    };
  }

  private static ProblemException refusal(
      WireProtocol client, WireProtocol upstream, String fields) {
    return catchThrowableOfType(ProblemException.class, () -> ask(client, upstream, fields));
  }

  static Stream<Arguments> leftOut() {
    return Stream.of(
        Arguments.of(
            OPENAI,
            ANTHROPIC,
            "'user':'','metadata':{},'service_tier':'auto','store':false,'n':1,"
                + "'logprobs':false,'frequency_penalty':0,'presence_penalty':0.0,"
                + "'logit_bias':{},'modalities':['text'],'response_format':{'type':'text'},"
                + "'seed':null,'audio':null,'brand_new':null"),
        Arguments.of(
            ANTHROPIC,
            OPENAI,
            "'service_tier':'standard_only','speed':'standard','mcp_servers':[],"
                + "'output_config':{},'container':null"),
        Arguments.of(
            WireProtocol.OLLAMA_CHAT,
            OPENAI,
            "'keep_alive':'5m','truncate':true,'shift':true,'logprobs':false,"
                + "'format':'','options':{'num_ctx':8192,'num_thread':4,'num_gpu':1}"));
  }

  @ParameterizedTest
  @MethodSource("leftOut")
  void whatHoldsAnywayChangesNothing(WireProtocol client, WireProtocol upstream, String fields) {
    JsonNode plain = ask(client, upstream, "").asked;

    assertThat(ask(client, upstream, fields).asked).isEqualTo(plain);
  }

  static Stream<Arguments> invalid() {
    return Stream.of(
        Arguments.of(OPENAI, ANTHROPIC, "messages", "'messages':[]"),
        Arguments.of(OPENAI, ANTHROPIC, "messages", "'messages':'x'"),
        Arguments.of(OPENAI, ANTHROPIC, "messages", "'messages':[{'role':'system','content':'x'}]"),
        Arguments.of(OPENAI, ANTHROPIC, "messages[0]", "'messages':['x']"),
        Arguments.of(OPENAI, ANTHROPIC, "messages[0].role", "'messages':[{'content':'x'}]"),
        Arguments.of(OPENAI, ANTHROPIC, "messages[0].role", "'messages':[{'role':'king'}]"),
        Arguments.of(OPENAI, ANTHROPIC, "stream", "'stream':'yes'"),
        Arguments.of(OPENAI, ANTHROPIC, "stop", "'stop':7"),
        Arguments.of(OPENAI, ANTHROPIC, "temperature", "'temperature':'hot'"),
        Arguments.of(OPENAI, ANTHROPIC, "max_tokens", "'max_tokens':1.5"),
        Arguments.of(
            OPENAI,
            ANTHROPIC,
            "messages[0].content[0].image_url.url",
            "'messages':[{'role':'user','content':[{'type':'image_url',"
                + "'image_url':{'url':'file:///etc/passwd'}}]}]"),
        Arguments.of(ANTHROPIC, OPENAI, "max_tokens", "'max_tokens':null"),
        Arguments.of(
            WireProtocol.OLLAMA_CHAT,
            OPENAI,
            "messages[0].images[0]",
            "'messages':[{'role':'user','images':['AAAA']}]"),
        Arguments.of(WireProtocol.OPENAI_RESPONSES, OPENAI, "input", "'input':[]"),
        Arguments.of(WireProtocol.OLLAMA_CHAT, OPENAI, "format", "'format':'xml'"),
        Arguments.of(
            WireProtocol.OLLAMA_EMBED,
            WireProtocol.OPENAI_EMBEDDINGS,
            "input[1]",
            "'input':['x',1]"),
        Arguments.of(
            WireProtocol.OLLAMA_EMBED, WireProtocol.OPENAI_EMBEDDINGS, "input", "'input':null"));
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void whatTheClientsOwnProtocolDoesNotSayIsInvalid(
      WireProtocol client, WireProtocol upstream, String field, String fields) {
    ProblemException refusal = refusal(client, upstream, fields);

    assertThat(refusal).isNotNull();
    assertThat(refusal.problem()).isEqualTo(Problem.INVALID);
    assertThat(refusal.errors().get(0).field()).isEqualTo(field);
    assertThat(refusal).hasMessageStartingWith(field + " ");
  }

  @Test
  void theSentenceSaysWhatToDo() {
    assertThat(refusal(OPENAI, ANTHROPIC, "'n':2"))
        .hasMessage(
            "n cannot be said in Anthropic's messages (/v1/messages), which this model's"
                + " provider speaks: leave it out, or choose a model whose provider speaks"
                + " OpenAI's chat completions (/v1/chat/completions)");
  }

  @Test
  void everyOtherPairIsRefusedByItsNames() {
    List<Set<WireProtocol>> chats =
        List.of(
            EnumSet.of(
                WireProtocol.OPENAI_CHAT,
                WireProtocol.OPENAI_RESPONSES,
                WireProtocol.OLLAMA_CHAT,
                WireProtocol.OLLAMA_GENERATE),
            EnumSet.of(
                WireProtocol.ANTHROPIC_MESSAGES,
                WireProtocol.OPENAI_RESPONSES,
                WireProtocol.OLLAMA_CHAT,
                WireProtocol.OLLAMA_GENERATE),
            EnumSet.of(
                WireProtocol.ANTHROPIC_MESSAGES,
                WireProtocol.OLLAMA_CHAT,
                WireProtocol.OLLAMA_GENERATE));
    for (WireProtocol client : WireProtocol.values()) {
      for (WireProtocol upstream : WireProtocol.values()) {
        boolean known =
            upstream == ANTHROPIC && chats.get(0).contains(client)
                || upstream == OPENAI && chats.get(1).contains(client)
                || upstream == WireProtocol.OPENAI_RESPONSES && chats.get(2).contains(client)
                || upstream == WireProtocol.OPENAI_EMBEDDINGS
                    && client == WireProtocol.OLLAMA_EMBED;
        ProblemException refusal =
            catchThrowableOfType(
                ProblemException.class, () -> Translation.between(client, upstream));
        if (known) {
          assertThat(refusal).isNull();
        } else {
          assertThat(refusal.problem()).isEqualTo(Problem.REFUSED);
          assertThat(refusal)
              .hasMessageContaining(client.label())
              .hasMessageContaining(upstream.label());
        }
      }
    }
    assertThat(Arrays.stream(WireProtocol.values()).map(WireProtocol::label))
        .doesNotHaveDuplicates();
  }
}
