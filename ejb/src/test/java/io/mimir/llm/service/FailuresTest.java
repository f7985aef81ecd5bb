package io.mimir.llm.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.llm.CallOutcome;
import io.mimir.net.service.NetFailures;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.message.BasicHttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FailuresTest {

  private static BasicHttpResponse busy(String retryAfter) {
    BasicHttpResponse response = new BasicHttpResponse(429);
    response.addHeader("Retry-After", retryAfter);
    return response;
  }

  private static String in(Duration wait) {
    return DateTimeFormatter.RFC_1123_DATE_TIME.format(
        ZonedDateTime.now(ZoneOffset.UTC).plus(wait));
  }

  @Test
  void aPauseIsASecondsOrADate() {
    assertThat(Failures.ofStatus(busy("17"), "").retryAfter()).contains(Duration.ofSeconds(17));
    assertThat(Failures.ofStatus(busy(in(Duration.ofMinutes(2))), "").retryAfter())
        .hasValueSatisfying(
            wait -> assertThat(wait).isBetween(Duration.ofSeconds(110), Duration.ofSeconds(120)));
    assertThat(Failures.ofStatus(busy(in(Duration.ofMinutes(-2))), "").retryAfter())
        .contains(Duration.ZERO);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "soon", "-1", "99999999999", "Mon, 99 Foo 2026"})
  void whatIsNeitherIsNoPause(String text) {
    assertThat(Failures.ofStatus(busy(text), "").retryAfter()).isEmpty();
  }

  static Stream<Arguments> causes() {
    return Stream.of(
        Arguments.of(new UnknownHostException("CANARY"), CallOutcome.UNREACHABLE),
        Arguments.of(new ConnectException("CANARY"), CallOutcome.UNREACHABLE),
        Arguments.of(new NoRouteToHostException("CANARY"), CallOutcome.UNREACHABLE),
        Arguments.of(new SocketTimeoutException("CANARY"), CallOutcome.TIMEOUT),
        Arguments.of(new SSLHandshakeException("CANARY"), CallOutcome.TLS_ERROR),
        Arguments.of(new ProtocolException("CANARY"), CallOutcome.NOT_LLM_API),
        Arguments.of(new MessageConstraintException("CANARY"), CallOutcome.NOT_LLM_API),
        Arguments.of(new IllegalStateException("CANARY"), CallOutcome.UPSTREAM_ERROR),
        Arguments.of(
            new IllegalStateException("CANARY", new ConnectException("CANARY")),
            CallOutcome.UNREACHABLE),
        Arguments.of(
            NetFailures.connectFailed(new UnknownHostException("CANARY")), CallOutcome.UNREACHABLE),
        Arguments.of(
            NetFailures.connectFailed(new SocketException("CANARY")), CallOutcome.UNREACHABLE),
        Arguments.of(
            NetFailures.connectFailed(new SSLHandshakeException("CANARY")), CallOutcome.TLS_ERROR),
        Arguments.of(
            NetFailures.proxyNotConnected(new SSLHandshakeException("CANARY")),
            CallOutcome.UNREACHABLE),
        Arguments.of(NetFailures.proxyRefused(407), CallOutcome.PROXY_REFUSED),
        Arguments.of(NetFailures.proxyRefused(502), CallOutcome.PROXY_REFUSED),
        Arguments.of(
            NetFailures.silence(true, false, Duration.ofSeconds(600)), CallOutcome.TIMEOUT),
        Arguments.of(
            NetFailures.connectionLost(true, new SSLException("CANARY")),
            CallOutcome.UPSTREAM_ERROR));
  }

  @ParameterizedTest
  @MethodSource("causes")
  void aCauseBecomesAReasonAndIsNotPassedOn(Exception cause, CallOutcome reason) {
    var failure = Failures.ofTransport(cause);

    assertThat(failure.reason()).isEqualTo(reason);
    assertThat(failure.getMessage()).isNotBlank().doesNotContain("CANARY");
    assertThat(failure.getCause()).isNull();
  }

  @Test
  void whatIsWrongAtTheProxyIsToldOfTheProxy() {
    assertThat(Failures.ofTransport(NetFailures.proxyRefused(407)))
        .hasMessageContaining("MIMIR_HTTP_PROXY")
        .hasMessageContaining("password");
    assertThat(Failures.ofTransport(NetFailures.proxyRefused(403)))
        .hasMessageContaining("MIMIR_HTTP_PROXY")
        .hasMessageContaining("403");
    assertThat(Failures.ofTransport(NetFailures.proxyNotConnected(new ConnectException("CANARY"))))
        .hasMessageContaining("MIMIR_HTTP_PROXY");
    assertThat(Failures.ofTransport(NetFailures.connectFailed(new ConnectException("CANARY"))))
        .hasMessageNotContaining("MIMIR_HTTP_PROXY");
  }
}
