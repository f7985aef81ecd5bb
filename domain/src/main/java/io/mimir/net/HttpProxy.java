package io.mimir.net;

import io.mimir.error.ProblemException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * A proxy that calls to the public internet go through. It may hold a user and a password, so it is
 * never printed whole.
 */
public final class HttpProxy {

  private static final String SCHEME = "http://";

  private final EndpointUrl address;
  private final String authorization;

  private HttpProxy(EndpointUrl address, String authorization) {
    this.address = address;
    this.authorization = authorization;
  }

  /**
   * Reads the address of a proxy.
   *
   * @param text {@code http://host:port} or {@code http://user:password@host:port}; what stands
   *     before the last {@code @} is percent-encoded UTF-8
   * @throws IllegalArgumentException with a sentence for the operator, without the text
   */
  public static HttpProxy parse(String text) {
    if (!text.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw new IllegalArgumentException(
          "the address of the proxy must begin with http://, which is how Mimir speaks to it"
              + " whatever the address behind it is");
    }
    String rest = text.substring(SCHEME.length());
    int at = rest.lastIndexOf('@');
    return new HttpProxy(
        address(rest.substring(at + 1)), at <= 0 ? null : authorization(rest.substring(0, at)));
  }

  private static EndpointUrl address(String hostAndPort) {
    try {
      EndpointUrl address = EndpointUrl.parse(SCHEME + hostAndPort);
      if (address.toString().equals(address.root())) {
        return address;
      }
    } catch (ProblemException e) {
      // The sentence below speaks of the proxy; that one speaks of an endpoint and its key.
    }
    throw new IllegalArgumentException(
        "write the proxy as http://proxy.example.com:3128 or"
            + " http://user:password@proxy.example.com:3128, with / ? # @ and % in user and"
            + " password percent-encoded");
  }

  /** Basic credentials (RFC 7617) in UTF-8. */
  private static String authorization(String userInfo) {
    int colon = userInfo.indexOf(':');
    byte[] user = decoded(colon < 0 ? userInfo : userInfo.substring(0, colon));
    byte[] password = decoded(colon < 0 ? "" : userInfo.substring(colon + 1));
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    for (byte b : user) {
      if (b == ':') {
        throw new IllegalArgumentException("the proxy's user name cannot have a colon");
      }
    }
    both.writeBytes(user);
    both.write(':');
    both.writeBytes(password);
    return "Basic " + Base64.getEncoder().encodeToString(both.toByteArray());
  }

  private static byte[] decoded(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      if (c == '%') {
        int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
        int low = high < 0 ? -1 : Character.digit(text.charAt(i + 2), 16);
        if (low < 0) {
          throw new IllegalArgumentException(
              "a % in the proxy's user name or password must be written as %25");
        }
        c = high * 16 + low;
        bytes.write(c);
        i += 3;
      } else {
        bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
        i += Character.charCount(c);
      }
      if (c < 0x20 || c == 0x7f) {
        throw new IllegalArgumentException(
            "the proxy's user name and password cannot have control characters");
      }
    }
    return bytes.toByteArray();
  }

  /** Returns the host without brackets. */
  public String host() {
    return address.host().replaceAll("[\\[\\]]", "");
  }

  public int port() {
    return address.port();
  }

  /**
   * Returns the value of the header {@code Proxy-Authorization}, which is for the proxy alone; null
   * where the proxy asks for none.
   */
  public String authorization() {
    return authorization;
  }

  /** Returns the address without user and password. */
  @Override
  public String toString() {
    return address.toString();
  }
}
