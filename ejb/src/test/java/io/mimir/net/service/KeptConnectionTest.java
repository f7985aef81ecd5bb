package io.mimir.net.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mimir.net.EndpointUrl;
import io.mimir.net.Zone;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of calls on connections that were used before. */
class KeptConnectionTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final EgressClient egress = EgressClients.open("127.0.0.1");

  @AfterEach
  void close() {
    egress.close();
  }

  private CollectedResponse send(ScriptedServer server, EgressRequest request) {
    CollectedResponse response = new CollectedResponse();
    egress.send(egress.route(Zone.SELF_HOSTED, EndpointUrl.parse(server.url())), request, response);
    return response;
  }

  private static EgressRequest post(byte[] body) {
    return new EgressRequest(
        "POST", "/v1/chat/completions", Map.of(), body, Duration.ofSeconds(10));
  }

  /** Answers the first request of its first connection, reads the second one and closes. */
  private static ScriptedServer closingAtTheSecond(boolean reset) throws Exception {
    return new ScriptedServer(
        (connection, number) -> {
          while (connection.read() != null) {
            connection.write(OK);
            if (number == 1) {
              connection.readHead();
              if (reset) {
                connection.resetAtTheEnd();
              }
              return;
            }
          }
        });
  }

  @Test
  void aConnectionIsUsedAgain() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(
            (connection, number) -> {
              while (connection.read() != null) {
                connection.write(OK);
              }
            })) {
      for (int i = 0; i < 5; i++) {
        assertThat(send(server, post(new byte[10])).get()).isEqualTo("200 ok");
      }
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void oneThatTheServerClosesBeforeItAnswersIsReplacedOnce(boolean reset) throws Exception {
    try (ScriptedServer server = closingAtTheSecond(reset)) {
      assertThat(send(server, post(new byte[10])).get()).isEqualTo("200 ok");

      assertThat(send(server, post(new byte[10])).get()).isEqualTo("200 ok");
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  @Test
  void aNewOneThatIsClosedIsNotReplaced() throws Exception {
    try (ScriptedServer server = new ScriptedServer((connection, number) -> connection.read())) {
      ConnectionLostException lost =
          catchThrowableOfType(
              ConnectionLostException.class, send(server, post(new byte[10]))::get);

      assertThat(lost.hasBegun()).isFalse();
      assertThat(server.heads()).hasSize(1);
    }
  }

  @Test
  void anAnswerThatHasBegunIsNotAskedForAgain() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(
            (connection, number) -> {
              connection.read();
              connection.write(OK);
              connection.read();
              connection.write("H");
            })) {
      assertThat(send(server, post(null)).get()).isEqualTo("200 ok");
      ConnectionLostException lost =
          catchThrowableOfType(ConnectionLostException.class, send(server, post(null))::get);

      assertThat(lost.hasBegun()).isTrue();
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void whatMayBeSentOnceOnlyGetsAConnectionOfItsOwnAndIsNotSentAgain() throws Exception {
    try (ScriptedServer server = closingAtTheSecond(false)) {
      assertThat(send(server, post(new byte[10])).get()).isEqualTo("200 ok");
      assertThat(send(server, post(new byte[10]).once()).get()).isEqualTo("200 ok");

      assertThat(server.connections()).isEqualTo(2);
      assertThat(server.heads()).hasSize(2);
    }
  }

  @Test
  void aServerThatNamesItsIdleTimeIsNotOutwaited() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(
            (connection, number) -> {
              while (connection.read() != null) {
                connection.write(
                    "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=2, max=100\r\nContent-Length: 0\r\n"
                        + "\r\n");
              }
            })) {
      assertThat(send(server, post(null)).get()).isEqualTo("200 ");
      TimeUnit.MILLISECONDS.sleep(1800);
      assertThat(send(server, post(null)).get()).isEqualTo("200 ");

      assertThat(server.connections()).isEqualTo(2);
    }
  }

  @Test
  void anEarlyRefusalOfALongBodyIsRead() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(
            (connection, number) -> {
              connection.readHead();
              connection.write(
                  "HTTP/1.1 413 Too large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
            })) {
      assertThat(send(server, post(new byte[32 << 20])).get()).isEqualTo("413 big");
    }
  }

  @Test
  void anAnswerToHeadHasNoBodyWhateverItsLengthSays() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(
            (connection, number) -> {
              while (connection.read() != null) {
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
              }
            })) {
      EgressRequest head = new EgressRequest("HEAD", "/", Map.of(), null, Duration.ofSeconds(10));

      assertThat(send(server, head).get()).isEqualTo("200 ");
      assertThat(send(server, head).get()).isEqualTo("200 ");
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void whatComesUnaskedIsNotTakenForTheNextAnswer() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(
            (connection, number) -> {
              while (connection.read() != null) {
                connection.write(OK);
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");
              }
            })) {
      for (int i = 0; i < 3; i++) {
        assertThat(send(server, post(null)).get()).isEqualTo("200 ok");
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
  }

  @Test
  void aConnectionThatIsResetInAnAnswerIsALoss() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(
            (connection, number) -> {
              connection.read();
              connection.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
              TimeUnit.MILLISECONDS.sleep(100);
              connection.resetAtTheEnd();
            })) {
      assertThatThrownBy(send(server, post(null))::get).isInstanceOf(ConnectionLostException.class);
    }
  }
}
