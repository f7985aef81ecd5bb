package io.mimir.security;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.error.ProblemException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordRuleTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"korrekt pferd batterie", "Xk7#mQ2!vB9z", "ein langer satz", "пароль-из-слов-7"})
  void longAndUncommonPasswordsAreTaken(String password) {
    assertThatCode(() -> PasswordRule.check(Secret.of(password), "root", "password"))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "short",
        "elevenchars",
        "aaaaaaaaaaaaaaaa",
        "abababababababab",
        "password1234",
        "Password123456",
        "123456789012",
        "qwertyuiop12",
        "administrator1",
        "bartholomew1",
        "bartholomewbartholomew"
      })
  void othersAreRefusedWithoutBeingRepeated(String password) {
    assertThatThrownBy(() -> PasswordRule.check(Secret.of(password), "bartholomew", "password"))
        .isInstanceOf(ProblemException.class)
        .satisfies(
            e -> {
              if (password.length() > 6) {
                org.assertj.core.api.Assertions.assertThat(e.getMessage()).doesNotContain(password);
              }
            });
  }
}
