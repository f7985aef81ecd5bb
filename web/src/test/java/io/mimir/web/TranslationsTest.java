package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.MessageFormat;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.ResourceBundle;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What English has, German has as well, and a person who reads German reads no English. */
class TranslationsTest {

  private static final Path FOLDER = Path.of("src/main/resources/io/mimir/web");
  private static final Pattern ARGUMENT = Pattern.compile("\\{(\\d)");

  /** The texts that these begin are filled in by scripts. */
  private static final Set<String> OF_SCRIPTS = Set.of("chat.", "plugin.");

  /** Names, units, patterns, and words that both languages have. A new one needs a reason. */
  private static final Set<String> THE_SAME_IN_BOTH =
      Set.of(
          "apihelp.name",
          "apihelp.nav",
          "apihelp.status",
          "apihelp.title",
          "chat.provider.anthropic",
          "chat.provider.ollama",
          "chat.provider.openai",
          "chat.provider.pipeline",
          "keys.latency",
          "keys.name",
          "keys.status",
          "keys.test.fails",
          "nav.chat",
          "nav.pipelines",
          "optional",
          "pipeline.field.name",
          "pipeline.field.prompt",
          "pipeline.field.step",
          "pipelines.title",
          "plugin.check.format",
          "plugin.check.manifest",
          "plugin.check.name",
          "plugin.check.stack",
          "plugin.check.version",
          "plugin.fact.name",
          "plugin.fact.sha256",
          "plugin.fact.version",
          "plugin.optional",
          "plugins.log",
          "plugins.name",
          "plugins.state",
          "plugins.title",
          "plugins.version",
          "product",
          "role.admin",
          "run.span.hours",
          "run.span.minutes",
          "run.span.seconds",
          "time.utc",
          "usage.about",
          "usage.column.client",
          "usage.group.client",
          "usage.group.token",
          "usage.ms",
          "usage.number",
          "usage.second.by",
          "usage.tokens",
          "usage.unknown");

  private final Map<Locale, Properties> bundles =
      Map.of(
          Locale.ENGLISH,
          read("messages.properties"),
          Locale.GERMAN,
          read("messages_de.properties"));

  private Locale usual;

  @BeforeEach
  void onAServerThatSpeaksGerman() {
    usual = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
  }

  @AfterEach
  void asItWas() {
    Locale.setDefault(usual);
    Languages.speak(null);
  }

  @Test
  void bothHaveTheSameKeys() {
    assertThat(german().stringPropertyNames())
        .containsExactlyInAnyOrderElementsOf(english().stringPropertyNames());
  }

  @Test
  void bothTakeTheSameArguments() {
    for (String key : english().stringPropertyNames()) {
      assertThat(arguments(german(), key)).as(key).isEqualTo(arguments(english(), key));
    }
  }

  @Test
  void eachPatternCanBeFilledIn() {
    bundles.forEach(
        (language, texts) -> {
          for (String key : texts.stringPropertyNames()) {
            if (OF_SCRIPTS.stream().noneMatch(key::startsWith)
                && !arguments(texts, key).isEmpty()) {
              for (int number : new int[] {0, 1, 2, 1_234_567}) {
                Object[] values = {number, number, number};
                String text = new MessageFormat(texts.getProperty(key), language).format(values);
                assertThat(text)
                    .as(key + " " + language)
                    .isNotBlank()
                    .doesNotContain("{", "#", "|");
              }
            }
          }
        });
  }

  @Test
  void eachFormatOfATimeIsOne() {
    ZonedDateTime time = ZonedDateTime.of(2026, 3, 4, 5, 6, 7, 0, ZoneOffset.UTC);
    bundles.forEach(
        (language, texts) ->
            texts.stringPropertyNames().stream()
                .filter(key -> key.startsWith("format."))
                .forEach(
                    key ->
                        assertThat(
                                DateTimeFormatter.ofPattern(texts.getProperty(key), language)
                                    .format(time))
                            .as(key)
                            .contains("4", language == Locale.GERMAN ? "März" : "Mar")));
  }

  @Test
  void onlyWhatIsTheSameWordInBothIsTheSameText() {
    Set<String> same = new TreeSet<>();
    for (String key : english().stringPropertyNames()) {
      if (english().getProperty(key).equals(german().getProperty(key))) {
        same.add(key);
      }
    }
    assertThat(same).containsExactlyInAnyOrderElementsOf(THE_SAME_IN_BOTH);
  }

  /** Pages that ask the library for texts must not get those of the machine. */
  @Test
  void whoReadsEnglishGetsItOnAServerThatSpeaksGerman() {
    ResourceBundle english = ResourceBundle.getBundle("io.mimir.web.messages", Locale.ENGLISH);

    assertThat(english.getString("save")).isEqualTo("Save");
    assertThat(Texts.of("save")).isEqualTo("Save");
    Languages.speak(Locale.GERMAN);
    assertThat(Texts.of("save")).isEqualTo("Speichern");
  }

  @Test
  void numbersAreWrittenAsTheLanguageWritesThem() {
    assertThat(Texts.of("usage.ms", 1234)).isEqualTo("1,234 ms");
    Languages.speak(Locale.GERMAN);
    assertThat(Texts.of("usage.ms", 1234)).isEqualTo("1.234 ms");
    assertThat(Texts.of("keys.count", 1)).isEqualTo("1 Schlüssel");
  }

  private Properties english() {
    return bundles.get(Locale.ENGLISH);
  }

  private Properties german() {
    return bundles.get(Locale.GERMAN);
  }

  private static Set<String> arguments(Properties texts, String key) {
    Set<String> arguments = new TreeSet<>();
    Matcher each = ARGUMENT.matcher(texts.getProperty(key, ""));
    while (each.find()) {
      arguments.add(each.group(1));
    }
    return arguments;
  }

  private static Properties read(String name) {
    Properties texts = new Properties();
    try (Reader reader = Files.newBufferedReader(FOLDER.resolve(name), StandardCharsets.UTF_8)) {
      texts.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return texts;
  }
}
