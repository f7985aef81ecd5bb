package io.mimir.plugin.service.builtin;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.plugin.service.PluginCallException.Kind;
import io.mimir.storage.service.DataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileOutputTest {

  @TempDir Path home;

  private DataFolder data;
  private Path folder;
  private Bench bench;

  @BeforeEach
  void open() throws IOException {
    data = DataFolder.lock(home.resolve("data")).orElseThrow();
    folder = data.file("plugin-files").resolve("file_output");
    bench = new Bench(plugin());
  }

  private FileOutput plugin() {
    FileOutput plugin = new FileOutput();
    plugin.data = data;
    return plugin;
  }

  @AfterEach
  void close() throws IOException {
    data.close();
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aTextIsWrittenWholeAndForItsOwnerOnly() throws Exception {
    assertThat(bench.call("write", "{\"name\":\"out.txt\",\"text\":\"gr\u00fc\u00df\"}").toString())
        .isEqualTo(
            "{\"name\":\"out.txt\",\"bytes\":6,\"sha256\":"
                + "\"0be03191333143d96baa686cb1084f775f1d73d7d580b35367694594f4904c48\"}");
    assertThat(folder.resolve("out.txt")).hasContent("gr\u00fc\u00df");
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("out.txt"))))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
        .isEqualTo("rwx------");
    assertThat(names()).containsExactly("out.txt");
  }

  @Test
  void bytesComeAsBase64() throws Exception {
    bench.call("write", "{\"name\":\"b\",\"base64\":\"AP8=\"}");

    assertThat(folder.resolve("b")).hasBinaryContent(new byte[] {0, (byte) 0xff});
    assertThat(bench.failure("write", "{\"name\":\"c\",\"base64\":\"!\"}").kind())
        .isEqualTo(Kind.BAD_INPUT);
    assertThat(bench.failure("write", "{\"name\":\"c\",\"base64\":\"\",\"text\":\"\"}").kind())
        .isEqualTo(Kind.BAD_INPUT);
    assertThat(bench.failure("write", "{\"name\":\"c\"}").kind()).isEqualTo(Kind.BAD_INPUT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../x",
        "a/b",
        "a\\\\b",
        "..",
        ".hidden",
        "a..b",
        "/etc/passwd",
        "x.",
        "x ",
        " x",
        "-x",
        "a\\u0000b",
        "a\\nb",
        "a:b",
        "CON",
        "nul.txt",
        "\u00fc",
        "%2e%2e"
      })
  void namesThatLeadElsewhereAreRefused(String name) throws Exception {
    assertThat(bench.failure("write", "{\"name\":\"" + name + "\",\"text\":\"x\"}").kind())
        .isEqualTo(Kind.BAD_INPUT);
    assertThat(home.resolve("data").resolve("plugin-files")).doesNotExist();
  }

  @Test
  void aNameHasAtMostAHundredCharacters() throws Exception {
    bench.call("write", "{\"name\":\"" + "a".repeat(100) + "\",\"text\":\"\"}");

    assertThat(names()).hasSize(1);
    assertThat(
            bench.failure("write", "{\"name\":\"" + "a".repeat(101) + "\",\"text\":\"\"}").kind())
        .isEqualTo(Kind.BAD_INPUT);
  }

  @Test
  void aFileIsReplacedOnlyWhenTheCallSaysSo() throws Exception {
    bench.call("write", "{\"name\":\"a\",\"text\":\"one\"}");

    assertThat(bench.refusal("write", "{\"name\":\"a\",\"text\":\"two\"}")).isEqualTo("exists");
    assertThat(bench.refusal("write", "{\"name\":\"a\",\"text\":\"two\",\"overwrite\":false}"))
        .isEqualTo("exists");
    assertThat(folder.resolve("a")).hasContent("one");
    bench.call("write", "{\"name\":\"a\",\"text\":\"two\",\"overwrite\":true}");
    assertThat(folder.resolve("a")).hasContent("two");
    assertThat(names()).containsExactly("a");
  }

  @Test
  void linksLeadNowhere() throws Exception {
    Path outside = Files.writeString(home.resolve("outside"), "mine");
    bench.call("write", "{\"name\":\"first\",\"text\":\"x\"}");
    Files.createSymbolicLink(folder.resolve("link"), outside);
    Files.createSymbolicLink(folder.resolve("dangling"), home.resolve("nothing"));
    Files.createDirectory(folder.resolve("sub"));

    assertThat(bench.refusal("write", "{\"name\":\"link\",\"text\":\"x\"}")).isEqualTo("exists");
    for (String name : List.of("link", "dangling", "sub")) {
      assertThat(
              bench.refusal(
                  "write", "{\"name\":\"" + name + "\",\"text\":\"x\",\"overwrite\":true}"))
          .isEqualTo("not_a_file");
    }
    assertThat(outside).hasContent("mine");
    assertThat(home.resolve("nothing")).doesNotExist();
  }

  @Test
  void aFolderThatIsALinkIsNotWrittenTo() throws Exception {
    Path elsewhere = Files.createDirectory(home.resolve("elsewhere"));
    Files.createDirectory(data.file("plugin-files"));
    Files.createSymbolicLink(folder, elsewhere);

    assertThat(bench.refusal("write", "{\"name\":\"a\",\"text\":\"x\"}")).isEqualTo("storage");
    assertThat(elsewhere).isEmptyDirectory();
  }

  @Test
  void filesHaveABoundEach() throws Exception {
    bench.configure("{\"max_bytes\":3}");

    assertThat(bench.refusal("write", "{\"name\":\"a\",\"text\":\"four\"}")).isEqualTo("too_large");
    bench.call("write", "{\"name\":\"a\",\"text\":\"thr\"}");
    assertThat(names()).containsExactly("a");
  }

  @Test
  void aFullFolderTakesNoNewFileAndStillTakesAnotherContent() throws Exception {
    bench.call("write", "{\"name\":\"a\",\"text\":\"x\"}");
    for (int i = 1; i < FileOutput.MAX_FILES; i++) {
      Files.createFile(folder.resolve("f" + i));
    }

    assertThat(bench.refusal("write", "{\"name\":\"b\",\"text\":\"x\"}")).isEqualTo("quota");
    bench.call("write", "{\"name\":\"a\",\"text\":\"y\",\"overwrite\":true}");
    assertThat(names()).hasSize(FileOutput.MAX_FILES);
  }

  @Test
  void whatAKilledServerLeftUnfinishedGoesAtTheFirstUse() throws Exception {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve(".left.part"), "half");

    bench.call("write", "{\"name\":\"a\",\"text\":\"x\"}");

    assertThat(names()).containsExactly("a");
  }
}
