package io.mimir.pipeline.service.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is made once, and what is forgotten. */
class LatelyUsedTest {

  private final LatelyUsed<String, String> lately = new LatelyUsed<>(2);
  private final List<String> made = new ArrayList<>();

  private String get(String key) {
    return lately.get(
        key,
        one -> {
          made.add(one);
          return one.isEmpty() ? null : one + "!";
        });
  }

  @Test
  void theOneThatWasNotUsedForLongestIsForgotten() {
    assertThat(get("a")).isEqualTo("a!");
    get("b");
    assertThat(get("a")).isEqualTo("a!");
    get("c");
    assertThat(get("a")).isEqualTo("a!");
    get("b");
    assertThat(made).containsExactly("a", "b", "c", "b");
  }

  @Test
  void whatIsNotThereOrFailsIsNotKept() {
    assertThat(get("")).isNull();
    assertThat(get("")).isNull();
    assertThat(made).containsExactly("", "");
    assertThatThrownBy(
            () ->
                lately.get(
                    "x",
                    one -> {
                      throw new IOException(one);
                    }))
        .isInstanceOf(IOException.class);
    assertThat(get("x")).isEqualTo("x!");
  }
}
