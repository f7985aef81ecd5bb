package io.mimir.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.error.ProblemException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where calls may go and where not, as one table (T12, T13). */
class AddressTableTest {

  private static final int OWN_PORT = 8080;

  private static final AddressPolicy PROD =
      new AddressPolicy(false, Allowlist.NONE, OWN_PORT, OptionalInt.empty(), address -> false);
  private static final AddressPolicy DEV =
      new AddressPolicy(true, Allowlist.NONE, OWN_PORT, OptionalInt.empty(), address -> false);
  private static final AddressPolicy OPENED =
      new AddressPolicy(
          false,
          Allowlist.parse(
              "127.0.0.1:9999, 10.1.0.0/16, [::1]:9999, llm.example.com, 100.64.0.0/10,"
                  + " 169.254.169.254, 0.0.0.0/0"),
          OWN_PORT,
          OptionalInt.empty(),
          address -> false);

  /** Addresses that are refused as a text, whatever they stand for. */
  static List<String> malformed() {
    return List.of(
        "",
        " ",
        "http",
        "http:",
        "http:/x",
        "http://",
        "http:///x",
        "//host",
        "host",
        "host:80",
        "ftp://host",
        "file:///etc/passwd",
        "gopher://host",
        "javascript:alert(1)",
        "data:text/plain,x",
        "jar:http://host!/",
        "ws://host",
        "unix:///run/x.sock",
        "http://user@host",
        "http://user:pass@host",
        "http://:pass@host",
        "http://host@169.254.169.254",
        "http://169.254.169.254@host",
        "http://host?x=1",
        "http://host/?",
        "http://host#x",
        "http://host/#@169.254.169.254",
        "http://host\\@169.254.169.254",
        "http:\\\\host",
        "http://host\\path",
        "http://host:0",
        "http://host:99999",
        "http://host:65536",
        "http://host:-1",
        "http://host:abc",
        "http://host: 80",
        "http://ho st",
        "http://host\n",
        "http://host\r\nX: y",
        "http://host\t",
        "http://host\0",
        "http://h\u00fcst",
        "http://\uff11\uff12\uff17.0.0.1",
        "http://127\u30020\u30020\u30021",
        "http://\u2460\u2461\u2466.0.0.1",
        "http://ex\u00admple.com",
        "http://2852039166",
        "http://169.254.43518",
        "http://169.16689662",
        "http://127.1",
        "http://127.0.1",
        "http://0",
        "http://1",
        "http://0x7f000001",
        "http://0x7f.0.0.1",
        "http://0x7f.1",
        "http://0xA9FEA9FE",
        "http://0177.0.0.1",
        "http://00127.0.0.1",
        "http://127.0.0.01",
        "http://0251.0376.0251.0376",
        "http://127.0.0.1.5",
        "http://256.1.1.1",
        "http://1.1.1.256",
        "http://1.1.1.",
        "http://.1.1.1",
        "http://1..1.1",
        "http://foo.0x7f",
        "http://foo.1",
        "http://[fe80::1%eth0]",
        "http://[fe80::1%25eth0]",
        "http://[::1",
        "http://::1",
        "http://[gg::1]",
        "http://[1:2:3]",
        "http://-host",
        "http://host..x",
        "http://.host",
        "http://*",
        "http://*.example.com",
        "http://${host}",
        "http://%31%32%37.0.0.1",
        "http://host%00.example.com",
        "http://host/../admin",
        "http://host/a/../b",
        "http://host/./b",
        "http://host/%2e%2e/b",
        "http://host//b",
        "http://host/a;b=c",
        "http://host/a b",
        "http://host/<x>",
        "http://" + "a".repeat(64) + ".example.com",
        "http://host/" + "a".repeat(2048));
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void oddSpellingsAreRefusedAndNotRepeated(String text) {
    assertThatThrownBy(() -> EndpointUrl.parse(text))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.errors().get(0).field()).isEqualTo("endpoint_url");
              if (text.length() > 8) {
                assertThat(e.getMessage()).doesNotContain(text);
              }
            });
  }

  /** Nobody and nothing opens these. */
  static List<String> never() {
    return List.of(
        "169.254.169.254",
        "169.254.0.1",
        "169.254.170.2",
        "169.254.170.23",
        "169.254.255.255",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "0.0.0.0",
        "0.1.2.3",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "fe80::1",
        "fe80::a9fe:a9fe",
        "febf::1",
        "fec0::1",
        "fd00:ec2::254",
        "ff02::1",
        "ff0e::1",
        "::ffff:169.254.169.254",
        "::ffff:a9fe:a9fe",
        "::a9fe:a9fe",
        "::169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "2002:a9fe:a9fe::",
        "2001:0:4136:e378:8000:63bf:5601:5601",
        "64:ff9b::6464:64c8",
        "2002:6464:64c8::1");
  }

  @ParameterizedTest
  @MethodSource("never")
  void metadataLinkLocalAndReservedAddressesAreNeverOpen(String address) {
    for (AddressPolicy policy : List.of(PROD, DEV, OPENED)) {
      assertThat(judge(policy, address, 80, Zone.SELF_HOSTED)).as("self-hosted").isPresent();
      assertThat(judge(policy, address, 443, Zone.PUBLIC)).as("hosted").isPresent();
    }
  }

  static List<String> privateNetworks() {
    return List.of(
        "10.0.0.1",
        "10.255.255.255",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "192.168.1.100",
        "192.168.255.255",
        "fc00::1",
        "fd12:3456:789a::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
        "2002:c0a8:164::1");
  }

  @ParameterizedTest
  @MethodSource("privateNetworks")
  void theOwnNetworkIsForSelfHostedProviders(String address) {
    assertThat(judge(PROD, address, 11434, Zone.SELF_HOSTED)).isEmpty();
    assertThat(judge(PROD, address, 443, Zone.PUBLIC)).isPresent();
  }

  static List<String> loopback() {
    return List.of(
        "127.0.0.1",
        "127.0.0.2",
        "127.255.255.254",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::1");
  }

  @ParameterizedTest
  @MethodSource("loopback")
  void thisMachineIsForSelfHostedProvidersOfTheDevProfile(String address) {
    assertThat(judge(DEV, address, 11434, Zone.SELF_HOSTED)).isEmpty();
    assertThat(judge(DEV, address, 11434, Zone.PUBLIC)).isPresent();
    assertThat(judge(PROD, address, 11434, Zone.SELF_HOSTED)).isPresent();
    assertThat(judge(PROD, address, 443, Zone.PUBLIC)).isPresent();
  }

  @ParameterizedTest
  @MethodSource("loopback")
  void nobodyCallsMimirItself(String address) {
    assertThat(judge(DEV, address, OWN_PORT, Zone.SELF_HOSTED)).isPresent();
    assertThat(judge(OPENED, address, OWN_PORT, Zone.SELF_HOSTED)).isPresent();
  }

  @Test
  void mimirsOwnPortIsClosedAtEveryAddressOfTheMachine() {
    AddressPolicy policy =
        new AddressPolicy(true, Allowlist.NONE, OWN_PORT, OptionalInt.empty(), address -> true);

    assertThat(judge(policy, "192.168.1.5", OWN_PORT, Zone.SELF_HOSTED)).isPresent();
    assertThat(judge(policy, "192.168.1.5", 11434, Zone.SELF_HOSTED)).isEmpty();
  }

  static List<String> neitherPublicNorPrivate() {
    return List.of(
        "100.64.0.1",
        "100.127.255.254",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "2001:db8::1",
        "100::1",
        "3fff::1");
  }

  @ParameterizedTest
  @MethodSource("neitherPublicNorPrivate")
  void carrierTestAndDocumentationAddressesAreClosed(String address) {
    assertThat(judge(PROD, address, 443, Zone.SELF_HOSTED)).isPresent();
    assertThat(judge(PROD, address, 443, Zone.PUBLIC)).isPresent();
  }

  static List<String> publicAddresses() {
    return List.of(
        "1.1.1.1",
        "8.8.8.8",
        "104.18.6.192",
        "172.15.0.1",
        "172.32.0.1",
        "192.167.0.1",
        "11.0.0.1",
        "100.63.255.255",
        "100.128.0.1",
        "223.255.255.255",
        "2606:4700::6812:7c0",
        "2001:4860:4860::8888",
        "64:ff9b::808:808",
        "2002:808:808::1");
  }

  @ParameterizedTest
  @MethodSource("publicAddresses")
  void publicAddressesAreOpen(String address) {
    assertThat(judge(PROD, address, 443, Zone.SELF_HOSTED)).isEmpty();
    assertThat(judge(PROD, address, 443, Zone.PUBLIC)).isEmpty();
  }

  @Test
  void anOperatorCanOpenAddressesWithAndWithoutAPort() {
    Allowlist list = Allowlist.parse("127.0.0.1:9999, 10.1.0.0/16, [::1]:9999, llm.example.com");
    AddressPolicy policy =
        new AddressPolicy(false, list, OWN_PORT, OptionalInt.empty(), address -> false);

    assertThat(judge(policy, "127.0.0.1", 9999, Zone.PUBLIC)).isEmpty();
    assertThat(judge(policy, "127.0.0.1", 9998, Zone.PUBLIC)).isPresent();
    assertThat(judge(policy, "::1", 9999, Zone.PUBLIC)).isEmpty();
    assertThat(judge(policy, "10.1.2.3", 1234, Zone.PUBLIC)).isEmpty();
    assertThat(judge(policy, "10.2.2.3", 1234, Zone.PUBLIC)).isPresent();
    assertThat(policy.judge("llm.example.com", address("10.9.9.9"), 443, Zone.PUBLIC)).isEmpty();
    assertThat(policy.judge("evil.example.com", address("10.9.9.9"), 443, Zone.PUBLIC)).isPresent();
  }

  static List<String> badAllowlists() {
    return List.of(
        "10.0.0.0/33",
        "10.0.0.0/x",
        "http://host",
        "host:0",
        "host:99999",
        "host:x",
        "a b",
        "10.0.0",
        "fd00::/129",
        "[::1",
        "*",
        "host/24",
        "user@host");
  }

  @ParameterizedTest
  @MethodSource("badAllowlists")
  void aMistakeInTheAllowlistIsFound(String text) {
    assertThatThrownBy(() -> Allowlist.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatIsWrittenAsAnAddressIsJudgedWhenItIsEntered() {
    assertThat(PROD.judge(EndpointUrl.parse("http://169.254.169.254/latest"), Zone.SELF_HOSTED))
        .isPresent();
    assertThat(PROD.judge(EndpointUrl.parse("http://[::ffff:a9fe:a9fe]/"), Zone.SELF_HOSTED))
        .isPresent();
    assertThat(PROD.judge(EndpointUrl.parse("http://192.168.1.100:11434"), Zone.SELF_HOSTED))
        .isEmpty();
    assertThat(PROD.judge(EndpointUrl.parse("http://127.0.0.1:11434"), Zone.SELF_HOSTED))
        .isPresent();
    assertThat(DEV.judge(EndpointUrl.parse("http://127.0.0.1:11434"), Zone.SELF_HOSTED)).isEmpty();
    assertThat(PROD.judge(EndpointUrl.parse("http://metadata.google.internal"), Zone.SELF_HOSTED))
        .isPresent();
    assertThat(PROD.judge(EndpointUrl.parse("http://METADATA.google.internal."), Zone.SELF_HOSTED))
        .isPresent();
    assertThat(PROD.judge(EndpointUrl.parse("http://llm.example.com"), Zone.PUBLIC)).isPresent();
    assertThat(PROD.judge(EndpointUrl.parse("https://llm.example.com"), Zone.PUBLIC)).isEmpty();
    assertThat(OPENED.judge(EndpointUrl.parse("http://llm.example.com"), Zone.PUBLIC)).isEmpty();
    assertThat(OPENED.judge(EndpointUrl.parse("http://127.0.0.1:9999"), Zone.PUBLIC)).isEmpty();
  }

  @Test
  void oneSpellingIsKept() {
    for (String same :
        List.of(
            "https://LLM.example.com",
            "https://llm.example.com/",
            "https://llm.example.com:443",
            "https://llm.example.com.",
            "https://llm.example.com///",
            "HTTPS://llm.example.com//")) {
      assertThat(EndpointUrl.parse(same)).hasToString("https://llm.example.com");
      assertThat(EndpointUrl.parse(same).origin()).isEqualTo("https://llm.example.com:443");
    }
    assertThat(EndpointUrl.parse("http://host:8000/api/v1/"))
        .hasToString("http://host:8000/api/v1");
  }

  @Test
  void theTableHasAtLeastAHundredAndFiftyRows() {
    List<String> all = new ArrayList<>(malformed());
    all.addAll(never());
    all.addAll(privateNetworks());
    all.addAll(loopback());
    all.addAll(neitherPublicNorPrivate());
    all.addAll(publicAddresses());

    assertThat(all.stream().distinct().count()).isGreaterThanOrEqualTo(150);
  }

  private static Optional<String> judge(AddressPolicy policy, String address, int port, Zone zone) {
    return policy.judge("name.example.com", address(address), port, zone);
  }

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
