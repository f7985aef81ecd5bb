package io.mimir.plugin.kit.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.kit.fixture.ElfBuilder;
import io.mimir.plugin.kit.fixture.Manifests;
import io.mimir.plugin.kit.fixture.PeBuilder;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Files written byte by byte: what is refused, with which reason, whatever this machine is. */
class BuiltLibraryTest {

  private static final String OPEN = "mimir_plugin_open";
  private static final String MANIFEST = "mimir_plugin_manifest";

  private static Inspection onLinux(byte[] file) {
    return new Inspector(Platform.LINUX_X86_64, Inspector.MAX_BYTES).inspect(file);
  }

  private static Inspection onWindows(byte[] file) {
    return new Inspector(Platform.WINDOWS_X86_64, Inspector.MAX_BYTES).inspect(file);
  }

  private static ElfBuilder elf() {
    return new ElfBuilder();
  }

  private static PeBuilder pe() {
    return new PeBuilder();
  }

  @Test
  void bothHashTablesAreUnderstood() {
    assertThat(onLinux(elf().build()).failures()).isEmpty();
    assertThat(onLinux(elf().withSysvHash().build()).failures()).isEmpty();
    assertThat(onLinux(elf().build()).manifest().orElseThrow().name()).isEqualTo("acme-echo");
  }

  @Test
  void aDllPassesOnWindowsOnly() {
    byte[] file = pe().build();

    assertThat(onWindows(file).failures()).isEmpty();
    assertThat(onLinux(file).failures())
        .extracting(Check::check, Check::reason)
        .containsExactly(tuple("platform", RefusalReason.WRONG_PLATFORM));
    assertThat(onLinux(file).manifest().orElseThrow().text()).isEqualTo(Manifests.SMALL);
    assertThat(onWindows(elf().build()).reason()).contains(RefusalReason.WRONG_PLATFORM);
  }

  @ParameterizedTest
  @CsvSource({
    "true, LITTLE_ENDIAN, 183, aarch64",
    "true, BIG_ENDIAN, 62, x86_64 (big-endian)",
    "false, LITTLE_ENDIAN, 3, i386",
    "false, LITTLE_ENDIAN, 62, x32",
    "false, BIG_ENDIAN, 8, mips",
    "true, BIG_ENDIAN, 22, s390x",
    "true, LITTLE_ENDIAN, 243, riscv64",
    "true, LITTLE_ENDIAN, 9999, machine 9999"
  })
  void otherMachinesAreNamedAndTheirManifestIsShown(
      boolean wide, String order, int machine, String name) {
    ByteOrder bytes = order.startsWith("L") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    Inspection inspection = onLinux(elf().of(wide, bytes, machine).build());

    assertThat(inspection.failures()).extracting(Check::check).containsExactly("platform");
    assertThat(inspection.reason()).contains(RefusalReason.WRONG_PLATFORM);
    assertThat(inspection.platform().orElseThrow().arch()).isEqualTo(name);
    assertThat(inspection.manifest()).isPresent();
  }

  static Stream<Arguments> refusedElf() {
    return Stream.of(
        arguments("platform", RefusalReason.WRONG_PLATFORM, elf().osAbi(9)),
        arguments("type", RefusalReason.NOT_A_LIBRARY, elf().type(1)),
        arguments("type", RefusalReason.NOT_A_LIBRARY, elf().type(2)),
        arguments("type", RefusalReason.NOT_A_LIBRARY, elf().type(4)),
        arguments("type", RefusalReason.NOT_A_LIBRARY, elf().header(3, 4, 0, 16)),
        arguments("type", RefusalReason.NOT_A_LIBRARY, elf().dynamic(0x6ffffffbL, 0x08000000L)),
        arguments("type", RefusalReason.NOT_A_LIBRARY, elf().dynamic(0x6ffffffbL, 0x40)),
        arguments("segments", RefusalReason.NOT_A_LIBRARY, elf().code(7)),
        arguments("stack", RefusalReason.NOT_A_LIBRARY, elf().stack(7)),
        arguments("stack", RefusalReason.NOT_A_LIBRARY, elf().stack(-1)),
        arguments("relocations", RefusalReason.NOT_A_LIBRARY, elf().dynamic(22, 0)),
        arguments("relocations", RefusalReason.NOT_A_LIBRARY, elf().dynamic(30, 4)),
        arguments("search_path", RefusalReason.NOT_A_LIBRARY, elf().dynamic(15, 1)),
        arguments("search_path", RefusalReason.NOT_A_LIBRARY, elf().dynamic(29, 1)),
        arguments("libraries", RefusalReason.NOT_A_LIBRARY, elf().dynamic(0x7fffffffL, 1)),
        arguments("libraries", RefusalReason.NOT_A_LIBRARY, elf().dynamic(0x7ffffffdL, 1)),
        arguments("libraries", RefusalReason.NOT_A_LIBRARY, elf().dynamic(0x6ffffefcL, 1)),
        arguments("libraries", RefusalReason.NOT_A_LIBRARY, elf().dynamic(0x6ffffefbL, 1)),
        arguments(
            "libraries", RefusalReason.WRONG_PLATFORM, elf().needs("libc.so.6", "libssl.so.3")),
        arguments("libraries", RefusalReason.WRONG_PLATFORM, elf().needs("/tmp/libc.so.6")),
        arguments("libraries", RefusalReason.WRONG_PLATFORM, elf().needs("libc.so.6\n")),
        arguments("libraries", RefusalReason.WRONG_PLATFORM, elf().needs("libc.so")),
        arguments("libraries", RefusalReason.WRONG_PLATFORM, elf().needs("libc.musl-x86_64.so.1")),
        arguments("exports", RefusalReason.MISSING_EXPORT, elf().without(OPEN)),
        arguments(
            "exports", RefusalReason.MISSING_EXPORT, elf().symbol(OPEN, 0x12, 0, 0, 0x1000, 1)),
        arguments("exports", RefusalReason.MISSING_EXPORT, elf().symbol(OPEN, 0x12, 0, 7, 0, 1)),
        arguments(
            "exports", RefusalReason.MISSING_EXPORT, elf().symbol(OPEN, 0x12, 2, 7, 0x1000, 1)),
        arguments(
            "exports", RefusalReason.MISSING_EXPORT, elf().symbol(OPEN, 0x02, 0, 7, 0x1000, 1)),
        arguments(
            "exports", RefusalReason.MISSING_EXPORT, elf().symbol(OPEN, 0x11, 0, 7, 0x1000, 1)),
        arguments(
            "exports", RefusalReason.MISSING_EXPORT, elf().symbol(OPEN, 0x1a, 0, 7, 0x1000, 1)),
        arguments(
            "exports", RefusalReason.MISSING_EXPORT, elf().symbol(OPEN, 0x12, 0, 7, 0x2000, 1)),
        arguments(
            "exports", RefusalReason.MISSING_EXPORT, elf().symbol(OPEN, 0x12, 0, 0xfff1, 9, 1)),
        arguments(
            "exports",
            RefusalReason.MISSING_EXPORT,
            elf().symbol("mimir_plugin_cancel", 0x11, 0, 8, 0x2000, 1)),
        arguments("manifest", RefusalReason.BAD_MANIFEST, elf().without(MANIFEST)),
        arguments(
            "manifest", RefusalReason.BAD_MANIFEST, elf().symbol(MANIFEST, 0x12, 0, 7, 0x1000, 1)),
        arguments("manifest", RefusalReason.BAD_MANIFEST, elf().manifest("{")),
        arguments("manifest", RefusalReason.BAD_MANIFEST, elf().manifest(new byte[] {'{', '}'})),
        arguments("manifest", RefusalReason.BAD_MANIFEST, elf().manifest(" ".repeat(65_536))),
        arguments(
            "manifest",
            RefusalReason.BAD_MANIFEST,
            elf().manifest(new byte[] {8, 7, 6, 5, 4, 3, 2, 1})),
        arguments(
            "manifest",
            RefusalReason.ABI_UNSUPPORTED,
            elf().manifest("{\"mimir_plugin\":2,\"abi\":7,\"something\":[]}")),
        arguments(
            "abi",
            RefusalReason.ABI_UNSUPPORTED,
            elf().manifest(Manifests.with("\"abi\": 1", "\"abi\": 2"))),
        arguments(
            "permissions",
            RefusalReason.PERMISSION_UNSUPPORTED,
            elf().manifest(Manifests.with("\"work_folder\"", "\"network\""))),
        arguments("structure", RefusalReason.NOT_A_LIBRARY, elf().header(1, 4, 0x2800, 0x100000)),
        arguments("structure", RefusalReason.NOT_A_LIBRARY, elf().header(2, 4, 0x2000, 16)),
        arguments("structure", RefusalReason.NOT_A_LIBRARY, elf().dynamic(11, 23)),
        arguments(
            "structure", RefusalReason.NOT_A_LIBRARY, elf().dynamic(5, 0x7000_0000_0000_0000L)),
        arguments("structure", RefusalReason.NOT_A_LIBRARY, elf().dynamic(6, 0x7000)),
        arguments("structure", RefusalReason.NOT_A_LIBRARY, elf().dynamic(0x6ffffef5L, 0x1000)));
  }

  @ParameterizedTest
  @MethodSource("refusedElf")
  void whatIsWrongWithAnElfFileIsNamed(String check, RefusalReason reason, ElfBuilder builder) {
    assertThat(onLinux(builder.build()).failures())
        .extracting(Check::check, Check::reason)
        .containsExactly(tuple(check, reason));
  }

  @ParameterizedTest
  @CsvSource({
    "go.link.pkghash.runtime",
    "go:link.pkghashbytes.main",
    "go.plugin.tabs",
    "go:plugin.tabs"
  })
  void goPluginsAreRecognised(String symbol) {
    ElfBuilder builder = elf().undefinedSymbol("puts").undefinedSymbol(symbol);
    for (String name : Abi.FUNCTIONS) {
      builder.without(name);
    }
    Inspection inspection = onLinux(builder.build());

    assertThat(inspection.failures())
        .extracting(Check::check, Check::reason)
        .containsExactly(tuple("exports", RefusalReason.GO_BUILDMODE_PLUGIN));
    assertThat(inspection.reason().orElseThrow().fix()).contains("-buildmode=c-shared");
  }

  static Stream<Arguments> refusedPe() {
    return Stream.of(
        arguments("platform", RefusalReason.WRONG_PLATFORM, pe().of(true, 0xaa64)),
        arguments("platform", RefusalReason.WRONG_PLATFORM, pe().of(false, 0x14c)),
        arguments("platform", RefusalReason.WRONG_PLATFORM, pe().of(true, 0x1234)),
        arguments("segments", RefusalReason.NOT_A_LIBRARY, pe().code(0xe0000020L)),
        arguments("stack", RefusalReason.NOT_A_LIBRARY, pe().characteristics(0x2022, 0x40)),
        arguments("type", RefusalReason.NOT_A_LIBRARY, pe().characteristics(0x0022, 0x160)),
        arguments("type", RefusalReason.NOT_A_LIBRARY, pe().managed()),
        arguments(
            "libraries", RefusalReason.WRONG_PLATFORM, pe().imports("KERNEL32.dll", "ws2_32.dll")),
        arguments("libraries", RefusalReason.WRONG_PLATFORM, pe().delayed().imports("evil.dll")),
        arguments("libraries", RefusalReason.WRONG_PLATFORM, pe().imports("..\\kernel32.dll")),
        arguments("exports", RefusalReason.MISSING_EXPORT, pe().export(OPEN, null)),
        arguments(
            "exports", RefusalReason.MISSING_EXPORT, pe().export(OPEN, PeBuilder.DATA + 0x900)),
        arguments(
            "exports", RefusalReason.MISSING_EXPORT, pe().export(OPEN, PeBuilder.DATA + 0x10)),
        arguments("manifest", RefusalReason.BAD_MANIFEST, pe().export(MANIFEST, null)),
        arguments("manifest", RefusalReason.BAD_MANIFEST, pe().manifest(new byte[0])),
        arguments("structure", RefusalReason.NOT_A_LIBRARY, pe().export(MANIFEST, 0x7fffffff)));
  }

  @ParameterizedTest
  @MethodSource("refusedPe")
  void whatIsWrongWithAPeFileIsNamed(String check, RefusalReason reason, PeBuilder builder) {
    assertThat(onWindows(builder.build()).failures())
        .extracting(Check::check, Check::reason)
        .containsExactly(tuple(check, reason));
  }

  @Test
  void theUsualLibrariesOfWindowsAreAllowed() {
    byte[] file =
        pe().imports("VCRUNTIME140.dll", "api-ms-win-crt-heap-l1-1-0.dll", "ucrtbase.DLL").build();

    assertThat(onWindows(file).failures()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'', empty",
    "'!<arch>\n', static library",
    "PK\u0003\u0004, archive",
    "#!/bin/sh, script",
    "hello, neither",
    "MZ, ends before",
    "'\u007fELF', ends before"
  })
  void otherFilesAreCalledByTheirName(String start, String message) {
    Inspection inspection = onLinux(start.getBytes(StandardCharsets.ISO_8859_1));

    assertThat(inspection.reason()).contains(RefusalReason.NOT_A_LIBRARY);
    assertThat(inspection.failures().get(0).message()).contains(message);
  }

  @Test
  void zerosThatTheLoaderWantsAreWanted() {
    for (int at = 8; at < 16; at++) {
      byte[] file = elf().build();
      file[at] = 1;

      assertThat(onLinux(file).failures()).extracting(Check::check).containsExactly("structure");
    }
  }

  @Test
  void namesFromAFileAreShownWithoutWhatHides() {
    Inspection inspection = onLinux(elf().needs("lib\u001b[2Jx.so").build());

    assertThat(inspection.failures().get(0).message()).contains("\\u{1b}").doesNotContain("\u001b");
  }
}
