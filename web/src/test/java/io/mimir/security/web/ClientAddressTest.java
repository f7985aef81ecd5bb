package io.mimir.security.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.net.Cidr;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClientAddressTest {

  private static final List<Cidr> PROXIES =
      List.of(Cidr.parse("10.0.0.0/8").orElseThrow(), Cidr.parse("::1").orElseThrow());

  @Test
  void withoutTrustedProxiesThePeerIsTheClient() {
    assertThat(ClientAddress.of("1.2.3.4", List.of("6.6.6.6"), List.of())).isEqualTo("1.2.3.4");
  }

  @Test
  void anUntrustedPeerIsTheClientWhateverItSays() {
    assertThat(ClientAddress.of("1.2.3.4", List.of("6.6.6.6"), PROXIES)).isEqualTo("1.2.3.4");
  }

  @Test
  void aTrustedProxyIsBelievedUpToTheFirstThatIsNone() {
    assertThat(ClientAddress.of("10.0.0.1", List.of("6.6.6.6, 5.5.5.5, 10.0.0.2"), PROXIES))
        .isEqualTo("5.5.5.5");
    assertThat(ClientAddress.of("::1", List.of("6.6.6.6", "2001:db8::1"), PROXIES))
        .isEqualTo("2001:db8::1");
  }

  @Test
  void nonsenseIsNotTakenForAnAddress() {
    for (String nonsense : List.of("evil.example.com", "", "unknown", "10.0.0.0/8", "1.2.3")) {
      assertThat(ClientAddress.of("10.0.0.1", List.of(nonsense), PROXIES)).isEqualTo("10.0.0.1");
    }
  }
}
