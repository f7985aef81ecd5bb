package io.mimir.gateway.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.gateway.ObjectKind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectAddressTest {

  @ParameterizedTest
  @CsvSource({
    "/files, OPENAI, FILE, , ''",
    "/files?limit=2, OPENAI, FILE, , ''",
    "/files/file-1, OPENAI, FILE, file-1, ''",
    "/files/file-1/content, OPENAI, FILE, file-1, /content",
    "/batches/batch_1/cancel, OPENAI, BATCH, batch_1, /cancel",
    "/vector_stores/vs_1/files/file-1?x=y, OPENAI, VECTOR_STORE, vs_1, /files/file-1",
    "/responses/resp_1/input_items, OPENAI, RESPONSE, resp_1, /input_items",
    "/conversations/conv_1, OPENAI, CONVERSATION, conv_1, ''",
    "/files/file_1, ANTHROPIC, FILE, file_1, ''",
    "/messages/batches, ANTHROPIC, MESSAGE_BATCH, , ''",
    "/messages/batches/msgbatch_1/results, ANTHROPIC, MESSAGE_BATCH, msgbatch_1, /results"
  })
  void namesAKindAndOneOfThem(
      String below, ClientProtocol client, ObjectKind kind, String id, String part) {
    assertThat(ObjectAddress.at(below, client)).isEqualTo(new ObjectAddress(kind, id, part));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/fine_tuning/jobs",
        "/filesystem",
        "/responses/input_tokens",
        "/responses/compact",
        "/messages/batches",
        "/moderations"
      })
  void otherAddressesOfOpenAiHaveNoOwner(String below) {
    assertThat(ObjectAddress.at(below, ClientProtocol.OPENAI)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/batches", "/vector_stores", "/organizations/users", "/messages"})
  void anthropicHasFilesAndBatchesOfMessagesOnly(String below) {
    assertThat(ObjectAddress.at(below, ClientProtocol.ANTHROPIC)).isNull();
  }
}
