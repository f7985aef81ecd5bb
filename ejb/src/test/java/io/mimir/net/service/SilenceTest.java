package io.mimir.net.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mimir.net.EndpointUrl;
import io.mimir.net.Zone;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How long a call waits, and for what. */
class SilenceTest {

  private static final Duration SHORT = Duration.ofMillis(500);
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

  private final EgressClient egress = EgressClients.open("127.0.0.1");

  @AfterEach
  void close() {
    egress.close();
  }

  private CollectedResponse post(String url, byte[] body, Duration patience) {
    return post(url, body, patience, new CollectedResponse());
  }

  private CollectedResponse post(
      String url, byte[] body, Duration patience, CollectedResponse response) {
    egress.send(
        egress.route(Zone.SELF_HOSTED, EndpointUrl.parse(url)),
        new EgressRequest("POST", "/v1/responses", Map.of(), body, patience),
        response);
    return response;
  }

  private SilenceException silence(CollectedResponse response) {
    return catchThrowableOfType(SilenceException.class, response::get);
  }

  @Test
  void aServerThatNeverAnswersIsSilentAfterItWasSentTheWholeRequest() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(
            (connection, number) -> {
              connection.read();
              connection.read();
            })) {
      SilenceException silence = silence(post(server.url(), new byte[10], SHORT));

      assertThat(silence.isRequestSent()).isTrue();
      assertThat(silence.hasBegun()).isFalse();
      assertThat(silence.limit()).isEqualTo(SHORT);
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void aServerThatDoesNotReadTheRequestIsSilentBeforeItWasSent() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer((connection, number) -> TimeUnit.SECONDS.sleep(30))) {
      SilenceException silence = silence(post(server.url(), new byte[16 << 20], SHORT));

      assertThat(silence.isRequestSent()).isFalse();
      assertThat(silence.hasBegun()).isFalse();
    }
  }

  @Test
  void aStreamThatPausesWithinThePatienceLives() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(
            (connection, number) -> {
              connection.read();
              connection.write(CHUNKED);
              for (int i = 0; i < 6; i++) {
                TimeUnit.MILLISECONDS.sleep(600);
                connection.write("1\r\n" + i + "\r\n");
              }
              connection.write("0\r\n\r\n");
            })) {
      // As a whole it takes longer than the patience, and each pause is well within it.
      assertThat(post(server.url(), null, Duration.ofSeconds(2)).get()).isEqualTo("200 012345");
    }
  }

  @Test
  void aStreamThatFallsSilentEndsAfterThePatience() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(
            (connection, number) -> {
              connection.read();
              connection.write(CHUNKED + "5\r\nhello\r\n");
              connection.read();
            })) {
      CollectedResponse response = post(server.url(), null, SHORT);
      SilenceException silence = silence(response);

      assertThat(silence.isRequestSent()).isTrue();
      assertThat(silence.hasBegun()).isTrue();
      assertThat(response.soFar()).isEqualTo("200 hello");
    }
  }

  @Test
  void commentsDoNotEndASilence() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(
            (connection, number) -> {
              connection.read();
              connection.write(CHUNKED + "5\r\nhello\r\n");
              while (true) {
                TimeUnit.MILLISECONDS.sleep(50);
                connection.write("3\r\n:\n\n\r\n");
              }
            })) {
      CollectedResponse response =
          new CollectedResponse() {
            @Override
            public boolean hasAdvanced() {
              return !soFar().endsWith(":\n\n");
            }
          };

      assertThat(silence(post(server.url(), null, SHORT, response)).hasBegun()).isTrue();
    }
  }

  @Test
  void aHeadThatDripsInDoesNotEndASilence() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(
            (connection, number) -> {
              connection.read();
              while (true) {
                connection.write("HTTP/1.1 103 Early Hints\r\n\r\n".substring(0, 1));
                TimeUnit.MILLISECONDS.sleep(50);
              }
            })) {
      assertThatThrownBy(post(server.url(), null, SHORT)::get).isInstanceOf(SilenceException.class);
    }
  }

  @Test
  void whileTheAnswerIsHeldBackNoSilenceIsCounted() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(
            (connection, number) -> {
              connection.read();
              connection.write(CHUNKED + "5\r\nhello\r\n");
              TimeUnit.MILLISECONDS.sleep(2300);
              connection.write("0\r\n\r\n");
            })) {
      CollectedResponse response = new CollectedResponse();
      CallHandle call =
          egress.send(
              egress.route(Zone.SELF_HOSTED, EndpointUrl.parse(server.url())),
              new EgressRequest("GET", "/", Map.of(), null, Duration.ofSeconds(1)),
              response);
      while (!response.soFar().endsWith("hello")) {
        TimeUnit.MILLISECONDS.sleep(5);
      }
      call.pause();
      TimeUnit.MILLISECONDS.sleep(2000);
      call.resume();

      assertThat(response.get()).isEqualTo("200 hello");
    }
  }

  @Test
  void aServerThatCannotBeConnectedInTimeIsOutOfReachAndNotSilent() throws Exception {
    List<Socket> waiting = new ArrayList<>();
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      // Nobody accepts: when the queue is full, Linux lets further connections wait.
      for (int i = 0; i < 2; i++) {
        waiting.add(new Socket(full.getInetAddress(), full.getLocalPort()));
      }
      CollectedResponse response = post("http://127.0.0.1:" + full.getLocalPort(), null, LONG);

      assertThatThrownBy(response::get)
          .isInstanceOf(ConnectFailedException.class)
          .hasCauseInstanceOf(java.net.ConnectException.class);
    } finally {
      for (Socket socket : waiting) {
        socket.close();
      }
    }
  }

  @Test
  void aPortWhereNobodyListensIsOutOfReach() throws IOException {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      port = closed.getLocalPort();
    }
    assertThatThrownBy(post("http://127.0.0.1:" + port, null, LONG)::get)
        .isInstanceOf(ConnectFailedException.class);
  }
}
