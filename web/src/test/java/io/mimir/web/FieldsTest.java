package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A field of a form is one tag, which ties label, input, help and error together. */
class FieldsTest {

  private static final Path PAGES = Path.of("src/main/webapp");
  private static final Pattern FIELD =
      Pattern.compile("<m:field for=\"([^\"]+)\"(.*?)</m:field>", Pattern.DOTALL);

  /** Labels that nobody sees, and those beside a box to tick. */
  private static final Pattern BY_HAND =
      Pattern.compile("<label for=\"([^\"]+)\"(?! class=\"unseen\")");

  @Test
  void eachFieldNamesTheInputThatStandsInIt() throws IOException {
    List<String> wrong = new ArrayList<>();
    int count = 0;
    for (Path page : pages()) {
      Matcher fields = FIELD.matcher(Files.readString(page));
      while (fields.find()) {
        count++;
        boolean named =
            Pattern.compile(
                    "<(?:input|select|textarea|h:\\w+)[^>]* id=\"" + fields.group(1) + "\"",
                    Pattern.DOTALL)
                .matcher(fields.group(2))
                .find();
        if (!named || fields.group(2).matches("(?s).*aria-(?:describedby|invalid|required).*")) {
          wrong.add(page + ": " + fields.group(1));
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(count).isGreaterThan(50);
  }

  /** And what a schema draws, whose ids are known at run time only. */
  @Test
  void onlyBoxesToTickHaveALabelOfTheirOwn() throws IOException {
    TreeSet<String> labels = new TreeSet<>();
    for (Path page : pages()) {
      Matcher each = BY_HAND.matcher(Files.readString(page));
      while (each.find()) {
        labels.add(each.group(1));
      }
    }
    assertThat(labels)
        .containsExactly(
            "#{field.id()}",
            "#{for}",
            "revoke_tokens",
            "role-#{role}",
            "scope-#{scope}",
            "trial",
            "trigger-signed");
  }

  private static List<Path> pages() throws IOException {
    try (Stream<Path> all = Files.walk(PAGES)) {
      return all.filter(file -> file.toString().endsWith(".xhtml")).toList();
    }
  }
}
