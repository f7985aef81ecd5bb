package io.mimir.plugin.kit.inspect;

import static io.mimir.plugin.kit.fixture.Compiled.functions;
import static io.mimir.plugin.kit.fixture.Compiled.library;
import static io.mimir.plugin.kit.fixture.Compiled.source;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.kit.fixture.Compiled;
import io.mimir.plugin.kit.fixture.Manifests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the compiler and the linker of this machine make. */
class CompiledLibraryTest {

  @TempDir Path folder;

  @BeforeAll
  static void onLinux() {
    assumeTrue(Platform.current().os().equals("linux"), "The libraries are for Linux");
  }

  private static Inspection inspect(Path file) throws IOException {
    Inspection whole = new Inspector().inspect(Files.readAllBytes(file));
    assertThat(new Inspector().inspect(file)).isEqualTo(whole);
    return whole;
  }

  private void refuses(RefusalReason reason, String check, Path file) throws IOException {
    assertThat(inspect(file).failures())
        .extracting(Check::check, Check::reason)
        .containsExactly(tuple(check, reason));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-Wl,--hash-style=gnu",
        "-Wl,--hash-style=sysv",
        "-Wl,--hash-style=both",
        "-O2",
        "-s",
        "-Wl,-z,noseparate-code",
        "-Wl,-z,now",
        "-lm",
        "-Wl,-z,relro"
      })
  void aPluginPasses(String option) throws Exception {
    Inspection inspection = inspect(library(folder, source(Manifests.SMALL), option));

    assertThat(inspection.failures()).isEmpty();
    assertThat(inspection.passed()).isTrue();
    assertThat(inspection.kind()).isEqualTo(FileKind.ELF);
    assertThat(inspection.platform()).contains(Platform.current());
    assertThat(inspection.manifest().orElseThrow().text()).isEqualTo(Manifests.SMALL);
  }

  @Test
  void aPluginWithVersionsOfItsSymbolsPasses() throws Exception {
    Path script =
        Files.writeString(folder.resolve("map"), "ACME_1 { global: mimir_*; local: *; };");

    assertThat(
            inspect(library(folder, source(Manifests.SMALL), "-Wl,--version-script=" + script))
                .failures())
        .isEmpty();
  }

  @Test
  void aManifestInWritableMemoryPasses() throws Exception {
    String source = source(Manifests.SMALL).replace("const char mimir", "char mimir");

    assertThat(inspect(library(folder, source)).passed()).isTrue();
  }

  @Test
  void itsConstructorDoesNotRun() throws Exception {
    Path canary = folder.resolve("canary");
    String constructor =
        "#include <stdio.h>\n__attribute__((constructor)) static void run(void)"
            + " { FILE *f = fopen(\"%s\", \"w\"); if (f) fclose(f); }".formatted(canary);

    assertThat(inspect(library(folder, source(Manifests.SMALL, constructor))).passed()).isTrue();
    assertThat(canary).doesNotExist();
  }

  @Test
  void aProgramIsRefused() throws Exception {
    Path program = Compiled.build(folder, source(Manifests.SMALL, "int main() {}"), "-rdynamic");

    refuses(RefusalReason.NOT_A_LIBRARY, "type", program);
  }

  @Test
  void aStaticProgramAndAnObjectFileAreRefused() throws Exception {
    Path object = Compiled.build(folder, source(Manifests.SMALL), "-c");
    Path program =
        Compiled.build(folder, "void _start(void) {}", "-nostdlib", "-static", "-no-pie");

    assertThat(inspect(object).reason()).contains(RefusalReason.NOT_A_LIBRARY);
    assertThat(inspect(program).reason()).contains(RefusalReason.NOT_A_LIBRARY);
  }

  @Test
  void anExecutableStackIsRefused() throws Exception {
    refuses(
        RefusalReason.NOT_A_LIBRARY,
        "stack",
        library(folder, source(Manifests.SMALL), "-Wl,-z,execstack"));
  }

  @Test
  void aSearchPathIsRefused() throws Exception {
    for (String tags : new String[] {"enable", "disable"}) {
      refuses(
          RefusalReason.NOT_A_LIBRARY,
          "search_path",
          library(
              folder, source(Manifests.SMALL), "-Wl,-rpath,/tmp", "-Wl,--" + tags + "-new-dtags"));
    }
  }

  @Test
  void libraryThatMustNotBeOpenedIsRefused() throws Exception {
    refuses(
        RefusalReason.NOT_A_LIBRARY,
        "type",
        library(folder, source(Manifests.SMALL), "-Wl,-z,nodlopen"));
  }

  @Test
  void otherLibrariesAreRefused() throws Exception {
    Path other = library(folder, "int other(void) { return 1; }", "-Wl,-soname,libother.so.1");
    Path musl =
        library(folder, "int other(void) { return 1; }", "-Wl,-soname,libc.musl-x86_64.so.1");
    String uses = "int other(void); int use(void) { return other(); }";

    refuses(
        RefusalReason.WRONG_PLATFORM,
        "libraries",
        library(folder, source(Manifests.SMALL, uses), other.toString()));
    Path file = library(folder, source(Manifests.SMALL, uses), musl.toString());
    refuses(RefusalReason.WRONG_PLATFORM, "libraries", file);
    assertThat(inspect(file).failures().get(0).message()).contains("glibc", "Alpine");
  }

  @Test
  void aFilterIsRefused() throws Exception {
    refuses(
        RefusalReason.NOT_A_LIBRARY,
        "libraries",
        library(folder, source(Manifests.SMALL), "-Wl,-f,libevil.so"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"abi_version", "open", "call", "free", "close"})
  void eachMissingFunctionIsNamed(String name) throws Exception {
    String source = source(Manifests.SMALL).replace("mimir_plugin_" + name + "(", "other(");
    Path file = library(folder, source);

    refuses(RefusalReason.MISSING_EXPORT, "exports", file);
    assertThat(inspect(file).failures().get(0).message()).contains("mimir_plugin_" + name + ":");
  }

  @Test
  void hiddenAndUndefinedFunctionsAreMissing() throws Exception {
    String declared =
        source(Manifests.SMALL, "void use(void) { mimir_plugin_free(0, 0); }")
            .replace("free(uint8_t *p, size_t n) {}", "free(uint8_t *p, size_t n);");
    String hidden =
        source(Manifests.SMALL)
            .replace("\nint32_t mimir", "\n__attribute__((visibility(\"hidden\"))) int32_t mimir");

    refuses(RefusalReason.MISSING_EXPORT, "exports", library(folder, declared));
    refuses(RefusalReason.MISSING_EXPORT, "exports", library(folder, hidden));
  }

  @Test
  void dataInPlaceOfAFunctionIsRefused() throws Exception {
    String data =
        source(Manifests.SMALL, "const int mimir_plugin_close = 1;")
            .replace("void mimir_plugin_close(void *i) {}", "");
    String indirect =
        source(
                Manifests.SMALL,
                "static void real(void *i) {}",
                "static void *pick(void) { return real; }",
                "void mimir_plugin_close(void *i) __attribute__((ifunc(\"pick\")));")
            .replace("void mimir_plugin_close(void *i) {}", "");

    refuses(RefusalReason.MISSING_EXPORT, "exports", library(folder, data));
    refuses(RefusalReason.MISSING_EXPORT, "exports", library(folder, indirect));
  }

  @Test
  void manifestsThatAreNoneAreRefused() throws Exception {
    String pointer = functions("const char *mimir_plugin_manifest = \"{}\";");
    String function = functions("void mimir_plugin_manifest(void) {}");
    String endless =
        functions("const char mimir_plugin_manifest[] = {'{', '}'};", "const char more[] = \"x\";");
    String large = functions("const char mimir_plugin_manifest[70000] = {[0 ... 69998] = ' '};");

    for (String source : new String[] {functions(), pointer, function, endless, large}) {
      refuses(RefusalReason.BAD_MANIFEST, "manifest", library(folder, source));
    }
    assertThat(inspect(library(folder, pointer)).failures().get(0).message()).contains("array");
  }

  @Test
  void abiAndPermissionsAreChecked() throws Exception {
    refuses(
        RefusalReason.ABI_UNSUPPORTED,
        "abi",
        library(folder, source(Manifests.with("\"abi\": 1", "\"abi\": 2"))));
    refuses(
        RefusalReason.PERMISSION_UNSUPPORTED,
        "permissions",
        library(folder, source(Manifests.with("\"work_folder\"", "\"network\""))));
  }

  @Test
  void aGoPluginIsToldHowToBeRebuilt() throws Exception {
    Path file =
        library(
            folder,
            "int a __asm__(\"go.link.pkghashbytes.main\") = 1; int b __asm__(\"main.Run\") = 2;");

    refuses(RefusalReason.GO_BUILDMODE_PLUGIN, "exports", file);
    assertThat(inspect(file).failures().get(0).message()).contains("-buildmode=c-shared");
  }

  @Test
  void anotherMachineIsRefusedByNameAndItsManifestShown() throws Exception {
    byte[] file = Files.readAllBytes(library(folder, source(Manifests.SMALL)));
    file[18] = (byte) Elf.MACHINE_AARCH64;
    Inspection inspection = new Inspector(Platform.LINUX_X86_64, file.length).inspect(file);

    assertThat(inspection.reason()).contains(RefusalReason.WRONG_PLATFORM);
    assertThat(inspection.failures().get(0).message()).contains("aarch64", "x86_64");
    assertThat(inspection.manifest()).isPresent();
  }

  @Test
  void whatIsCutOffIsRefused() throws Exception {
    byte[] file = Files.readAllBytes(library(folder, source(Manifests.SMALL)));
    for (int length = 0; length < 4096; length += 64) {
      assertThat(new Inspector().inspect(Arrays.copyOf(file, length)).passed()).isFalse();
    }
  }

  @Test
  void aLinkIsNotFollowed() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link.so"), folder.resolve("missing.so"));
    Path file = library(folder, source(Manifests.SMALL));
    Path other = Files.createSymbolicLink(folder.resolve("other.so"), file);

    for (Path each : new Path[] {link, other}) {
      assertThatThrownBy(() -> new Inspector().inspect(each)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aFileThatIsTooLargeIsRefused() throws Exception {
    Path file = library(folder, source(Manifests.SMALL));

    assertThat(new Inspector(Platform.current(), 1000).inspect(file).reason())
        .contains(RefusalReason.TOO_LARGE);
  }
}
