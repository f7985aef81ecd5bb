package io.mimir.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How addresses are judged after resolution; the spellings are in ejb's endpoint-urls.txt. */
class AddressPolicyTest {

  private static final InetAddress OWN = address("10.9.9.9");

  private static AddressPolicy policy(boolean dev, String allowlist) {
    return new AddressPolicy(
        dev, Allowlist.parse(allowlist), 8080, OptionalInt.of(5432), OWN::equals);
  }

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isOpen(AddressPolicy policy, String literal, int port, Zone zone) {
    return policy.judge("name.example", address(literal), port, zone).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "1.1.1.1, true, true, true",
    "2606:4700::1111, true, true, true",
    "10.0.0.5, false, true, true",
    "fd00::5, false, true, true",
    "127.0.0.1, false, false, true",
    "::1, false, false, true",
    "100.64.0.1, false, false, false",
    "203.0.113.1, false, false, false",
    "2001:db8::1, false, false, false",
    "169.254.169.254, false, false, false",
    "::ffff:0:a9fe:a9fe, false, false, false",
    "2002:a9fe:a9fe::1, false, false, false",
    "2606:4700::5efe:a9fe:a9fe, false, false, false",
    "0.0.0.0, false, false, false"
  })
  void whatANameResolvesToIsJudgedByItsBytes(
      String literal, boolean hosted, boolean selfHosted, boolean dev) {
    assertThat(isOpen(policy(false, ""), literal, 443, Zone.PUBLIC)).isEqualTo(hosted);
    assertThat(isOpen(policy(false, ""), literal, 443, Zone.SELF_HOSTED)).isEqualTo(selfHosted);
    assertThat(isOpen(policy(true, ""), literal, 443, Zone.SELF_HOSTED)).isEqualTo(dev);
    assertThat(isOpen(policy(true, ""), literal, 443, Zone.PUBLIC)).isEqualTo(hosted);
  }

  @Test
  void itsOwnPortIsShutOnEveryAddressOfTheMachineEvenWhenListed() {
    AddressPolicy policy = policy(true, "127.0.0.1,10.9.9.9,::1");

    assertThat(isOpen(policy, "127.0.0.1", 8080, Zone.SELF_HOSTED)).isFalse();
    assertThat(isOpen(policy, "::1", 8080, Zone.SELF_HOSTED)).isFalse();
    assertThat(isOpen(policy, "10.9.9.9", 8080, Zone.SELF_HOSTED)).isFalse();
    assertThat(isOpen(policy, "10.9.9.8", 8080, Zone.SELF_HOSTED)).isTrue();
    assertThat(isOpen(policy, "10.9.9.9", 8081, Zone.SELF_HOSTED)).isTrue();
  }

  @Test
  void theDatabasesPortIsShutInTheOwnNetwork() {
    AddressPolicy policy = policy(true, "10.0.0.5");

    assertThat(isOpen(policy, "10.0.0.5", 5432, Zone.SELF_HOSTED)).isFalse();
    assertThat(isOpen(policy, "127.0.0.1", 5432, Zone.SELF_HOSTED)).isFalse();
    assertThat(isOpen(policy, "1.1.1.1", 5432, Zone.SELF_HOSTED)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"name.example", "name.example:8443", "10.0.0.0/8", "10.0.0.5:8443"})
  void theAllowListOpensForEveryProvider(String entry) {
    assertThat(isOpen(policy(false, entry), "10.0.0.5", 8443, Zone.PUBLIC)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"other.example", "name.example:443", "10.0.0.6", "10.0.0.5:84"})
  void theAllowListOpensWhatItNamesOnly(String entry) {
    assertThat(isOpen(policy(false, entry), "10.0.0.5", 8443, Zone.PUBLIC)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1", "::1", "[::1]:11434", "127.0.0.0/8"})
  void oneLoopbackEntryOpensThemAllAsTheyAreOneMachine(String entry) {
    AddressPolicy policy = policy(false, entry);

    assertThat(policy.judge(EndpointUrl.parse("http://localhost:11434"), Zone.SELF_HOSTED))
        .isEmpty();
    assertThat(isOpen(policy, "127.0.0.1", 11434, Zone.SELF_HOSTED)).isTrue();
    assertThat(isOpen(policy, "::1", 11434, Zone.SELF_HOSTED)).isTrue();
    assertThat(isOpen(policy, "10.0.0.5", 11434, Zone.PUBLIC)).isFalse();
  }

  @Test
  void aListedAddressMayBeSpokenToWithoutTls() {
    EndpointUrl stub = EndpointUrl.parse("http://127.0.0.1:9000");

    assertThat(policy(false, "127.0.0.1:9000").judge(stub, Zone.PUBLIC)).isEmpty();
    assertThat(policy(false, "127.0.0.1:9001").judge(stub, Zone.PUBLIC)).isPresent();
  }

  @ParameterizedTest
  @CsvSource({
    "1.1.1.1, true",
    "10.0.0.1, false",
    "127.0.0.1, false",
    "100.64.0.1, false",
    "2606:4700::1, true",
    "fd00::1, false",
    "64:ff9b::a00:1, false",
    "64:ff9b::101:101, true",
    "4000::1, false"
  })
  void onlyPublicAddressesLieBehindAProxy(String literal, boolean isPublic) {
    assertThat(AddressPolicy.isPublic(address(literal))).isEqualTo(isPublic);
  }
}
