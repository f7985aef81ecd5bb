package io.mimir.net.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.mimir.lifecycle.service.StartException;
import io.mimir.net.Zone;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.apache.hc.core5.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {

  private static final String PASSWORD = "changeit";

  @TempDir static Path folder;
  private static HttpsServer server;
  private static Path authority;

  /** A server for good.test, whose certificate only itself vouches for. */
  @BeforeAll
  static void start() throws Exception {
    Path store = folder.resolve("server.p12");
    keytool(
        "-genkeypair -alias s -keyalg EC -dname CN=good.test -ext san=dns:good.test"
            + " -validity 30 -storetype PKCS12 -keystore "
            + store);
    authority = folder.resolve("authority.pem");
    keytool("-exportcert -rfc -alias s -keystore " + store + " -file " + authority);
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context(store)));
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 2);
          exchange.getResponseBody().write("ok".getBytes());
          exchange.close();
        });
    server.start();
  }

  private static void keytool(String arguments) throws Exception {
    String tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    String[] words = (tool + " " + arguments + " -storepass " + PASSWORD).split(" ");
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(said).isZero();
  }

  private static SSLContext context(Path store) throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  @AfterAll
  static void stop() {
    server.stop(0);
  }

  private static int call(String host, Path caFile) throws Exception {
    EgressClient egress = EgressClients.open("127.0.0.1");
    egress.config.caFile = Optional.ofNullable(caFile).map(Path::toString);
    egress.resolver = name -> new InetAddress[] {InetAddress.getByName("127.0.0.1")};
    CompletableFuture<Integer> status = new CompletableFuture<>();
    ResponseHandler receiver =
        new ResponseHandler() {
          @Override
          public void head(HttpResponse response) {
            status.complete(response.getCode());
          }

          @Override
          public void data(ByteBuffer piece) {
            piece.position(piece.limit());
          }

          @Override
          public void end() {
            // The status was all.
          }

          @Override
          public void failed(Exception cause) {
            status.completeExceptionally(cause);
          }
        };
    URI uri = URI.create("https://" + host + ":" + server.getAddress().getPort() + "/");
    try {
      egress.send(
          new EgressCall(Zone.PUBLIC, "GET", uri, Map.of(), null, Duration.ofSeconds(10)),
          receiver);
      return status.get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw (Exception) e.getCause();
    } finally {
      egress.close();
    }
  }

  @Test
  void anAuthorityOfTheOperatorsIsTrusted() throws Exception {
    assertThat(call("good.test", authority)).isEqualTo(200);
  }

  @Test
  void aStrangersCertificateIsNot() {
    assertThatThrownBy(() -> call("good.test", null)).isInstanceOf(SSLException.class);
  }

  @Test
  void aTrustedCertificateForAnotherNameIsNotEnough() {
    assertThatThrownBy(() -> call("other.test", authority)).isInstanceOf(SSLException.class);
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
