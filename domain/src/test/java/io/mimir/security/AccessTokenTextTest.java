package io.mimir.security;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AccessTokenTextTest {

  @Test
  void aTokenHasThePrefixAndFortyNineBase62Characters() {
    assertThat(AccessTokenText.generate().reveal()).matches("mimir_[0-9A-Za-z]{49}");
  }

  @Test
  void itsOwnChecksumIsRight() {
    for (int i = 0; i < 1000; i++) {
      assertThat(AccessTokenText.isWellFormed(AccessTokenText.generate())).isTrue();
    }
  }

  @Test
  void everyMistypedCharacterIsFound() {
    String token = AccessTokenText.generate().reveal();
    for (int i = 0; i < token.length(); i++) {
      char other = token.charAt(i) == 'a' ? 'b' : 'a';
      String mistyped = token.substring(0, i) + other + token.substring(i + 1);
      assertThat(AccessTokenText.isWellFormed(Secret.of(mistyped))).as("character %d", i).isFalse();
    }
  }

  @Test
  void otherTextsAreNone() {
    for (String text :
        new String[] {"", "mimir_", "sk-1234", AccessTokenText.generate().reveal() + "0"}) {
      assertThat(AccessTokenText.isWellFormed(Secret.of(text))).isFalse();
    }
  }
}
