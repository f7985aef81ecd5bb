package io.mimir.plugin.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RefusalReasonTest {

  @Test
  void areThoseOfTheDesign() {
    assertThat(Arrays.stream(RefusalReason.values()).map(RefusalReason::name))
        .containsExactlyInAnyOrder(
            "UNSIGNED",
            "UNKNOWN_KEY",
            "KEY_REVOKED",
            "KEY_EXPIRED",
            "KEY_NOT_FOR_NAME",
            "HASH_MISMATCH",
            "SIGNATURE_INVALID",
            "MALFORMED_SIGNATURE",
            "WRONG_PLATFORM",
            "NOT_A_LIBRARY",
            "ABI_UNSUPPORTED",
            "MISSING_EXPORT",
            "BAD_MANIFEST",
            "GO_BUILDMODE_PLUGIN",
            "PERMISSION_UNSUPPORTED",
            "DOWNGRADE",
            "NAME_TAKEN",
            "TOO_LARGE",
            "FILE_MISSING",
            "START_FAILED",
            "CRASHED",
            "QUOTA_EXCEEDED");
  }

  @ParameterizedTest
  @EnumSource(RefusalReason.class)
  void eachHasASentenceThatSaysWhatToDo(RefusalReason reason) {
    assertThat(reason.fix()).matches("[A-Z][^\n]{20,}\\.");
    assertThat(Arrays.stream(RefusalReason.values()).map(RefusalReason::fix))
        .doesNotHaveDuplicates();
  }

  @Test
  void twoOfThemAwaitTrustOnly() {
    assertThat(Arrays.stream(RefusalReason.values()).filter(RefusalReason::awaitsTrust))
        .containsExactly(RefusalReason.UNSIGNED, RefusalReason.UNKNOWN_KEY);
  }
}
