package io.mimir.pipeline.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TextDiffTest {

  private static final String TWENTY = lines(1, 20);

  private static String lines(int from, int to) {
    return IntStream.rangeClosed(from, to)
        .mapToObj(number -> "line " + number)
        .collect(Collectors.joining("\n"));
  }

  private static List<String> shown(String older, String newer) {
    return TextDiff.between(older, newer).stream()
        .map(line -> line.kind() + " " + line.sign() + line.text())
        .toList();
  }

  @Test
  void textsThatAreTheSameGiveNothing() {
    assertThat(shown(TWENTY, TWENTY)).isEmpty();
  }

  @Test
  void aChangedLineIsRemovedAndAddedWithThreeLinesAround() {
    assertThat(shown(TWENTY, TWENTY.replace("line 10", "line ten")))
        .containsExactly(
            "gap 7",
            "same line 7",
            "same line 8",
            "same line 9",
            "removed −line 10",
            "added +line ten",
            "same line 11",
            "same line 12",
            "same line 13");
  }

  @Test
  void changesThatAreFarApartStandAtPlacesOfTheirOwn() {
    assertThat(shown(TWENTY, "line 0\n" + TWENTY.replace("line 20", "the end")))
        .containsExactly(
            "gap 1",
            "added +line 0",
            "same line 1",
            "same line 2",
            "same line 3",
            "gap 18",
            "same line 17",
            "same line 18",
            "same line 19",
            "removed −line 20",
            "added +the end");
  }

  /** What a line begins with is its own: signs are put before it. */
  @Test
  void linesThatLookLikeSignsStayWhole() {
    assertThat(shown("--- a\n@@ -1 +1 @@", "+++ b\n@@ -1 +1 @@"))
        .containsExactly("gap 1", "removed −--- a", "added ++++ b", "same @@ -1 +1 @@");
  }

  @Test
  void everythingIsNewAfterAnEmptyText() {
    assertThat(shown("", "one\n  two")).containsExactly("gap 1", "added +one", "added +  two");
  }
}
