package io.mimir.net.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mimir.llm.service.StubProvider;
import io.mimir.net.Zone;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls through the proxy of MIMIR_HTTP_PROXY. */
class ProxyTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String BASIC =
      "Basic " + Base64.getEncoder().encodeToString("user:p@ss".getBytes(StandardCharsets.UTF_8));

  @TempDir static Path folder;
  private static TlsServer server;

  private final EgressClient egress = EgressClients.open("");
  private final Map<String, String> names = new HashMap<>();

  @BeforeAll
  static void start() throws Exception {
    server = TlsServer.start(folder);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void close() {
    server.requests().clear();
    egress.close();
  }

  /** Asks for user and password, and leads to the server of the test. */
  private static ScriptedServer demandingProxy() throws IOException {
    return new ScriptedServer(
        (connection, number) -> {
          for (String head = connection.read(); head != null; head = connection.read()) {
            if (!head.contains("\nProxy-Authorization: " + BASIC + "\n")) {
              connection.write(
                  "HTTP/1.1 407 Proxy Authentication Required\r\n"
                      + "Proxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 6\r\n\r\nCANARY");
            } else if (head.startsWith("CONNECT ")) {
              try (Socket target = new Socket("127.0.0.1", server.port())) {
                connection.write("HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n");
                ScriptedServer.run(() -> pump(target, connection.socket()));
                pump(connection.socket(), target);
              }
              return;
            } else {
              connection.write(OK);
            }
          }
        });
  }

  private static void pump(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      // One of the two went away.
    }
  }

  private void proxy(String credentials, int port) {
    egress.config.httpProxy = Optional.of("http://" + credentials + "127.0.0.1:" + port);
    egress.config.caFile = Optional.of(server.authority().toString());
    names.put("127.0.0.1", "127.0.0.1");
    names.put("good.test", "1.1.1.1");
    names.put("public.test", "1.1.1.1");
    egress.resolver =
        host -> {
          String address = names.get(host);
          if (address == null) {
            throw new UnknownHostException("no such name");
          }
          String[] each = address.split(" ");
          InetAddress[] addresses = new InetAddress[each.length];
          for (int i = 0; i < each.length; i++) {
            addresses[i] = InetAddress.getByName(each[i]);
          }
          return addresses;
        };
  }

  private CollectedResponse get(String url) {
    CollectedResponse response = new CollectedResponse();
    egress.send(
        new EgressCall(
            url.startsWith("https") ? Zone.PUBLIC : Zone.SELF_HOSTED,
            "GET",
            URI.create(url),
            Map.of("Authorization", "Bearer sk-CANARY"),
            null,
            Duration.ofSeconds(10)),
        response);
    return response;
  }

  @Test
  void userAndPasswordAreForTheProxyAloneAndTheKeyForTheServer() throws Exception {
    try (ScriptedServer proxy = demandingProxy()) {
      proxy("user:p%40ss@", proxy.port());

      assertThat(get("https://good.test/v1/models").get()).isEqualTo("200 ok");

      assertThat(proxy.heads())
          .singleElement()
          .asString()
          .startsWith("CONNECT good.test:443 HTTP/1.1\nHost: good.test:443\n")
          .doesNotContain("CANARY");
      assertThat(server.requests())
          .singleElement()
          .asString()
          .contains("CANARY")
          .doesNotContainIgnoringCase("proxy")
          .doesNotContain(BASIC);
    }
  }

  @Test
  void aTunnelIsUsedForTheNextCallAsWell() throws Exception {
    try (ScriptedServer proxy = demandingProxy()) {
      proxy("user:p%40ss@", proxy.port());

      assertThat(get("https://good.test/v1/models").get()).isEqualTo("200 ok");
      assertThat(get("https://good.test/v1/models").get()).isEqualTo("200 ok");

      assertThat(proxy.connections()).isEqualTo(1);
      assertThat(server.requests()).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "user:wrong@", "other:p%40ss@"})
  void aProxyThatRefusesTheUserIsTheOneToBlame(String credentials) throws Exception {
    try (ScriptedServer proxy = demandingProxy()) {
      proxy(credentials, proxy.port());

      for (String url : new String[] {"https://good.test/", "http://public.test/"}) {
        ProxyRefusedException refused =
            catchThrowableOfType(ProxyRefusedException.class, get(url)::get);

        assertThat(refused.status()).isEqualTo(407);
        assertThat(refused.wantsCredentials()).isTrue();
        assertThat(refused).hasMessageNotContaining("wrong").hasMessageNotContaining("CANARY");
      }
      assertThat(server.requests()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {302, 403, 502, 503})
  void aProxyThatMakesNoTunnelIsTheOneToBlame(int status) throws Exception {
    try (ScriptedServer proxy =
        new ScriptedServer(
            (connection, number) -> {
              connection.read();
              connection.write("HTTP/1.1 " + status + " No\r\nContent-Length: 9\r\n\r\n<html>no!");
            })) {
      proxy("", proxy.port());

      ProxyRefusedException refused =
          catchThrowableOfType(ProxyRefusedException.class, get("https://good.test/")::get);

      assertThat(refused.status()).isEqualTo(status);
      assertThat(refused.wantsCredentials()).isFalse();
    }
  }

  @Test
  void whatStandsInTheAgreementOfAProxyIsNoBody() throws Exception {
    try (ScriptedServer proxy =
        new ScriptedServer(
            (connection, number) -> {
              connection.read();
              try (Socket target = new Socket("127.0.0.1", server.port())) {
                connection.write("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                ScriptedServer.run(() -> pump(target, connection.socket()));
                pump(connection.socket(), target);
              }
            })) {
      proxy("", proxy.port());

      assertThat(get("https://good.test/").get()).isEqualTo("200 ok");
    }
  }

  @Test
  void aProxyThatIsNotThereIsToldAsTheProxy() throws Exception {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      port = closed.getLocalPort();
    }
    proxy("user:p%40ss@", port);

    for (String url : new String[] {"https://good.test/", "http://public.test/"}) {
      ConnectFailedException failed =
          catchThrowableOfType(ConnectFailedException.class, get(url)::get);

      assertThat(failed.isAtProxy()).isTrue();
      assertThat(failed).hasCauseInstanceOf(ConnectException.class);
    }
  }

  @Test
  void aProxyThatClosesInsteadOfAnsweringIsToldAsTheProxy() throws Exception {
    try (ScriptedServer proxy = new ScriptedServer((connection, number) -> connection.read())) {
      proxy("", proxy.port());

      assertThat(
              catchThrowableOfType(ConnectFailedException.class, get("https://good.test/")::get)
                  .isAtProxy())
          .isTrue();
    }
  }

  @Test
  void plainHttpGoesThroughTheProxyWithItsWholeAddress() throws Exception {
    try (ScriptedServer proxy = demandingProxy()) {
      proxy("user:p%40ss@", proxy.port());

      assertThat(get("http://public.test/v1/models").get()).isEqualTo("200 ok");
      assertThat(get("http://public.test:8000/v1/models?a=b").get()).isEqualTo("200 ok");

      assertThat(proxy.heads().get(0))
          .startsWith("GET http://public.test/v1/models HTTP/1.1\nHost: public.test\n");
      assertThat(proxy.heads().get(1))
          .startsWith(
              "GET http://public.test:8000/v1/models?a=b HTTP/1.1\nHost: public.test:8000\n");
    }
  }

  @Test
  void aNameThatOnlyTheProxyKnowsIsLeftToIt() throws Exception {
    try (ScriptedServer proxy = demandingProxy()) {
      proxy("user:p%40ss@", proxy.port());

      assertThat(get("http://unknown.test/").get()).isEqualTo("200 ok");
    }
  }

  @Test
  void theOwnNetworkIsReachedWithoutTheProxy() throws Exception {
    try (ScriptedServer proxy = demandingProxy();
        StubProvider stub = StubProvider.start()) {
      proxy("user:p%40ss@", proxy.port());
      egress.config.allowlist = Optional.of("127.0.0.1:" + stub.port());
      names.put("inside.test", "127.0.0.1");

      assertThat(get("http://inside.test:" + stub.port() + "/api/version").get()).contains("0.6.4");
      assertThat(proxy.heads()).isEmpty();
      assertThat(stub.last().headers()).doesNotContainKey("proxy-authorization");
    }
  }

  @Test
  void aProxyIsNoWayToForbiddenAddresses() throws Exception {
    try (ScriptedServer proxy = demandingProxy()) {
      proxy("user:p%40ss@", proxy.port());
      names.put("meta.test", "1.1.1.1 169.254.169.254");

      assertThatThrownBy(get("http://meta.test/")::get).isInstanceOf(BlockedException.class);
      assertThatThrownBy(get("http://169.254.169.254/")::get).isInstanceOf(BlockedException.class);
      assertThat(proxy.heads()).isEmpty();
    }
  }

  @Test
  void aServerBehindTheProxyStillNeedsACertificateThatIsTrusted() throws Exception {
    try (ScriptedServer proxy = demandingProxy()) {
      proxy("user:p%40ss@", proxy.port());
      names.put("other.test", "1.1.1.1");

      ConnectFailedException failed =
          catchThrowableOfType(ConnectFailedException.class, get("https://other.test/")::get);

      assertThat(failed.isAtProxy()).isFalse();
      assertThat(failed).hasCauseInstanceOf(javax.net.ssl.SSLException.class);
    }
  }
}
