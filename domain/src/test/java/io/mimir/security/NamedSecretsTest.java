package io.mimir.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NamedSecretsTest {

  @Test
  void whatWasJoinedComesApartAgain() {
    Map<String, Secret> secrets = new LinkedHashMap<>();
    secrets.put("X-Tenant", Secret.of("acme: the best"));
    secrets.put("Authorization", Secret.of("Basic dXNlcjpwYXNz"));

    Map<String, Secret> split = NamedSecrets.split(NamedSecrets.join(secrets));

    assertThat(split.keySet()).containsExactly("X-Tenant", "Authorization");
    assertThat(split.get("X-Tenant").reveal()).isEqualTo("acme: the best");
    assertThat(split.get("Authorization").reveal()).isEqualTo("Basic dXNlcjpwYXNz");
    assertThat(NamedSecrets.split(NamedSecrets.join(Map.of()))).isEmpty();
  }

  @Test
  void aLineBreakIsNotJoined() {
    assertThatThrownBy(() -> NamedSecrets.join(Map.of("a", Secret.of("CANARY\nb: c"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("CANARY");
    assertThatThrownBy(() -> NamedSecrets.join(Map.of("a:b", Secret.of("c"))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void linesAreReadAsPeopleWriteHeaders() {
    Map<String, Secret> read =
        NamedSecrets.ofLines(
            Secret.of("X-Tenant: acme\r\n\n Authorization:  Basic x: y \nX-Kept:"));

    assertThat(read.keySet()).containsExactly("X-Tenant", "Authorization", "X-Kept");
    assertThat(read.get("X-Tenant").reveal()).isEqualTo("acme");
    assertThat(read.get("Authorization").reveal()).isEqualTo("Basic x: y");
    assertThat(read.get("X-Kept")).isNull();
    assertThat(NamedSecrets.ofLines(Secret.of(""))).isEmpty();
  }

  @Test
  void aLineWithoutANameIsRefusedWithoutItsText() {
    for (String text : new String[] {"CANARY", ": CANARY", "a: CANARY\na: b"}) {
      assertThatThrownBy(() -> NamedSecrets.ofLines(Secret.of(text)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageNotContaining("CANARY");
    }
  }
}
