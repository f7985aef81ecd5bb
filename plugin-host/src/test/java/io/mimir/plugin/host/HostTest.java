package io.mimir.plugin.host;

import static io.mimir.plugin.host.RunningHost.text;
import static java.util.stream.Collectors.joining;
import static java.util.stream.LongStream.rangeClosed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mimir.plugin.kit.frame.Failure;
import io.mimir.plugin.kit.frame.Frame;
import io.mimir.plugin.kit.frame.FrameType;
import io.mimir.plugin.kit.frame.LoadRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The host as the server starts it, with plugins that gcc makes of C. */
@Timeout(60)
class HostTest {

  @TempDir static Path shared;

  private static Path subject;

  @TempDir Path work;

  private RunningHost host;

  @BeforeAll
  static void build() throws Exception {
    assumeTrue(Machine.own().isPresent(), "There is a jail on Linux only");
    assumeTrue(Landlock.version() > 0, "The kernel has no Landlock, or it is off");
    assumeTrue(Hosts.hasGcc(), "gcc is not installed");
    Hosts.unpack(shared.resolve("host"));
    subject = subject("subject");
  }

  private static Path subject(String name, String... options) throws Exception {
    Path library = shared.resolve(name + ".so");
    return Hosts.compile(Path.of("src", "test", "c", "subject.c"), library, options);
  }

  @BeforeEach
  void start() throws IOException {
    host = new RunningHost(Hosts.command(shared.resolve("host"), work, 64).start());
  }

  @AfterEach
  void stop() {
    if (host != null) {
      host.close();
    }
  }

  private static Failure failure(Frame frame) throws IOException {
    assertThat(frame.type()).as(text(frame)).isEqualTo(FrameType.ERROR);
    return Failure.of(frame.payload());
  }

  private static String why(Failure failure) {
    return new String(failure.detail(), StandardCharsets.UTF_8);
  }

  @Test
  void saysFirstWhatItsJailIs() {
    assertThat(host.hello())
        .contains("\"no_new_privs\":true", "\"landlock\":true", "\"rlimits\":true")
        .contains("\"capabilities\":true", "\"not_dumpable\":true", "\"seccomp\":true")
        .contains("\"tsync\":true", "\"memory_mb\":64", "\"missing\":[]")
        .contains("\"pid\":" + host.process().pid());
  }

  @Test
  void startsWhereTheJvmHasNoArchiveOfItsClasses() throws Exception {
    List<String> arguments =
        new ArrayList<>(Hosts.command(shared.resolve("host"), work, 64).arguments());
    assertThat(arguments).contains("-Xshare:auto");
    arguments.replaceAll(argument -> argument.replace("-Xshare:auto", "-Xshare:off"));

    // It reads classes until the very moment at which it becomes another.
    try (RunningHost other =
        new RunningHost(new ProcessBuilder(arguments).directory(work.toFile()).start())) {
      assertThat(other.hello()).contains("\"missing\":[]");
    }
  }

  @Test
  void runsTheExample() throws Exception {
    Path tools =
        Hosts.compile(
            Path.of("..", "examples", "c", "text_tools.c"), shared.resolve("text_tools.so"));

    assertThat(text(host.load(tools, "{}", 1))).contains("text_tools");
    assertThat(text(host.call(2, "upper", "well"))).isEqualTo("WELL");
    assertThat(text(host.call(3, "count", "one two  three"))).isEqualTo("{\"words\":3}");
  }

  @Test
  void showsTheManifestAsTheLoaderDoes() throws Exception {
    assertThat(text(host.load(subject, "{}", 1))).isEqualTo("{\"name\":\"subject\"}");
  }

  @Test
  void givesTheConfigToThePlugin() throws Exception {
    host.load(subject, "{\"city\":\"Köln\"}", 1);

    assertThat(text(host.call(2, "config", ""))).isEqualTo("{\"city\":\"Köln\"}");
  }

  @Test
  void givesBackWhatAnActionGives() throws Exception {
    host.with(subject);

    assertThat(text(host.call(2, "echo", "well"))).isEqualTo("well");
    Frame nothing = host.call(3, "nothing", "x");
    assertThat(nothing.type()).isEqualTo(FrameType.RESULT);
    assertThat(nothing.id()).isEqualTo(3);
    assertThat(nothing.payload()).isEmpty();
  }

  @Test
  void takesInputsOfAnySizeThatAFrameHas() throws Exception {
    host.with(subject);
    for (int size : List.of(0, 1, 8_191, 65_536, 70_000, 3_000_000, Frame.MAX_PAYLOAD - 64)) {
      byte[] bytes = new byte[size];
      new Random(size).nextBytes(bytes);

      Frame frame = host.exchange(FrameType.CALL, size, request("echo", bytes));

      assertThat(Arrays.equals(frame.payload(), bytes)).as("%s of %d", frame, size).isTrue();
    }
  }

  private static byte[] request(String action, byte[] input) {
    return new io.mimir.plugin.kit.frame.CallRequest(action, input).toPayload();
  }

  @Test
  void takesSeveralLargeInputsAtOnce() throws Exception {
    host.load(subject, "{}", 4);
    byte[] bytes = new byte[15 * 1024 * 1024];
    Thread sending =
        new Thread(
            () -> {
              try {
                for (int id = 2; id < 10; id++) {
                  host.send(FrameType.CALL, id, request("echo", bytes));
                }
              } catch (IOException e) {
                host.close();
              }
            });
    sending.start();

    for (int i = 2; i < 10; i++) {
      assertThat(host.receive().payload()).hasSize(bytes.length);
    }
    sending.join();
  }

  @ParameterizedTest
  @CsvSource({
    "refuse, 1, {\"code\":\"no\"}",
    "missing, 2, ''",
    "bad input, 3, why",
    "unknown code, 102, There is no result code 99",
    "negative code, 102, There is no result code -1",
    "too long, 102, The output cannot have 1099511627776 bytes",
    "endless length, 102, The output cannot have 18446744073709551615 bytes",
    "length without bytes, 102, The output cannot have 5 bytes",
  })
  void saysHowACallFailed(String action, int code, String why) throws Exception {
    host.with(subject);

    Failure failure = failure(host.call(2, action, ""));

    assertThat(failure.code()).isEqualTo(code);
    assertThat(why(failure)).isEqualTo(why);
    assertThat(text(host.call(3, "echo", "still there"))).isEqualTo("still there");
  }

  @Test
  void passesOnWhatThePluginLogs() throws Exception {
    host.with(subject).call(2, "log", "");

    assertThat(host.log())
        .containsExactly("0trace", "4error", "4much", "3from a thread of its own");
  }

  @Test
  void keepsWhatThePluginPrintsOutOfTheFrames() throws Exception {
    host.with(subject);

    assertThat(text(host.call(2, "print", ""))).isEqualTo("printed");
    assertThat(text(host.call(3, "echo", "x"))).isEqualTo("x");
    host.send(FrameType.EXIT, 0, new byte[0]);
    assertThat(host.printed()).contains("garbage on stdout\n").contains("raw\0\1\2\n");
  }

  @Test
  void givesThePluginNothingToRead() throws Exception {
    assertThat(text(host.with(subject).call(2, "read", ""))).isEqualTo("empty");
  }

  @Test
  void answersPingsWhileThePluginWorks() throws Exception {
    host.with(subject).sendCall(2, "until cancelled", "");

    Frame pong = host.exchange(FrameType.PING, 3, new byte[] {7});

    assertThat(pong.type()).isEqualTo(FrameType.PONG);
    assertThat(pong.id()).isEqualTo(3);
    assertThat(pong.payload()).containsExactly(7);
  }

  @Test
  void tellsThePluginThatACallIsCancelled() throws Exception {
    host.with(subject).sendCall(2, "until cancelled", "");

    Frame answer = host.exchange(FrameType.CANCEL, 2, new byte[0]);

    assertThat(answer.id()).isEqualTo(2);
    assertThat(failure(answer).code()).isEqualTo(Failure.CANCELLED);
    assertThat(text(host.call(3, "echo", "next"))).isEqualTo("next");
  }

  @Test
  void wakesAPluginThatWantsToBe() throws Exception {
    host.with(subject("wakeable", "-DWAKEABLE")).sendCall(2, "until woken", "");
    Thread.sleep(100);

    assertThat(failure(host.exchange(FrameType.CANCEL, 2, new byte[0])).code())
        .isEqualTo(Failure.CANCELLED);
  }

  @Test
  void answersACallAtOnceThatIsCancelledBeforeItsTurn() throws Exception {
    host.with(subject).sendCall(2, "until cancelled", "");
    host.sendCall(3, "echo", "never");

    Frame answer = host.exchange(FrameType.CANCEL, 3, new byte[0]);

    assertThat(answer.id()).isEqualTo(3);
    assertThat(failure(answer).code()).isEqualTo(Failure.CANCELLED);
    assertThat(host.exchange(FrameType.CANCEL, 2, new byte[0]).id()).isEqualTo(2);
  }

  @Test
  void doesNotMindTheCancellingOfACallThatIsOver() throws Exception {
    host.with(subject).call(2, "echo", "x");
    host.send(FrameType.CANCEL, 2, new byte[0]);

    assertThat(text(host.call(3, "echo", "y"))).isEqualTo("y");
  }

  @Test
  void runsAsManyCallsAtOnceAsThePluginTakes() throws Exception {
    host.load(subject, "{}", 4);
    for (long id : rangeClosed(2, 5).toArray()) {
      host.sendCall(id, "meet", "four");
    }

    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Frame frame = host.receive();
      assertThat(text(frame)).isEqualTo("met");
      ids.add(frame.id());
    }
    assertThat(ids).containsExactlyInAnyOrder(2L, 3L, 4L, 5L);
  }

  @Test
  void runsOneCallAfterTheOtherOtherwise() throws Exception {
    host.with(subject);
    long begin = System.nanoTime();
    for (long id : rangeClosed(2, 4).toArray()) {
      host.sendCall(id, "sleep", "");
    }

    String ids = "";
    for (int i = 0; i < 3; i++) {
      ids += host.receive().id();
    }
    assertThat(ids).isEqualTo("234");
    assertThat(System.nanoTime() - begin).isGreaterThan(890_000_000);
  }

  @Test
  void finishesAndClosesWhenItIsDrained() throws Exception {
    host.with(subject).sendCall(2, "sleep", "");
    host.send(FrameType.DRAIN, 0, new byte[0]);
    host.sendCall(3, "echo", "too late");

    assertThat(failure(host.receive()).code()).isEqualTo(Failure.NOT_LOADED);
    assertThat(text(host.receive())).isEqualTo("slept");
    Frame last = Frame.read(host.process().getInputStream());
    assertThat(last.type()).isEqualTo(FrameType.LOG);
    assertThat(text(last)).endsWith("closed");
    assertThat(host.ends()).isTrue();
    assertThat(host.process().exitValue()).isZero();
  }

  @Test
  void endsWhenItIsToldTo() throws Exception {
    host.with(subject).sendCall(2, "loop", "");
    host.send(FrameType.EXIT, 0, new byte[0]);

    assertThat(host.ends()).isTrue();
    assertThat(host.process().exitValue()).isZero();
  }

  @Test
  void callsNothingBeforeThereIsAPlugin() throws Exception {
    assertThat(failure(host.call(2, "echo", "")).code()).isEqualTo(Failure.NOT_LOADED);
  }

  @Test
  void takesOnePluginOnly() throws Exception {
    host.with(subject);

    assertThat(failure(host.load(subject, "{}", 1)).code()).isEqualTo(Failure.NOT_LOADED);
    assertThat(text(host.call(2, "echo", "the first"))).isEqualTo("the first");
  }

  @Test
  void runsNoFileButTheTrustedOne() throws Exception {
    host.sendFile(Files.readAllBytes(subject));
    LoadRequest request = new LoadRequest(new byte[32], new byte[0], 1);

    Failure failure = failure(host.exchange(FrameType.LOAD, 1, request.toPayload()));

    assertThat(failure.code()).isEqualTo(Failure.HASH_MISMATCH);
  }

  @ParameterizedTest
  @CsvSource({
    "-DABI=7, It speaks version 7 of the ABI",
    "-DWITHOUT_FREE, It does not export mimir_plugin_free",
    "-DOPEN_FAILS, the token has expired",
    "-DUNHEALTHY, Its health is 5 instead of 0",
  })
  void saysWhyAPluginDoesNotLoad(String option, String why) throws Exception {
    Failure failure = failure(host.load(subject("faulty" + option, option), "{}", 1));

    assertThat(failure.code()).isEqualTo(Failure.LOAD_FAILED);
    assertThat(why(failure)).isEqualTo(why);
  }

  @Test
  void saysWhatTheLoaderHasAgainstAFile() throws Exception {
    Path script = Files.writeString(shared.resolve("script.so"), "#!/bin/sh\n");

    Failure failure = failure(host.load(script, "{}", 1));

    assertThat(failure.code()).isEqualTo(Failure.LOAD_FAILED);
    assertThat(why(failure)).startsWith("The loader refuses it: ");
  }

  @Test
  void loadsNothingWhereNoFileCame() throws Exception {
    byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(new byte[0]);
    LoadRequest request = new LoadRequest(sha256, new byte[0], 1);

    Failure failure = failure(host.exchange(FrameType.LOAD, 1, request.toPayload()));

    assertThat(failure.code()).isEqualTo(Failure.LOAD_FAILED);
  }

  @Test
  void takesNoLargerFileThanItMay() throws Exception {
    byte[] piece = new byte[8 * 1024 * 1024];
    for (int i = 0; i <= 8; i++) {
      host.send(FrameType.FILE, 1, piece);
    }
    LoadRequest request = new LoadRequest(new byte[32], new byte[0], 1);

    Failure failure = failure(host.exchange(FrameType.LOAD, 1, request.toPayload()));

    assertThat(why(failure)).isEqualTo("It has more than 64 MiB");
  }

  @Test
  void endsWhenTheServerDoes() throws Exception {
    host.process().getOutputStream().close();

    assertThat(host.ends()).isTrue();
  }

  @Test
  void isStartedWithNothingInItsEnvironment() {
    String command = Hosts.command(shared, work, 64).arguments().stream().collect(joining(" "));

    assertThat(command).doesNotContain("MIMIR_");
  }
}
