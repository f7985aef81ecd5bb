package io.mimir.usage.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvTest {

  @Test
  void cellsAreQuotedWhereTheyHaveTo() {
    assertThat(Csv.line("plain", null, 7, "a,b", "say \"hi\"", "two\nlines"))
        .isEqualTo("plain,,7,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"=1+1", "+1", "-1", "@SUM(A1)"})
  void noTextIsAFormula(String text) {
    assertThat(Csv.line(text)).isEqualTo("'" + text + "\r\n");
  }

  @Test
  void aFormulaThatIsQuotedIsNoneEither() {
    assertThat(Csv.line("=HYPERLINK(\"http://x\",\"y\")"))
        .isEqualTo("\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"\r\n");
  }

  @Test
  void numbersStayNumbers() {
    assertThat(Csv.line(-1L, 0)).isEqualTo("-1,0\r\n");
  }
}
