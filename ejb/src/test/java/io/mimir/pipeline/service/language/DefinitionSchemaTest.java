package io.mimir.pipeline.service.language;

import static io.mimir.pipeline.service.language.Samples.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaId;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DefinitionSchemaTest {

  private static final JsonSchemaFactory FACTORY =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);

  private static JsonNode text() {
    try {
      return Samples.JSON.readTree(DefinitionSchema.bytes());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final JsonSchema SCHEMA = FACTORY.getSchema(text());

  static List<String> good() {
    return Samples.good();
  }

  static Stream<String> bad() {
    return Samples.bad().keySet().stream();
  }

  @Test
  void theSchemaIsOneItself() {
    assertThat(FACTORY.getSchema(SchemaLocation.of(SchemaId.V202012)).validate(text())).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("good")
  void whatCanBeReadFitsTheSchema(String good) {
    assertThat(DefinitionReader.read(yaml(good)).findings()).isEmpty();
    assertThat(SCHEMA.validate(yaml(good))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("bad")
  void whatIsRefusedDoesNotFitTheSchema(String bad) {
    assertThat(DefinitionReader.read(yaml(bad)).findings()).isNotEmpty();
    assertThat(SCHEMA.validate(yaml(bad))).isNotEmpty();
  }
}
