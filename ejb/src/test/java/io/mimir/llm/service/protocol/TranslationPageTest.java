package io.mimir.llm.service.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.error.ProblemException;
import io.mimir.llm.StopReason;
import io.mimir.llm.WireProtocol;
import io.mimir.llm.service.protocol.FieldRules.FieldRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The tables of docs/translation.md are those of the code. {@code -Dmimir.docs=write} writes them
 * anew.
 */
class TranslationPageTest {

  private static final Pattern TABLE =
      Pattern.compile("<!-- made from the code: (\\w+) -->\\n(.*?)<!-- end -->", Pattern.DOTALL);

  private static Path page() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("docs/translation.md"))) {
      folder = folder.getParent();
    }
    return folder.resolve("docs/translation.md");
  }

  @Test
  void itsTablesAreThoseOfTheCode() throws IOException {
    String text = Files.readString(page());
    List<String> names = new ArrayList<>();
    String made =
        TABLE
            .matcher(text)
            .replaceAll(
                found -> {
                  names.add(found.group(1));
                  String table = table(found.group(1));
                  return Matcher.quoteReplacement(
                      "<!-- made from the code: "
                          + found.group(1)
                          + " -->\n"
                          + table
                          + "<!-- end -->");
                });
    if ("write".equals(System.getProperty("mimir.docs"))) {
      Files.writeString(page(), made);
    } else {
      assertThat(text).isEqualTo(made);
    }
    assertThat(names).contains("pairs", "reasons");
    assertThat(names)
        .containsAll(
            FieldRules.all().stream().map(rule -> rule.client().name()).distinct().toList());
  }

  private static String table(String name) {
    return switch (name) {
      case "pairs" -> pairs();
      case "reasons" -> reasons();
      default -> fields(WireProtocol.valueOf(name));
    };
  }

  private static String pairs() {
    StringBuilder table =
        new StringBuilder("| the client speaks | the provider speaks |\n|---|---|\n");
    for (WireProtocol client : WireProtocol.values()) {
      List<String> upstreams = new ArrayList<>();
      for (WireProtocol upstream : WireProtocol.values()) {
        if (isTranslated(client, upstream)) {
          upstreams.add(upstream.label());
        }
      }
      if (!upstreams.isEmpty()) {
        row(table, client.label(), String.join("; ", upstreams));
      }
    }
    return table.toString();
  }

  private static boolean isTranslated(WireProtocol client, WireProtocol upstream) {
    try {
      Translation.between(client, upstream);
      return true;
    } catch (ProblemException e) {
      return false;
    }
  }

  private static String reasons() {
    StringBuilder table =
        new StringBuilder(
            "| why an answer ended | chat completions | messages | Ollama |\n|---|---|---|---|\n");
    for (StopReason reason : StopReason.values()) {
      row(
          table,
          reason.name().toLowerCase(Locale.ROOT),
          "`" + reason.openAi() + "`",
          "`" + reason.anthropic() + "`",
          "`" + reason.ollama() + "`");
    }
    return table.toString();
  }

  private static String fields(WireProtocol client) {
    StringBuilder table =
        new StringBuilder("| field | to | class | what happens |\n|---|---|---|---|\n");
    for (FieldRule rule : FieldRules.all()) {
      if (rule.client() == client) {
        row(
            table,
            rule.field().replace("_", "\\_"),
            rule.to().stream().map(TranslationPageTest::shortly).collect(Collectors.joining(", ")),
            rule.kind().name().toLowerCase(Locale.ROOT),
            rule.what().replace("_", "\\_"));
      }
    }
    return table.toString();
  }

  private static String shortly(WireProtocol protocol) {
    return switch (protocol) {
      case OPENAI_CHAT -> "chat completions";
      case OPENAI_RESPONSES -> "responses";
      case ANTHROPIC_MESSAGES -> "messages";
      case OPENAI_EMBEDDINGS -> "embeddings";
      default -> protocol.label();
    };
  }

  private static void row(StringBuilder table, String... cells) {
    table.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }
}
