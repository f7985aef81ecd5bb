package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ETagsTest {

  @Test
  void withoutAHeaderAndWithAStarEveryVersionMayBeChanged() {
    assertThat(ETags.matching(null)).accepts(1);
    assertThat(ETags.matching("*")).accepts(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"7\"", " \"7\" ", "\"6\", \"7\"", "\"7\",\"x\""})
  void oneOfTheTagsIsEnough(String ifMatch) {
    assertThat(ETags.matching(ifMatch)).accepts(7).rejects(8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "7", "W/\"7\"", "\"77\"", "\"07\"", "x", "\"\""})
  void whatIsNoStrongTagOfTheVersionNeverMatches(String ifMatch) {
    assertThat(ETags.matching(ifMatch)).rejects(7);
  }

  @Test
  void aPageChangesTheVersionThatItShowed() {
    assertThat(ETags.only(3)).accepts(3).rejects(4);
  }
}
