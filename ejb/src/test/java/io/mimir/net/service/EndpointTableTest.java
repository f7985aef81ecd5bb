package io.mimir.net.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.net.EndpointUrl;
import io.mimir.net.service.EndpointTable.Outcome;
import io.mimir.net.service.EndpointTable.Row;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EndpointTableTest {

  private final EgressClient prod = EgressClients.open("");
  private final EgressClient dev = EgressClients.dev();

  static List<Row> rows() {
    return EndpointTable.rows();
  }

  private static Outcome saved(EgressClient egress, Provider provider, String url) {
    try {
      egress.vet(provider.zone(), EndpointUrl.parse(url));
      return Outcome.OK;
    } catch (ProblemException e) {
      assertThat(e.errors()).singleElement().extracting("field").isEqualTo("endpoint_url");
      assertThat(e.getMessage()).isNotBlank();
      return e.problem() == Problem.ENDPOINT_BLOCKED ? Outcome.BLOCKED : Outcome.BAD;
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void anAddressIsJudgedByWhoUsesItAndWhere(Row row) {
    assertThat(saved(prod, Provider.OPENAI, row.url())).isEqualTo(row.hosted());
    assertThat(saved(prod, Provider.ANTHROPIC, row.url())).isEqualTo(row.hosted());
    assertThat(saved(dev, Provider.OPENAI, row.url())).isEqualTo(row.hosted());
    assertThat(saved(prod, Provider.OLLAMA, row.url())).isEqualTo(row.selfHosted());
    assertThat(saved(prod, Provider.CUSTOM, row.url())).isEqualTo(row.selfHosted());
    assertThat(saved(dev, Provider.OLLAMA, row.url())).isEqualTo(row.dev());
    assertThat(saved(dev, Provider.CUSTOM, row.url())).isEqualTo(row.dev());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void whatIsTakenIsTakenAgainInTheFormThatIsStored(Row row) {
    if (row.hosted() != Outcome.BAD) {
      EndpointUrl url = EndpointUrl.parse(row.url());

      assertThat(EndpointUrl.parse(url.toString())).isEqualTo(url).hasToString(url.toString());
      assertThat(EndpointUrl.parse(url.origin()).origin()).isEqualTo(url.origin());
    }
  }

  @Test
  void theTableIsLong() {
    assertThat(rows()).hasSizeGreaterThan(250).doesNotHaveDuplicates();
  }

  @Test
  void noAllowListOpensMetadataServicesNorMimirItself() {
    EgressClient open = EgressClients.open("0.0.0.0/0,::/0,metadata.google.internal");

    for (Row row : rows()) {
      boolean never =
          row.url().matches(".*(169\\.254|a9fe|metadata|:8080|100\\.100\\.100|fe80).*")
              && row.dev() == Outcome.BLOCKED;
      if (never) {
        assertThat(saved(open, Provider.OLLAMA, row.url()))
            .as(row.url())
            .isEqualTo(Outcome.BLOCKED);
      }
    }
  }

  @Test
  void noRefusalRepeatsTheAddress() {
    for (String url :
        List.of("http://u:CANARY@h", "http://CANARY:x", "http://h/v1?key=CANARY", "CANARY")) {
      try {
        EndpointUrl.parse(url);
        assertThat(url).as("should be refused").isNull();
      } catch (ProblemException e) {
        assertThat(e + e.errors().toString()).doesNotContainIgnoringCase("CANARY");
        assertThat(e.getCause()).isNull();
      }
    }
  }
}
