package io.mimir.start.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SettingsTableTest {

  @Test
  void theReadmeNamesEverySettingAndNoOther() throws IOException {
    String readme = Files.readString(Path.of("..", "README.md"));
    String table = readme.substring(readme.indexOf("## Settings"), readme.indexOf("## How it"));
    Set<String> named = new TreeSet<>();
    Pattern.compile("MIMIR_[A-Z_]*[A-Z]")
        .matcher(table)
        .results()
        .forEach(found -> named.add(found.group()));

    assertThat(named).isEqualTo(new TreeSet<>(StartConfig.KNOWN));
  }
}
