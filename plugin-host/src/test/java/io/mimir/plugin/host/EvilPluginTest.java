package io.mimir.plugin.host;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mimir.plugin.kit.frame.Frame;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * T46: {@code src/test/c/evil.c} tries what a plugin has no business with, as the user of these
 * tests and as one with no rights at all. What came of it is {@code target/jail-report.md}.
 */
@TestInstance(Lifecycle.PER_CLASS)
class EvilPluginTest {

  /** All that a plugin can do besides computing. Everything else that it tries has to fail. */
  private static final Set<String> OPEN =
      Set.of(
          "work folder: write a file",
          "work folder: read it",
          "work folder: list it",
          "work folder: room within a file",
          "read the host's program",
          "read the JRE",
          "read a system library",
          "whether a file is there, its size and times",
          "random bytes",
          "a thread",
          "prctl: name of a thread",
          "memory within its limit",
          "code of its own making");

  /** What it can do besides when its manifest asks for a tree of files. */
  private static final Set<String> OPEN_IN_A_TREE =
      Set.of(
          "work folder: make a folder", "work folder: rename a file", "work folder: remove a file");

  /** How the jail says no. Any other error would mean that the attempt itself was no good. */
  private static final List<String> REFUSALS = List.of("denied EPERM", "denied EACCES");

  /** Where the answer is another. */
  private static final Map<String, String> OTHER_REFUSALS =
      Map.ofEntries(
          Map.entry("hard link to a file of the server", "denied EXDEV"),
          Map.entry("work folder: a file larger than allowed", "denied EFBIG"),
          Map.entry("inherited descriptors", "denied EBADF"),
          Map.entry("environment but LANG", "denied ENOENT"),
          Map.entry("clone3", "denied ENOSYS"),
          Map.entry("a system call that is newer than this jail", "denied ENOSYS"),
          Map.entry("10 GiB of memory", "denied ENOMEM"),
          Map.entry("1024 descriptors", "denied EMFILE"));

  /** What ends the process instead. */
  private static final List<String> DEADLY =
      List.of("kexec_load", "init_module", "delete_module", "reboot", "swapon");

  private static final int NOBODY = 65534;

  private final Map<String, Map<String, String>> report = new LinkedHashMap<>();
  private Path folder;
  private Path jars;
  private Path plugins;
  private Path secrets;
  private Path secret;

  @BeforeAll
  void prepare() throws IOException {
    assumeTrue(Machine.own().isPresent(), "There is a jail on Linux only");
    assumeTrue(Hosts.hasGcc(), "gcc is not installed");
    // Open to all users: it is the jail that has to keep the plugin out.
    folder = Files.createTempDirectory("mimir-evil-test");
    open(folder);
    jars = folder.resolve("host");
    Hosts.unpack(jars);
    plugins = Files.createDirectory(folder.resolve("plugins"));
    open(plugins);
    secrets = Files.createDirectory(folder.resolve("secrets"));
    open(secrets);
    secret = Files.writeString(secrets.resolve("secret"), "secret");
    open(secret);
  }

  private static void open(Path path) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  @AfterAll
  void clear() throws IOException {
    if (folder != null) {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  @Test
  void isHeldAsTheUserOfTheServer() throws Exception {
    hold(List.of(), "server");
  }

  @Test
  void isHeldAsAnOrdinaryUser() throws Exception {
    assumeTrue(isRoot(), "Only root can become somebody else; the other test is about this user");
    assumeTrue(Hosts.has("setpriv"), "setpriv is not installed");
    hold(
        List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", "--"),
        "nobody");
  }

  private static boolean isRoot() throws IOException {
    return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
  }

  private void hold(List<String> asUser, String user) throws Exception {
    // A process of the same user stands for the server: as another's, it would be safe without any
    // jail.
    Process victim = new ProcessBuilder(concat(asUser, List.of("sleep", "600"))).start();
    try {
      Path work = Files.createDirectory(folder.resolve("work-" + user));
      open(work);
      Path evil = compile(victim.pid(), user);
      attempt(asUser, user, work, evil, false);
      attempt(asUser, user + " with a tree", work, evil, true);
      for (String deed : deadly()) {
        assertThat(endsThroughout(asUser, work, evil, deed)).as(deed + " ends it").isTrue();
        report.computeIfAbsent(deed, any -> new TreeMap<>()).put(user, "ends the process");
      }
      assertThat(victim.isAlive()).as("the victim lives").isTrue();
      assertThat(secret).hasContent("secret");
    } finally {
      victim.destroyForcibly();
      writeReport();
    }
  }

  private static List<String> deadly() {
    return System.getProperty("os.arch").equals("aarch64")
        ? DEADLY
        : concat(DEADLY, List.of("x32", "i386"));
  }

  private Path compile(long victim, String user) throws Exception {
    Path library = plugins.resolve("evil-" + user + ".so");
    Hosts.compile(
        Path.of("src", "test", "c", "evil.c"),
        library,
        "-DVICTIM=" + victim,
        define("SECRET", secret),
        define("SECRET_FOLDER", secrets),
        define("PLUGIN", library),
        define("HOST_JAR", jars.resolve("mimir-plugin-host.jar")),
        define("JAVA_HOME", Path.of(System.getProperty("java.home"))),
        define("LIBRARY", libraryOfC()));
    open(library);
    return library;
  }

  private static String define(String name, Path value) {
    return "-D" + name + "=\"" + value + "\"";
  }

  private static Path libraryOfC() throws IOException {
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      return maps.filter(line -> line.contains("libc"))
          .map(line -> Path.of(line.substring(line.indexOf('/'))))
          .findFirst()
          .orElseThrow();
    }
  }

  private void attempt(List<String> asUser, String user, Path work, Path evil, boolean tree)
      throws Exception {
    try (RunningHost host = start(asUser, work, tree).with(evil)) {
      Map<String, String> constructor = outcomes(host.call(2, "constructor", ""));
      Map<String, String> action = outcomes(host.call(3, "action", ""));
      keep(user + ", constructor", constructor);
      keep(user + ", action", action);
      assertThat(constructor).hasSizeGreaterThan(100);
      assertThat(faults(constructor, tree)).as("the constructor as " + user).isEmpty();
      assertThat(faults(action, tree)).as("the action as " + user).isEmpty();
      assertThat(action.keySet()).isEqualTo(constructor.keySet()).containsAll(OPEN);
      assertThat(action.keySet()).containsAll(OPEN_IN_A_TREE);
      assertThat(action.keySet()).containsAll(OTHER_REFUSALS.keySet());
    }
  }

  /** What did not come out as it has to. */
  private static List<String> faults(Map<String, String> outcomes, boolean tree) {
    return outcomes.entrySet().stream()
        .filter(each -> !isAsItHasToBe(each.getKey(), each.getValue(), tree))
        .map(Map.Entry::toString)
        .toList();
  }

  private static boolean isAsItHasToBe(String attempt, String outcome, boolean tree) {
    if (OPEN.contains(attempt) || (tree && OPEN_IN_A_TREE.contains(attempt))) {
      return outcome.equals("open");
    }
    String other = OTHER_REFUSALS.get(attempt);
    return other == null ? REFUSALS.contains(outcome) : outcome.equals(other);
  }

  private static Map<String, String> outcomes(Frame frame) {
    Map<String, String> outcomes = new LinkedHashMap<>();
    for (String line : RunningHost.text(frame).split("\n")) {
      String[] parts = line.split("\t");
      assertThat(outcomes.put(parts[0], parts[1])).as(line).isNull();
    }
    return outcomes;
  }

  private boolean endsThroughout(List<String> asUser, Path work, Path evil, String deed)
      throws Exception {
    try (RunningHost host = start(asUser, work, false).with(evil)) {
      host.sendCall(2, deed, "");
      return Frame.read(host.process().getInputStream()) == null && host.ends();
    }
  }

  /** With a descriptor of the secret left open, as a careless server would. */
  private RunningHost start(List<String> asUser, Path work, boolean tree) throws IOException {
    List<String> leaking = List.of("sh", "-c", "exec 9<>\"$0\"; exec \"$@\"", secret.toString());
    List<String> host = Hosts.command(jars, work, 64, tree).arguments();
    ProcessBuilder builder = new ProcessBuilder(concat(leaking, concat(asUser, host)));
    builder.directory(work.toFile());
    builder.environment().put("MIMIR_ENCRYPTION_KEY", "secret");
    return new RunningHost(builder.start());
  }

  private static <T> List<T> concat(Collection<T> first, Collection<T> second) {
    List<T> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  private void keep(String column, Map<String, String> outcomes) {
    outcomes.forEach(
        (attempt, outcome) ->
            report.computeIfAbsent(attempt, any -> new TreeMap<>()).put(column, outcome));
  }

  private void writeReport() throws IOException {
    List<String> columns =
        report.values().stream().flatMap(row -> row.keySet().stream()).distinct().sorted().toList();
    columns = columns.stream().filter(column -> column.contains(",")).toList();
    List<String> lines = new ArrayList<>();
    lines.add("| attempt | " + String.join(" | ", columns) + " |");
    lines.add("|---".repeat(columns.size() + 1) + "|");
    for (Map.Entry<String, Map<String, String>> row : report.entrySet()) {
      Map<String, String> outcomes = row.getValue();
      lines.add(
          columns.stream()
              .map(column -> outcome(outcomes, column))
              .collect(joining(" | ", "| " + row.getKey() + " | ", " |")));
    }
    Files.write(Path.of("target", "jail-report.md"), lines);
  }

  /** What ends the process is told of the user, not of constructor and action. */
  private static String outcome(Map<String, String> outcomes, String column) {
    String user = column.substring(0, column.indexOf(','));
    return outcomes.getOrDefault(column, outcomes.getOrDefault(user, ""));
  }
}
