package io.mimir.plugin.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Ten thousand mutants of each kind of input. {@code bench/mutants} takes more of them. */
class MutantsTest {

  private static final int EACH = 10_000;

  private static Map<String, Mutants.Kind> kinds;

  @BeforeAll
  static void prepare() throws Exception {
    kinds = Mutants.targets(List.of());
  }

  @TestFactory
  Stream<DynamicTest> neverEndInAnythingButAReason() {
    return kinds.entrySet().stream()
        .map(
            kind ->
                DynamicTest.dynamicTest(
                    kind.getKey(),
                    () -> {
                      Mutants.Outcome outcome =
                          Mutants.run(kind.getKey(), kind.getValue(), EACH, 1);

                      assertThat(outcome.unexpected).isEmpty();
                      // A busy machine may stop a test for a while; the figure is bench/mutants'.
                      assertThat(outcome.slowestNanos).isLessThan(2_000_000_000L);
                    }));
  }
}
