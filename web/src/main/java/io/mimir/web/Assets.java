package io.mimir.web;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import jakarta.servlet.ServletContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Addresses of our own style sheet, scripts and pictures. Each carries a digest of the content, so
 * that browsers may keep it for ever and still never show an old one.
 */
@Named
@ApplicationScoped
public class Assets {

  private static final int DIGEST_LENGTH = 12;

  private final Map<String, String> urls = new ConcurrentHashMap<>();

  @Inject ServletContext context;

  /**
   * @param name of a file in {@code /assets}
   * @throws IllegalArgumentException when there is no such file
   */
  public String url(String name) {
    return urls.computeIfAbsent(
        name, n -> context.getContextPath() + "/assets/" + n + "?v=" + digest(n));
  }

  private String digest(String name) {
    try (InputStream in = context.getResourceAsStream("/assets/" + name)) {
      if (in == null) {
        throw new IllegalArgumentException("There is no asset " + name);
      }
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(in.readAllBytes());
      return HexFormat.of().formatHex(hash).substring(0, DIGEST_LENGTH);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
