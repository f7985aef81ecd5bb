package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What holds for the text of the sources, of all modules. */
class SourcesTest {

  private static final Path ROOT = Path.of("..");
  private static final int MAX_LINES = 400;
  private static final Pattern THREAT = Pattern.compile("\\bT\\d{2}\\b");
  private static final Pattern ROW = Pattern.compile("^\\| (T\\d{2}) \\|", Pattern.MULTILINE);
  private static final Pattern TEST_CLASS = Pattern.compile("`(\\w+(?:Test|IT))`");

  @Test
  void noClassIsLongerThanFourHundredLines() throws IOException {
    Map<String, Long> tooLong = new TreeMap<>();
    for (Path source : sources("main")) {
      try (Stream<String> lines = Files.lines(source)) {
        long count = lines.count();
        if (count > MAX_LINES) {
          tooLong.put(source.getFileName().toString(), count);
        }
      }
    }
    assertThat(tooLong).isEmpty();
  }

  @Test
  void everyThreatThatTheCodeNamesIsInTheDocument() throws IOException {
    Set<String> described = new TreeSet<>();
    Matcher rows = ROW.matcher(Files.readString(ROOT.resolve("docs/threats.md")));
    while (rows.find()) {
      described.add(rows.group(1));
    }
    Set<String> named = new TreeSet<>();
    for (String part : Set.of("main", "test")) {
      for (Path source : sources(part)) {
        Matcher threats = THREAT.matcher(Files.readString(source));
        while (threats.find()) {
          named.add(threats.group());
        }
      }
    }
    assertThat(named).hasSizeGreaterThan(20);
    assertThat(described).containsAll(named);
  }

  @Test
  void everyTestThatTheThreatsNameIsThere() throws IOException {
    Set<String> tests = new TreeSet<>();
    for (Path source : sources("test")) {
      tests.add(source.getFileName().toString().replace(".java", ""));
    }
    Set<String> named = new TreeSet<>();
    Matcher names = TEST_CLASS.matcher(Files.readString(ROOT.resolve("docs/threats.md")));
    while (names.find()) {
      named.add(names.group(1));
    }
    assertThat(named).isNotEmpty();
    assertThat(tests).containsAll(named);
  }

  /** The Java files of all modules below {@code src/main} or {@code src/test}. */
  static Set<Path> sources(String part) throws IOException {
    Set<Path> sources = new TreeSet<>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.toList()) {
        Path folder = module.resolve("src").resolve(part).resolve("java");
        if (Files.isDirectory(folder)) {
          try (Stream<Path> files = Files.walk(folder)) {
            files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
          }
        }
      }
    }
    return sources;
  }
}
