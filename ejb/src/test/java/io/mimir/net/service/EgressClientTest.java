package io.mimir.net.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.llm.service.StubProvider;
import io.mimir.llm.service.StubProvider.Misbehaviour;
import io.mimir.net.Zone;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.hc.core5.http.HttpException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EgressClientTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n";

  private final List<EgressClient> opened = new ArrayList<>();
  private final List<String> lookedUp = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    opened.forEach(EgressClient::close);
  }

  private EgressClient egress(String allowlist, String... answers) {
    EgressClient egress = EgressClients.open(allowlist);
    egress.resolver =
        host -> {
          lookedUp.add(host);
          String answer = answers[Math.min(lookedUp.size(), answers.length) - 1];
          return addresses(answer);
        };
    opened.add(egress);
    return egress;
  }

  private static InetAddress[] addresses(String literals) throws UnknownHostException {
    if (literals.isEmpty()) {
      throw new UnknownHostException("no such name");
    }
    String[] each = literals.split(" ");
    InetAddress[] addresses = new InetAddress[each.length];
    for (int i = 0; i < each.length; i++) {
      addresses[i] = InetAddress.getByName(each[i]);
    }
    return addresses;
  }

  private static String get(EgressClient egress, Zone zone, String url, Duration patience)
      throws Exception {
    CollectedResponse response = new CollectedResponse();
    egress.send(new EgressCall(zone, "GET", URI.create(url), Map.of(), null, patience), response);
    return response.get();
  }

  private static String get(EgressClient egress, String url) throws Exception {
    return get(egress, Zone.SELF_HOSTED, url, PATIENCE);
  }

  @Test
  void aNameIsLookedUpOnceAndTheJudgedAddressIsCalledUnderThatName() throws Exception {
    try (StubProvider stub = StubProvider.start()) {
      // A second look-up would find another address.
      EgressClient egress = egress("127.0.0.1", "127.0.0.1", "169.254.169.254");

      assertThat(get(egress, "http://llm.test:" + stub.port() + "/api/version")).startsWith("200 ");

      assertThat(lookedUp).containsExactly("llm.test");
      assertThat(stub.last().headers()).containsEntry("host", "llm.test:" + stub.port());
    }
  }

  @Test
  void aNameThatChangesItsAddressIsJudgedAgainForTheNextConnection() throws Exception {
    try (RawServer server = RawServer.saying(OK + "Connection: close\r\n\r\nok")) {
      EgressClient egress = egress("127.0.0.1", "127.0.0.1", "169.254.169.254");
      String url = "http://rebound.test:" + server.port() + "/";

      assertThat(get(egress, url)).isEqualTo("200 ok");
      assertThatThrownBy(() -> get(egress, url)).isInstanceOf(BlockedException.class);
      assertThat(lookedUp).hasSize(2);
      assertThat(server.heads()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1 169.254.169.254",
        "169.254.169.254 127.0.0.1",
        "127.0.0.1 fe80::1",
        "127.0.0.1 ::ffff:169.254.169.254",
        "127.0.0.1 64:ff9b::a9fe:a9fe",
        "127.0.0.1 0.0.0.0"
      })
  void oneBadAddressAmongGoodOnesShutsTheName(String answer) throws Exception {
    try (StubProvider stub = StubProvider.start()) {
      EgressClient egress = egress("127.0.0.1", answer);

      assertThatThrownBy(() -> get(egress, "http://mixed.test:" + stub.port() + "/"))
          .isInstanceOf(BlockedException.class);
      assertThat(stub.requests()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PUBLIC, 10.0.0.5",
    "PUBLIC, 192.168.1.1",
    "PUBLIC, 127.0.0.1",
    "PUBLIC, fd00::1",
    "SELF_HOSTED, 127.0.0.1",
    "SELF_HOSTED, ::1",
    "SELF_HOSTED, 100.64.0.1"
  })
  void aNameMayNotHideAnAddressThatTheZoneDoesNotHave(Zone zone, String address) {
    assertThatThrownBy(
            () -> get(egress("", address), zone, "https://hidden.test/v1/models", PATIENCE))
        .isInstanceOf(BlockedException.class);
  }

  @Test
  void aNameThatNobodyKnowsIsNotBlockedButUnknown() {
    assertThatThrownBy(() -> get(egress("", ""), "http://nobody.test/"))
        .isInstanceOf(ConnectFailedException.class)
        .hasCauseExactlyInstanceOf(UnknownHostException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"301", "302", "303", "307", "308"})
  void aRedirectIsAnAnswerAndNotAWay(String status) throws Exception {
    try (StubProvider stub = StubProvider.start();
        StubProvider other = StubProvider.start()) {
      stub.misbehave(Misbehaviour.valueOf("REDIRECT_" + status)).redirectTo(other.url());

      assertThat(get(egress("127.0.0.1", "127.0.0.1"), stub.url() + "/v1/models"))
          .startsWith(status);

      assertThat(stub.requests()).hasSize(1);
      assertThat(other.requests()).isEmpty();
    }
  }

  @Test
  void aRefusalIsNotTriedAgainAndNoCookieIsKept() throws Exception {
    try (RawServer server =
        RawServer.saying(
            "HTTP/1.1 503 Busy\r\nSet-Cookie: a=b\r\nRetry-After: 0\r\nContent-Length: 0\r\n"
                + "Connection: close\r\n\r\n")) {
      EgressClient egress = egress("127.0.0.1", "127.0.0.1");
      String url = "http://127.0.0.1:" + server.port() + "/";

      assertThat(get(egress, url)).startsWith("503");
      assertThat(get(egress, url)).startsWith("503");

      assertThat(server.heads()).hasSize(2);
      assertThat(server.heads().get(1)).doesNotContainIgnoringCase("cookie");
    }
  }

  @Test
  void aRequestAsksForNeitherCompressionNorAnotherProtocol() throws Exception {
    try (RawServer server = RawServer.saying(OK + "\r\nok")) {
      get(egress("127.0.0.1", "127.0.0.1"), "http://127.0.0.1:" + server.port() + "/");

      assertThat(server.heads().get(0).toLowerCase(java.util.Locale.ROOT))
          .contains("accept-encoding: identity\n")
          .doesNotContain("gzip")
          .doesNotContain("upgrade");
    }
  }

  @Test
  void aCompressedAnswerIsNotUnpacked() throws Exception {
    try (RawServer server = RawServer.saying(OK + "Content-Encoding: gzip\r\n\r\nok")) {
      String url = "http://127.0.0.1:" + server.port() + "/";

      assertThatThrownBy(() -> get(egress("127.0.0.1", "127.0.0.1"), url))
          .rootCause()
          .isInstanceOf(HttpException.class);
    }
  }

  @Test
  void aBodyThatEndsEarlyIsAFailure() throws Exception {
    try (RawServer server = RawServer.saying("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")) {
      String url = "http://127.0.0.1:" + server.port() + "/";

      assertThatThrownBy(() -> get(egress("127.0.0.1", "127.0.0.1"), url))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void proxySettingsOfTheJvmHaveNoSay() throws Exception {
    System.setProperty("http.proxyHost", "127.0.0.1");
    System.setProperty("http.proxyPort", "1");
    System.setProperty("http.nonProxyHosts", "");
    try (StubProvider stub = StubProvider.start()) {
      assertThat(get(egress("127.0.0.1", "127.0.0.1"), stub.url() + "/api/version"))
          .startsWith("200 ");
    } finally {
      System.clearProperty("http.proxyHost");
      System.clearProperty("http.proxyPort");
      System.clearProperty("http.nonProxyHosts");
    }
  }
}
