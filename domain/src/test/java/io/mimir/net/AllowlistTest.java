package io.mimir.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllowlistTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " , ,",
        "localhost",
        "llm.example.com:8443",
        "my_ollama:11434",
        "10.0.0.0/8",
        "10.0.0.0/8:8080",
        "::1",
        "fd00::/8",
        "[fd00::5]:8080",
        "[fd00::/8]:8080",
        " a , 10.1.2.3:1 ,[::1]:65535"
      })
  void takesHostsAddressesAndBlocksWithOrWithoutAPort(String text) {
    assertThat(Allowlist.parse(text)).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost",
        "localhost:0",
        "localhost:65536",
        "localhost:x",
        "10.0.0.0/33",
        "10.0.0/8",
        "1.2.3",
        "256.1.1.1",
        "fd00::/129",
        "[::1",
        "*",
        "*.example.com",
        "a b",
        "host/path",
        "good,bad/path"
      })
  void refusesWhatItDoesNotUnderstand(String text) {
    assertThatThrownBy(() -> Allowlist.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("neither a host, an address nor a block");
  }

  @Test
  void aBlockWithAPortOpensThatPortOnly() throws Exception {
    Allowlist list = Allowlist.parse("[fd00::/8]:8080,Host.Example:9000");

    assertThat(list.opens("x", InetAddress.getByName("fd12::1"), 8080)).isTrue();
    assertThat(list.opens("x", InetAddress.getByName("fd12::1"), 8081)).isFalse();
    assertThat(list.opens("x", InetAddress.getByName("fe12::1"), 8080)).isFalse();
    assertThat(list.opens("host.example", null, 9000)).isTrue();
    assertThat(list.opens("host.example", null, 9001)).isFalse();
  }
}
