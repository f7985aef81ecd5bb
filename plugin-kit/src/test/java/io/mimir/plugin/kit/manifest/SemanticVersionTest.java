package io.mimir.plugin.kit.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SemanticVersionTest {

  private static SemanticVersion of(String text) {
    return SemanticVersion.of(text).orElseThrow();
  }

  /** The order of section 11 of the specification, and more. */
  @Test
  void isOrderedAsTheSpecificationSays() {
    List<String> ascending =
        List.of(
            "0.0.0",
            "0.9.10",
            "1.0.0-0",
            "1.0.0-9",
            "1.0.0-10",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "2.0.0",
            "2.1.0",
            "2.1.1",
            "10.0.0",
            "99999999999999999999.0.0");
    for (int i = 0; i < ascending.size(); i++) {
      for (int j = 0; j < ascending.size(); j++) {
        assertThat(Integer.signum(of(ascending.get(i)).compareTo(of(ascending.get(j)))))
            .as("%s and %s", ascending.get(i), ascending.get(j))
            .isEqualTo(Integer.compare(i, j));
      }
    }
  }

  @Test
  void whatFollowsAPlusDoesNotCount() {
    assertThat(of("1.0.0+a.01")).isEqualByComparingTo(of("1.0.0"));
    assertThat(of("1.0.0-rc.1+a")).isEqualByComparingTo(of("1.0.0-rc.1+b"));
    assertThat(of("1.0.0+a")).isNotEqualTo(of("1.0.0")).hasToString("1.0.0+a");
  }

  @Test
  void knowsWhatIsNotReleased() {
    assertThat(of("1.0.0-rc.1").isPreRelease()).isTrue();
    assertThat(of("1.0.0+x-y").isPreRelease()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1.2",
        "1.2.3.4",
        "v1.2.3",
        "01.2.3",
        "1.2.03",
        "1.2.3-",
        "1.2.3-a..b",
        "1.2.3-01",
        "1.2.3+",
        "1.2.3 ",
        "1.2.3\n",
        "-1.2.3",
        "1.2.x",
        "1.2.3-ä",
        "١.2.3"
      })
  void whatIsNoVersionIsNone(String text) {
    assertThat(SemanticVersion.of(text)).isEmpty();
  }

  @Test
  void lengthHasABound() {
    assertThat(SemanticVersion.of("1.0.0-" + "a".repeat(58))).isPresent();
    assertThat(SemanticVersion.of("1.0.0-" + "a".repeat(59))).isEmpty();
  }
}
