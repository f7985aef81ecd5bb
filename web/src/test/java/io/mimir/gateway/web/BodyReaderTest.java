package io.mimir.gateway.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.gateway.web.BodyReader.Body;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class BodyReaderTest {

  private static final int MIB = 1024 * 1024;
  private static final int BEYOND_SMALL = 100 * 1024;

  /** Looks at its bodies when the test says so, and not by the clock. */
  private final BodyRoom room =
      new BodyRoom() {
        @Override
        void start() {
          // The test calls look().
        }
      };

  private final Arriving in = new Arriving();
  private final Outcome outcome = new Outcome();

  /** A body that comes piece by piece, as the test says. */
  private static final class Arriving extends ServletInputStream implements BodyReader.Arrival {

    private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
    private ReadListener listener;
    private final ArrayDeque<byte[]> inSocket = new ArrayDeque<>();
    private boolean whole;
    private int askedInVain;

    void comes(byte[] piece) throws IOException {
      pieces.add(piece);
      if (listener != null) {
        listener.onDataAvailable();
      }
    }

    @Override
    public boolean isWhole() {
      return whole;
    }

    @Override
    public boolean isMoreInSocket() {
      return !inSocket.isEmpty();
    }

    @Override
    public int available() {
      return pieces.isEmpty() ? 0 : pieces.peek().length;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      byte[] next = pieces.isEmpty() ? inSocket.poll() : pieces.poll();
      int count = Math.min(length, next.length);
      System.arraycopy(next, 0, target, offset, count);
      if (count < next.length) {
        pieces.addFirst(Arrays.copyOfRange(next, count, next.length));
      }
      return count;
    }

    @Override
    public int read() {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isFinished() {
      return false;
    }

    @Override
    public boolean isReady() {
      askedInVain += pieces.isEmpty() ? 1 : 0;
      return !pieces.isEmpty();
    }

    @Override
    public void setReadListener(ReadListener readListener) {
      listener = readListener;
    }
  }

  private static final class Outcome implements BodyReader.Handler {

    private Body body;
    private ProblemException why;

    @Override
    public void arrived(Body whole) {
      body = whole;
    }

    @Override
    public void failed(ProblemException problem) {
      assertThat(why).as("told once").isNull();
      why = problem;
    }
  }

  /** Room for so many bytes. */
  private BodyReader reader(long capacity, int announced) {
    room.capacity = capacity;
    return reader(announced);
  }

  private BodyReader reader(int announced) {
    return new BodyReader(room, in, announced, in);
  }

  /** What is left of the room. */
  private boolean hasRoomFor(long bytes) {
    try {
      room.take(bytes);
      room.release(bytes);
      return true;
    } catch (ProblemException e) {
      assertThat(e.problem()).isEqualTo(Problem.OVERLOADED);
      assertThat(e.retryAfter()).isPresent();
      return false;
    }
  }

  @Test
  void whatWaitsInTheSocketIsReadAtOnceWhereTheLengthIsKnown() throws IOException {
    in.pieces.add(new byte[4]);
    in.inSocket.add(new byte[6]);

    assertThat(reader(10).readArrived().bytes()).hasSize(10);
  }

  /** It may be half of a chunk's head, and to read that is to wait. */
  @Test
  void whereItIsNotTheSocketIsLeftAlone() throws IOException {
    in.pieces.add(new byte[4]);
    in.inSocket.add(new byte[6]);

    assertThat(reader(-1).readArrived()).isNull();
    assertThat(in.inSocket).hasSize(1);
  }

  /** Asked for more, the server begins with the next request of the connection. */
  @Test
  void theServerIsNotAskedForMoreThanTheBodyHas() throws IOException {
    BodyReader counted = reader(10);
    counted.await(outcome);
    in.comes(new byte[4]);
    assertThat(in.askedInVain).as("the rest has to come").isEqualTo(1);
    in.comes(new byte[6]);
    assertThat(in.askedInVain).isEqualTo(1);
    counted.onAllDataRead();
    assertThat(outcome.body.bytes()).hasSize(10);
  }

  @Test
  void norWhereTheClientDoesNotSayItsLength() throws IOException {
    BodyReader chunked = reader(-1);
    chunked.await(outcome);
    in.comes(new byte[4]);
    assertThat(in.askedInVain).as("there may be more").isEqualTo(1);
    in.whole = true;
    in.comes(new byte[6]);
    assertThat(in.askedInVain).isEqualTo(1);
    chunked.onAllDataRead();
    assertThat(outcome.body.bytes()).hasSize(10);
  }

  @Test
  void whatCameWithTheHeadersIsReadAtOnce() throws IOException {
    in.comes("{\"model\"".getBytes());
    in.comes(":\"m\"}".getBytes());

    Body body = reader(13).readArrived();

    assertThat(body.bytes()).asString().isEqualTo("{\"model\":\"m\"}");
    assertThat(body.held()).isZero();
  }

  @Test
  void theRestIsReadAsItComes() throws IOException {
    byte[] large = new byte[3 * MIB];
    Arrays.fill(large, (byte) 7);
    BodyReader reader = reader(4 * MIB, large.length);
    in.comes(Arrays.copyOf(large, 10));

    assertThat(reader.readArrived()).isNull();
    reader.await(outcome);
    in.comes(Arrays.copyOfRange(large, 10, MIB));
    in.comes(Arrays.copyOfRange(large, MIB, large.length));
    reader.onAllDataRead();

    assertThat(outcome.body.bytes()).isEqualTo(large);
    assertThat(outcome.body.held()).isEqualTo(large.length);
    assertThat(hasRoomFor(2 * MIB)).isFalse();
    room.release(outcome.body.held());
    assertThat(hasRoomFor(4 * MIB)).isTrue();
  }

  @Test
  void aBodyWithoutALengthEndsWhenTheServerSaysSo() throws IOException {
    BodyReader reader = reader(-1);
    in.comes(new byte[BEYOND_SMALL]);

    assertThat(reader.readArrived()).isNull();
    reader.await(outcome);
    in.comes(new byte[5]);
    reader.onAllDataRead();

    assertThat(outcome.body.bytes()).hasSize(BEYOND_SMALL + 5);
  }

  @Test
  void idleUploadsTakeNoRoomFromOthers() throws IOException {
    for (int announced : new int[] {-1, -1, 32 * MIB}) {
      BodyReader idle = new BodyReader(room, new Arriving(), announced, new Arriving());
      assertThat(idle.readArrived()).isNull();
      idle.await(new Outcome());
    }
    BodyReader reader = reader(32L * MIB, -1);
    for (int i = 0; i < 32; i++) {
      in.comes(new byte[MIB]);
    }
    assertThat(reader.readArrived()).isNull();
    reader.await(outcome);
    reader.onAllDataRead();

    assertThat(outcome.body.bytes()).hasSize(32 * MIB);
  }

  @Test
  void withoutRoomTheBodyIsRefusedAndTakesNone() throws IOException {
    BodyReader reader = reader(BEYOND_SMALL, -1);
    reader.readArrived();
    reader.await(outcome);

    in.comes(new byte[BEYOND_SMALL]);
    in.comes(new byte[1]);

    assertThat(outcome.why.problem()).isEqualTo(Problem.OVERLOADED);
    assertThat(hasRoomFor(BEYOND_SMALL)).isTrue();
    reader.onAllDataRead();
    assertThat(outcome.body).isNull();
  }

  @Test
  void moreThanOneMaySendIsRefused() throws IOException {
    assertThatThrownBy(() -> reader(32 * MIB + 1))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem()).isEqualTo(Problem.TOO_LARGE));

    BodyReader reader = reader(64L * MIB, -1);
    for (int i = 0; i < 33; i++) {
      in.comes(new byte[MIB]);
    }

    assertThatThrownBy(reader::readArrived)
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem()).isEqualTo(Problem.TOO_LARGE));
    assertThat(hasRoomFor(64L * MIB)).isTrue();
  }

  @Test
  void aBodyThatEndsEarlyIsNoBody() throws IOException {
    BodyReader reader = reader(100);
    in.comes(new byte[50]);
    reader.readArrived();
    reader.await(outcome);

    reader.onAllDataRead();

    assertThat(outcome.why.problem()).isEqualTo(Problem.MALFORMED);
  }

  @Test
  void aClientThatLeavesGivesItsRoomBack() throws IOException {
    BodyReader reader = reader(2 * MIB, 2 * MIB);
    in.comes(new byte[MIB]);
    reader.readArrived();
    reader.await(outcome);

    reader.onError(new IOException("gone"));
    reader.onError(new IOException("gone"));

    assertThat(outcome.why).isNotNull();
    assertThat(hasRoomFor(2 * MIB)).isTrue();
  }

  @Test
  void silenceEndsTheWaitAndProgressDoesNot() throws IOException {
    room.longestSilence = Duration.ofSeconds(30);
    long start = System.nanoTime();
    BodyReader reader = reader(2 * MIB, MIB);
    in.comes(new byte[BEYOND_SMALL]);
    reader.readArrived();
    reader.await(outcome);

    reader.checkTime(start + Duration.ofSeconds(29).toNanos());
    assertThat(outcome.why).isNull();
    reader.checkTime(System.nanoTime() + Duration.ofSeconds(31).toNanos());

    assertThat(outcome.why.problem()).isEqualTo(Problem.REQUEST_TIMEOUT);
    assertThat(hasRoomFor(2 * MIB)).isTrue();
    in.comes(new byte[1]);
    assertThat(outcome.body).isNull();
  }

  @Test
  void aBodyThatComesByDropsEndsToo() throws IOException {
    room.longestSilence = Duration.ofHours(1);
    room.longestUpload = Duration.ofMinutes(10);
    BodyReader reader = reader(100);
    reader.readArrived();
    reader.await(outcome);

    reader.checkTime(System.nanoTime() + Duration.ofMinutes(11).toNanos());

    assertThat(outcome.why.problem()).isEqualTo(Problem.REQUEST_TIMEOUT);
  }

  @Test
  void theWatchLooksAfterBodiesOnTheirWayOnly() throws IOException {
    room.longestSilence = Duration.ZERO;
    BodyReader idle = reader(100);
    idle.readArrived();
    idle.await(outcome);
    room.look();
    assertThat(outcome.why).isNotNull();
  }
}
