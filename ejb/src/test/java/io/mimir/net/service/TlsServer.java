package io.mimir.net.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A server for good.test, whose certificate only itself vouches for.
 *
 * @param authority its certificate in PEM form
 * @param requests the headers of each request
 */
record TlsServer(HttpsServer server, Path authority, List<String> requests)
    implements AutoCloseable {

  private static final String PASSWORD = "changeit";

  /**
   * @param folder for its keys
   */
  static TlsServer start(Path folder) throws Exception {
    Path store = folder.resolve("server.p12");
    keytool(
        "-genkeypair -alias s -keyalg EC -dname CN=good.test -ext san=dns:good.test"
            + " -validity 30 -storetype PKCS12 -keystore "
            + store);
    Path authority = folder.resolve("authority.pem");
    keytool("-exportcert -rfc -alias s -keystore " + store + " -file " + authority);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context(store)));
    List<String> requests = new CopyOnWriteArrayList<>();
    server.createContext(
        "/",
        exchange -> {
          requests.add(exchange.getRequestHeaders().entrySet().toString());
          exchange.sendResponseHeaders(200, 2);
          exchange.getResponseBody().write("ok".getBytes());
          exchange.close();
        });
    server.start();
    return new TlsServer(server, authority, requests);
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

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
