package io.mimir.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageTest {

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", " \n\t"})
  void mustSaySomething(String text) {
    assertThatThrownBy(() -> Message.check(text))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem()).isEqualTo(Problem.MISSING_FIELD));
  }

  @Test
  void mayBeAsLongAsTheApiTakesAndNoLonger() {
    assertThat(Message.check("x".repeat(Message.LONGEST))).hasSize(Message.LONGEST);
    assertThatThrownBy(() -> Message.check("x".repeat(Message.LONGEST + 1)))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem()).isEqualTo(Problem.REFUSED));
  }

  @Test
  void keepsTheWhiteSpaceOfWhatWasSaid() {
    assertThat(Message.check("  indented\n")).isEqualTo("  indented\n");
  }
}
