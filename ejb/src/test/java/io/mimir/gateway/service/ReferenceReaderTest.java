package io.mimir.gateway.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.error.ProblemException;
import io.mimir.gateway.service.ReferenceReader.Reference;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceReaderTest {

  private static RequestEnvelope read(String json) {
    return RequestEnvelope.read(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  private static String ids(String json) {
    return read(json).references().stream().map(Reference::id).collect(Collectors.joining(" "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{'model':'m','previous_response_id':'resp_1','input':'Hi'}|resp_1",
        "{'model':'m','conversation':'conv_1','input':'Hi'}|conv_1",
        "{'model':'m','conversation':{'id':'conv_2'},'input':'Hi'}|conv_2",
        "{'input_file_id':'file-1','endpoint2':'x','completion_window':'24h'}|file-1",
        "{'name':'s','file_ids':['file-1','file-2']}|file-1 file-2",
        "{'file_id':'file-1','attributes':{'a':'b'}}|file-1",
        "{'files':[{'file_id':'file-1'},{'file_id':'file-2'}]}|file-1 file-2",
        "{'input':[{'role':'user','content':[{'type':'input_file','file_id':'file-3'}]}]}|file-3",
        "{'input':[{'role':'user','content':'a'},{'role':'user','content':[{'type':'input_image','file_id':'file-4'}]}]}|file-4",
        "{'messages':[{'role':'user','content':[{'type':'file','file':{'file_id':'file-5'}}]}]}|file-5",
        "{'messages':[{'role':'user','content':'a'},{'role':'user','content':[{'type':'document','source':{'type':'file','file_id':'file_6'}}]}]}|file_6",
        "{'tools':[{'type':'file_search','vector_store_ids':['vs_1','vs_2']}]}|vs_1 vs_2",
        "{'tools':[{'type':'code_interpreter','container':{'type':'auto','file_ids':['file-7']}}]}|file-7",
        "{'requests':[{'custom_id':'a','params':{'messages':[{'role':'user','content':[{'source':{'file_id':'file_8'}}]}]}}]}|file_8",
        "{'images':[{'file_id':'file-9'}],'mask':{'file_id':'file-10'}}|file-9 file-10",
        "{'input_file_id':'mine','input_file_id':'theirs'}|mine theirs"
      })
  void idsAreFoundWhereverTheyMayStand(String json, String expected) {
    assertThat(ids(json)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'messages':[{'role':'user','content':'a'},{'role':'assistant','content':[{'type':'tool_use','id':'t','name':'read','input':{'file_id':'x'}}]}]}",
        "{'messages':[{'role':'assistant','content':[{'type':'tool_use','input':{'deep':[{'file_id':'x'}]}}]}]}",
        "{'tools':[{'type':'function','function':{'name':'f','parameters':{'properties':{'a':{'default':{'file_id':'x'}}}}}}]}",
        "{'tools':[{'name':'f','input_schema':{'example':{'file_ids':['x']}}}]}",
        "{'metadata':{'file_id':'x','previous_response_id':'y'}}",
        "{'messages':[{'role':'user','content':'the file_id is file-1'}]}",
        "{'previous_response_id':null,'conversation':null,'input':'Hi'}"
      })
  void whatACallersToolsAreAboutIsNoReference(String json) {
    assertThat(ids(json)).isEmpty();
  }

  @Test
  void afterTheArgumentsOfACallIdsCountAgain() {
    assertThat(
            ids(
                "{'messages':[{'role':'user','content':'a'},{'content':[{'type':'tool_use','input':{'file_id':'x'}},{'source':{'file_id':'y'}}]}]}"))
        .isEqualTo("y");
  }

  @Test
  void aRequestThatNamesThousandsIsRefused() {
    String ids =
        IntStream.range(0, 2_000).mapToObj(i -> "'f" + i + "'").collect(Collectors.joining(","));

    assertThatThrownBy(() -> read("{'file_ids':[" + ids + "]}").references())
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("1,000");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{'store':true}|true|false",
        "{'background':true}|true|false",
        "{'previous_response_id':'resp_1'}|true|false",
        "{'store':false}|false|true",
        "{'store':null,'background':false}|false|false",
        "{'background':true,'store':false}|true|true",
        "{'input':'Hi'}|false|false"
      })
  void onlyWhatIsSaidCounts(String json, boolean kept, boolean unkept) {
    assertThat(read(json).isKept()).isEqualTo(kept);
    assertThat(read(json).isUnkept()).isEqualTo(unkept);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "'/v1/chat/completions'|true",
        "'/v1/responses'|true",
        "'https://evil.test/v1/chat/completions'|false",
        "'//evil.test'|false",
        "'/v1/../secret'|false",
        "{'url':'x'}|false",
        "7|false"
      })
  void aBatchMaySayWhichAddressOfItsOwnProviderItIsFor(String endpoint, boolean taken) {
    byte[] body =
        ("{\"input_file_id\":\"f\",\"endpoint\":" + endpoint.replace('\'', '"') + "}")
            .getBytes(StandardCharsets.UTF_8);

    if (taken) {
      assertThat(RequestEnvelope.read(body, true).references()).hasSize(1);
    } else {
      assertThatThrownBy(() -> RequestEnvelope.read(body, true))
          .isInstanceOf(ProblemException.class);
    }
    assertThatThrownBy(() -> RequestEnvelope.read(body)).hasMessageContaining("endpoint");
  }
}
