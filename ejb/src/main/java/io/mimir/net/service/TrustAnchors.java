package io.mimir.net.service;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * The authorities that may vouch for a server: the platform's own, and those of MIMIR_CA_FILE
 * besides.
 */
final class TrustAnchors {

  private TrustAnchors() {}

  /**
   * Reads the authorities of a file.
   *
   * @param file certificates in PEM form
   * @throws CertificateException when there is none in it
   */
  static Collection<? extends Certificate> in(Path file) throws IOException, CertificateException {
    try (InputStream in = Files.newInputStream(file)) {
      var certificates = CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (certificates.isEmpty()) {
        throw new CertificateException("no certificate");
      }
      return certificates;
    }
  }

  /**
   * Makes what TLS connections are opened with.
   *
   * @param file null for the platform's authorities alone
   */
  static SSLContext context(Path file) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, file == null ? null : trusting(file), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("MIMIR_CA_FILE holds no certificates in PEM form", e);
    }
  }

  private static TrustManager[] trusting(Path file) throws GeneralSecurityException, IOException {
    List<Certificate> trusted = trusted(file);
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (int i = 0; i < trusted.size(); i++) {
      store.setCertificateEntry("authority-" + i, trusted.get(i));
    }
    return managers(store);
  }

  static List<Certificate> trusted(Path file) throws GeneralSecurityException, IOException {
    List<Certificate> trusted = new ArrayList<>(in(file));
    for (TrustManager manager : managers(null)) {
      if (manager instanceof X509TrustManager known) {
        trusted.addAll(List.<X509Certificate>of(known.getAcceptedIssuers()));
      }
    }
    return trusted;
  }

  private static TrustManager[] managers(KeyStore store) throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }
}
