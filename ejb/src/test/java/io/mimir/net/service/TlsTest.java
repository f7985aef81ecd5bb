package io.mimir.net.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.lifecycle.service.StartException;
import io.mimir.net.Zone;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {

  @TempDir static Path folder;
  private static TlsServer server;
  private static Path authority;

  @BeforeAll
  static void start() throws Exception {
    server = TlsServer.start(folder);
    authority = server.authority();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String call(String host, Path caFile) throws Exception {
    EgressClient egress = EgressClients.open("127.0.0.1");
    egress.config.caFile = Optional.ofNullable(caFile).map(Path::toString);
    egress.resolver = name -> new InetAddress[] {InetAddress.getByName("127.0.0.1")};
    CollectedResponse response = new CollectedResponse();
    URI uri = URI.create("https://" + host + ":" + server.port() + "/");
    try {
      egress.send(
          new EgressCall(Zone.PUBLIC, "GET", uri, Map.of(), null, Duration.ofSeconds(10)),
          response);
      return response.get();
    } finally {
      egress.close();
    }
  }

  @Test
  void anAuthorityOfTheOperatorsIsTrusted() throws Exception {
    assertThat(call("good.test", authority)).isEqualTo("200 ok");
  }

  @Test
  void aStrangersCertificateIsNot() {
    assertThatThrownBy(() -> call("good.test", null))
        .isInstanceOf(ConnectFailedException.class)
        .hasCauseInstanceOf(SSLException.class);
  }

  @Test
  void aTrustedCertificateForAnotherNameIsNotEnough() {
    assertThatThrownBy(() -> call("other.test", authority))
        .isInstanceOf(ConnectFailedException.class)
        .hasCauseInstanceOf(SSLException.class);
  }

  @Test
  void theUsualAuthoritiesStayTrustedBesides() throws Exception {
    assertThat(TrustAnchors.in(authority)).hasSize(1);
    assertThat(TrustAnchors.trusted(authority)).hasSizeGreaterThan(50);
  }

  @Test
  void aFileWithoutCertificatesStopsTheStart() throws Exception {
    NetConfig config = EgressClients.config("");
    for (String text : new String[] {"", "no certificate", "-----BEGIN CERTIFICATE-----\nx\n"}) {
      Path file = Files.writeString(folder.resolve("bad.pem"), text);
      config.caFile = Optional.of(file.toString());

      assertThatThrownBy(() -> config.check(null))
          .isInstanceOf(StartException.class)
          .hasMessageContaining("MIMIR_CA_FILE");
    }
    config.caFile = Optional.of(folder.resolve("missing.pem").toString());
    assertThatThrownBy(() -> config.check(null)).isInstanceOf(StartException.class);
  }
}
