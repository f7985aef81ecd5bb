package io.mimir.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is refused is in NetConfigTest, with the sentence that the operator reads. */
class HttpProxyTest {

  private static String credentials(HttpProxy proxy) {
    String value = proxy.authorization();
    assertThat(value).startsWith("Basic ");
    return new String(Base64.getDecoder().decode(value.substring(6)), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource({
    "http://user:p%40ss@proxy:3128, user:p@ss",
    "http://user:p@ss@proxy:3128, user:p@ss",
    "http://user:p%23s%3Fs%2F%25@proxy:3128, user:p#s?s/%",
    "http://user:p#s?s/@proxy:3128, user:p#s?s/",
    "http://user:a:b@proxy:3128, user:a:b",
    "http://user:p+s@proxy:3128, user:p+s",
    "http://user:@proxy:3128, user:",
    "http://user@proxy:3128, user:",
    "http://:pass@proxy:3128, :pass",
    "http://CORP%5Cuser:p@proxy:3128, CORP\\user:p",
    "http://us%C3%A9r:p%C3%A4ss@proxy:3128, usér:päss",
    "http://usér:päss@proxy:3128, usér:päss",
    "HTTP://user:p@proxy:3128, user:p"
  })
  void userAndPasswordAreReadFromItsAddress(String text, String credentials) {
    HttpProxy proxy = HttpProxy.parse(text);

    assertThat(credentials(proxy)).isEqualTo(credentials);
    assertThat(proxy.host()).isEqualTo("proxy");
    assertThat(proxy.port()).isEqualTo(3128);
    assertThat(proxy).hasToString("http://proxy:3128");
  }

  @Test
  void oneWithoutThemGetsNone() {
    assertThat(HttpProxy.parse("http://proxy:3128").authorization()).isNull();
    assertThat(HttpProxy.parse("http://@proxy:3128").authorization()).isNull();
  }

  @Test
  void itMayBeAnAddressOfIpv6AndNeedsNoPort() {
    HttpProxy proxy = HttpProxy.parse("http://user:p@[2001:db8::1]/");

    assertThat(proxy.host()).isEqualTo("2001:db8::1");
    assertThat(proxy.port()).isEqualTo(80);
  }
}
