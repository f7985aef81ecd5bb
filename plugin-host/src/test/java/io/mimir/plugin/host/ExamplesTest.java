package io.mimir.plugin.host;

import static io.mimir.plugin.host.RunningHost.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mimir.plugin.kit.frame.CallRequest;
import io.mimir.plugin.kit.frame.Failure;
import io.mimir.plugin.kit.frame.Frame;
import io.mimir.plugin.kit.frame.FrameType;
import io.mimir.plugin.kit.inspect.Inspection;
import io.mimir.plugin.kit.inspect.Inspector;
import io.mimir.plugin.kit.manifest.Manifest;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What authors begin with: built as the guide says, judged as the server does, called in a jail.
 */
@Timeout(300)
class ExamplesTest {

  private static final Path SOURCES = Path.of("..");

  /** Where rustup puts its programs, which is not on everybody's path. */
  private static final Path CARGO = Path.of(System.getProperty("user.home"), ".cargo", "bin");

  /** A language, with the programs that it takes. */
  enum Language {
    C("make", "gcc"),
    RUST("cargo", "rustc", "gcc"),
    GO("go", "gcc");

    private final List<String> programs;

    Language(String... programs) {
      this.programs = List.of(programs);
    }

    List<String> missing() {
      return programs.stream().filter(program -> !has(program)).toList();
    }

    /** The tests that need it are skipped where it is not installed. */
    void need() {
      assumeTrue(missing().isEmpty(), () -> String.join(", ", missing()) + " is not installed");
    }
  }

  /** A folder of the sources that makes a plugin. */
  enum Project {
    C_TEMPLATE(Language.C, "sdk/templates/c", "my_plugin.so", "make"),
    C_EXAMPLE(Language.C, "examples/c", "text_tools.so", "make"),
    RUST_TEMPLATE(
        Language.RUST, "sdk/templates/rust", "target/release/libmy_plugin.so", CARGO_BUILD),
    RUST_EXAMPLE(Language.RUST, "examples/rust", "target/release/libredact.so", CARGO_BUILD),
    GO_TEMPLATE(Language.GO, "sdk/templates/go", "my_plugin.so", GO_BUILD + "my_plugin.so ."),
    GO_EXAMPLE(Language.GO, "examples/go", "csv_tools.so", GO_BUILD + "csv_tools.so .");

    private final Language language;
    private final String folder;
    private final String library;
    private final String command;

    Project(Language language, String folder, String library, String command) {
      this.language = language;
      this.folder = folder;
      this.library = library;
      this.command = command;
    }
  }

  private static final String CARGO_BUILD = "cargo build --release --offline";
  private static final String GO_BUILD = "go build -buildmode=c-shared -o ";

  @TempDir static Path shared;

  private static final Map<Project, Path> BUILT = new EnumMap<>(Project.class);

  @TempDir Path work;

  private RunningHost host;

  @BeforeAll
  static void unpack() throws Exception {
    assumeTrue(Machine.own().isPresent(), "There is a jail on Linux only");
    assumeTrue(Landlock.version() > 0, "The kernel has no Landlock, or it is off");
    Hosts.unpack(shared.resolve("host"));
  }

  @AfterEach
  void stop() {
    if (host != null) {
      host.close();
    }
  }

  private static boolean has(String program) {
    return Hosts.has(program) || Files.isExecutable(CARGO.resolve(program));
  }

  /** Copies the sources without what was built of them before, so that nothing old is tested. */
  private static Path copySources(String name) throws IOException {
    Path copy = shared.resolve(name);
    for (String top : List.of("sdk", "examples")) {
      try (Stream<Path> files = Files.walk(SOURCES.resolve(top))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          String path = SOURCES.relativize(file).toString();
          if (!path.contains("/target/") && !path.endsWith(".so")) {
            Path target = copy.resolve(path);
            Files.createDirectories(target.getParent());
            Files.copy(file, target);
          }
        }
      }
    }
    return copy;
  }

  private static void run(Path folder, String command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command.split(" ")).directory(folder.toFile());
    Map<String, String> environment = builder.environment();
    environment.merge("PATH", CARGO.toString(), (path, more) -> path + File.pathSeparator + more);
    // The command is looked for in the path of this process, and not in the one that it gets.
    if (!Hosts.has(builder.command().get(0))) {
      builder.command().set(0, CARGO.resolve(builder.command().get(0)).toString());
    }
    Hosts.run(builder);
  }

  /** Builds a project, once. */
  private static synchronized Path built(Project project) throws Exception {
    project.language.need();
    Path library = BUILT.get(project);
    if (library == null) {
      Path folder = copySources(project.name()).resolve(project.folder);
      run(folder, project.command);
      library = folder.resolve(project.library);
      BUILT.put(project, library);
    }
    return library;
  }

  private static Manifest accepted(Path library) throws IOException {
    Inspection inspection = new Inspector().inspect(library);
    assertThat(inspection.failures()).isEmpty();
    return inspection.manifest().orElseThrow();
  }

  /** Loads a plugin with the limits of its manifest. */
  private RunningHost loaded(Path library, String config) throws Exception {
    Manifest manifest = accepted(library);
    Frame ready = loading(library, config);
    assertThat(ready.type()).as(text(ready)).isEqualTo(FrameType.READY);
    assertThat(text(ready)).isEqualTo(manifest.text());
    return host;
  }

  private Frame loading(Path library, String config) throws Exception {
    Manifest.Limits limits = accepted(library).limits();
    host = new RunningHost(Hosts.command(shared.resolve("host"), work, limits.memoryMb()).start());
    assertThat(host.hello()).contains("\"seccomp\":true", "\"landlock\":true");
    return host.load(library, config, limits.concurrency());
  }

  private RunningHost loaded(Project project, String config) throws Exception {
    return loaded(built(project), config);
  }

  private static Failure failure(Frame frame) throws IOException {
    assertThat(frame.type()).as(text(frame)).isEqualTo(FrameType.ERROR);
    return Failure.of(frame.payload());
  }

  private static String why(Failure failure) {
    return new String(failure.detail(), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @EnumSource
  void isAcceptedByTheInspector(Project project) throws Exception {
    assertThat(accepted(built(project)).actions()).isNotEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void answersWhatItDoesNotKnowWithACode(Project project) throws Exception {
    loaded(project, "{}");

    assertThat(failure(host.call(2, "no_such_action", "{}")).code())
        .isEqualTo(Failure.UNKNOWN_ACTION);
  }

  @ParameterizedTest
  @EnumSource(names = ".*_TEMPLATE", mode = EnumSource.Mode.MATCH_ALL)
  void templatesSayHello(Project project) throws Exception {
    loaded(project, "{}");

    assertThat(text(host.call(2, "hello", "{}"))).isEqualTo("{\"hello\":\"world\"}");
    assertThat(host.log()).containsExactly("2hello was called");
    for (String bad : List.of("", "hello", "[1]")) {
      Failure failure = failure(host.call(3, "hello", bad));
      assertThat(failure.code()).isEqualTo(Failure.BAD_INPUT);
      assertThat(why(failure)).isEqualTo("The input must be a JSON object");
    }
    assertThat(text(host.call(4, "hello", "{\"a\": 1}"))).isEqualTo("{\"hello\":\"world\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "RUST_TEMPLATE|src/plugin.rs|self.host.log(Level::Info, \"hello was called\");|panic!(\"oh\");",
        "GO_TEMPLATE|plugin.go|p.host.Log(Info, \"hello was called\")|panic(\"oh\")",
      })
  void aPanicIsTheEndOfACallAndNotOfTheProcess(
      Project project, String file, String place, String panic) throws Exception {
    project.language.need();
    Path folder = copySources(project + "-panic").resolve(project.folder);
    String source = Files.readString(folder.resolve(file));
    assertThat(source).contains(place);
    // Go refuses a name that is not used.
    String use = project.language == Language.GO ? "_ = Info\n" : "let _ = Level::Info;";
    Files.writeString(folder.resolve(file), source.replace(place, use + panic));
    run(folder, project.command);
    loaded(folder.resolve(project.library), "{}");

    for (int id = 2; id < 5; id++) {
      Failure failure = failure(host.call(id, "hello", "{}"));
      assertThat(failure.code()).isEqualTo(Failure.APPLICATION);
      assertThat(why(failure))
          .isEqualTo(
              "{\"code\":\"panic\",\"message\":\"The plugin panicked; its log says where\","
                  + "\"retryable\":false}");
    }
    host.send(FrameType.EXIT, 0, new byte[0]);
    assertThat(host.printed()).contains("oh");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rust/src/edge.rs", "go/edge.go", "go/edge.c"})
  void whatStaysAsItIsIsTheSameInTheExample(String file) {
    assertThat(SOURCES.resolve("examples").resolve(file))
        .hasSameTextualContentAs(SOURCES.resolve("sdk/templates").resolve(file));
  }

  @Test
  void theRustOnesNeedNoCargo() throws Exception {
    Language.RUST.need();
    for (Project project : List.of(Project.RUST_TEMPLATE, Project.RUST_EXAMPLE)) {
      Path folder = copySources(project + "-rustc").resolve(project.folder);
      run(folder, "rustc --edition 2021 --crate-type cdylib -O src/lib.rs -o plain.so");

      assertThat(accepted(folder.resolve("plain.so")).text())
          .isEqualTo(accepted(built(project)).text());
    }
  }

  @Test
  void redactMasksAddressesAndCardNumbers() throws Exception {
    loaded(Project.RUST_EXAMPLE, "{}");
    Map<String, String> masked = new LinkedHashMap<>();
    masked.put("nothing to hide", "nothing to hide");
    masked.put("write to Ann.Lee+x@mail.example.org.", "write to [email].");
    masked.put("a@b is none, a@b.c is one", "a@b is none, [email] is one");
    masked.put("<x@y.de>,<z@y.de>", "<[email]>,<[email]>");
    masked.put("pay with 4111 1111 1111 1111 now", "pay with [card] now");
    masked.put("5500-0000-0000-0004/4111111111111111", "[card]/[card]");
    masked.put("4111 1111 1111 1112 is none", "4111 1111 1111 1112 is none");
    masked.put("4111 1111 1111 1111 5500 0000 0000 0004", "[card] [card]");
    masked.put("№ 4111111111111111 für Zoë@x.de", "№ [card] für Zoë@x.de");
    masked.put("Bluebird and blue", "Bluebird and blue");

    for (Map.Entry<String, String> text : masked.entrySet()) {
      assertThat(text(host.call(2, "redact", "{\"text\":\"" + text.getKey() + "\"}")))
          .startsWith("{\"text\":\"" + text.getValue() + "\",\"found\":{");
    }
  }

  @Test
  void redactMasksTheSecretCodeNameAndDoesNotLogIt() throws Exception {
    loaded(Project.RUST_EXAMPLE, "{\"code_name\": \"Bluebird\", \"mask\": \"\\u2588\\\"\"}");

    assertThat(
            text(host.call(2, "redact", "{\"text\":\"BLUEBIRD: bluebird@x.de \\ud83d\\ude00\"}")))
        .isEqualTo(
            "{\"text\":\"█\\\": █\\\" 😀\",\"found\":{\"emails\":1,\"cards\":0,\"code_names\":1}}");
    assertThat(text(host.call(3, "count", "{\"text\":\"bluebird bluebird\"}")))
        .isEqualTo("{\"emails\":0,\"cards\":0,\"code_names\":2}");
    host.send(FrameType.EXIT, 0, new byte[0]);
    assertThat(host.log()).containsExactly("2Masks addresses and card numbers, and a code name");
    assertThat(host.printed()).doesNotContainIgnoringCase("bluebird");
    assertThat(accepted(built(Project.RUST_EXAMPLE)).text()).contains("\"x-secret\": true");
  }

  @Test
  void redactTakesNothingButAnObjectWithAText() throws Exception {
    loaded(Project.RUST_EXAMPLE, "{}");
    List<String> inputs =
        List.of(
            "",
            "text",
            "[]",
            "{}",
            "{\"text\": 1}",
            "{\"text\": \"a\"",
            "{\"text\": \"a\"} more",
            "{\"text\": \"\\ud800\"}",
            "{\"text\": \"\\x\"}",
            "{\"text\": \"a\", \"b\": 01}");

    for (String input : inputs) {
      Failure failure = failure(host.call(2, "redact", input));
      assertThat(failure.code()).as(input).isEqualTo(Failure.BAD_INPUT);
      assertThat(why(failure)).as(input).startsWith("The input must ");
    }
    assertThat(text(host.call(3, "count", "{\"b\":[-1.5e3,{\"c\":null}],\"text\":\"\"}")))
        .isEqualTo("{\"emails\":0,\"cards\":0,\"code_names\":0}");
  }

  @Test
  void redactStandsDeepAndLongAndBrokenInputs() throws Exception {
    loaded(Project.RUST_EXAMPLE, "{}");

    assertThat(failure(host.call(2, "redact", "{\"a\":" + "[".repeat(1_000_000))).code())
        .isEqualTo(Failure.BAD_INPUT);
    Failure tooLong =
        failure(host.call(3, "redact", "{\"text\":\"" + "a".repeat(2_000_000) + "\"}"));
    assertThat(tooLong.code()).isEqualTo(Failure.APPLICATION);
    assertThat(why(tooLong)).startsWith("{\"code\":\"too_long\",").endsWith("\"retryable\":false}");
    byte[] broken = {'{', '"', (byte) 0xff, '"', ':', '1', '}'};
    assertThat(
            failure(host.exchange(FrameType.CALL, 4, new CallRequest("redact", broken).toPayload()))
                .code())
        .isEqualTo(Failure.BAD_INPUT);
    String many = "{\"text\":\"" + "a@b.de 1 ".repeat(100_000) + "\"}";
    assertThat(text(host.call(5, "count", many))).contains("\"emails\":100000");
  }

  @Test
  void redactTakesSeveralCallsAtOnce() throws Exception {
    loaded(Project.RUST_EXAMPLE, "{}");
    TreeSet<Long> ids = new TreeSet<>();
    for (long id = 2; id < 42; id++) {
      host.sendCall(id, "redact", "{\"text\":\"" + "x@y.de ".repeat(1000) + "\"}");
    }
    for (int i = 2; i < 42; i++) {
      Frame frame = host.receive();
      assertThat(text(frame)).contains("\"emails\":1000");
      ids.add(frame.id());
    }

    assertThat(ids).hasSize(40);
  }

  @Test
  void csvToolsMakesJsonOfCsvAndBack() throws Exception {
    loaded(Project.GO_EXAMPLE, "{\"delimiter\": \";\"}");

    assertThat(text(host.call(2, "to_json", "{\"csv\":\"name;age\\nZoë;\\\"4;2\\\"\\n\"}")))
        .isEqualTo(
            "{\"columns\":[\"name\",\"age\"],\"rows\":[{\"age\":\"4;2\",\"name\":\"Zoë\"}]}");
    String rows = "[{\"a\":\"x;y\",\"b\":1.50},{\"b\":null},{\"a\":[true]}]";
    assertThat(text(host.call(3, "to_csv", "{\"columns\":[\"a\",\"b\"],\"rows\":" + rows + "}")))
        .isEqualTo("{\"csv\":\"a;b\\n\\\"x;y\\\";1.50\\n;\\n[true];\\n\"}");
    assertThat(host.log()).containsExactly("2The delimiter is ';'");
  }

  @Test
  void csvToolsSaysWhatIsWrong() throws Exception {
    loaded(Project.GO_EXAMPLE, "{}");

    List<Integer> codes = new ArrayList<>();
    for (String bad : List.of("", "{}", "{\"csv\":1}", "{\"csv\":\"\"}", "{\"csv\":\"a,b\\n1\"}")) {
      codes.add(failure(host.call(2, "to_json", bad)).code());
    }
    assertThat(codes).containsExactly(3, 3, 3, 1, 1);
    assertThat(why(failure(host.call(3, "to_json", "{\"csv\":\"a,b\\n1\"}"))))
        .startsWith("{\"code\":\"malformed\",\"message\":\"record on line 2");
    String big = "a,b\\n" + "1,2\\n".repeat(100_000);
    assertThat(text(host.call(4, "to_json", "{\"csv\":\"" + big + "\"}")))
        .hasSizeGreaterThan(1_800_000);
  }

  @ParameterizedTest
  @CsvSource({
    "GO_EXAMPLE, {\"delimiter\": \"ab\"}, the delimiter must be one character",
    "RUST_EXAMPLE, {\"mask\": }, The configuration: There is a '}' at 9",
  })
  void saysWhatIsWrongWithTheConfiguration(String name, String config, String why)
      throws Exception {
    Failure failure = failure(loading(built(Project.valueOf(name)), config));

    assertThat(failure.code()).isEqualTo(Failure.LOAD_FAILED);
    assertThat(why(failure)).startsWith(why);
  }
}
