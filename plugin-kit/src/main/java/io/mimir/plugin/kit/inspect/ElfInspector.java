package io.mimir.plugin.kit.inspect;

import io.mimir.plugin.kit.PlainText;
import io.mimir.plugin.kit.RefusalReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Checks an ELF file; stops where the rest cannot be read. */
final class ElfInspector {

  private static final int ABI_SYSTEM_V = 0;
  private static final int ABI_LINUX = 3;

  /** What every machine with glibc has, and a plugin may build upon. */
  private static final Pattern ALLOWED =
      Pattern.compile(
          "libc\\.so\\.6|libm\\.so\\.6|libpthread\\.so\\.0|libdl\\.so\\.2|libgcc_s\\.so\\.1"
              + "|libstdc\\+\\+\\.so\\.6|ld-linux(-[a-z0-9-]+)?\\.so\\.[0-9]");

  /** The C libraries that are not glibc: musl's names, and the bare one of musl and Android. */
  private static final Pattern OTHER_LIBC = Pattern.compile("libc\\.musl-.*|ld-musl-.*|libc\\.so");

  /** What Go's linker exports from -buildmode=plugin only; the colon since Go 1.20. */
  private static final List<String> GO_PLUGIN =
      List.of("go.link.pkghash", "go:link.pkghash", "go.plugin.tabs", "go:plugin.tabs");

  private final Image image;
  private final Platform here;
  private final Report report;

  ElfInspector(Image image, Platform here, Report report) {
    this.image = image;
    this.here = here;
    this.report = report;
  }

  void inspect() throws MalformedException {
    Elf elf = Elf.read(image);
    Platform platform = new Platform(osOf(elf), archOf(elf));
    report.platform(platform);
    report.passed(
        "format",
        "ELF, "
            + (elf.isWide() ? "64" : "32")
            + " bits, "
            + (elf.isLittleEndian() ? "little" : "big")
            + "-endian");
    report.check(
        "platform",
        platform.equals(here),
        RefusalReason.WRONG_PLATFORM,
        "Built for " + platform,
        "Built for " + platform + "; this server is " + here);
    checkSegments(elf);
    ElfDynamic dynamic = elf.dynamic();
    checkType(elf, dynamic);
    report.check(
        "relocations",
        !dynamic.hasTextRelocations(),
        RefusalReason.NOT_A_LIBRARY,
        "Code stays as it is in the file",
        "Code has to be changed while it is loaded (TEXTREL): compile with -fPIC");
    report.check(
        "search_path",
        !dynamic.hasSearchPath(),
        RefusalReason.NOT_A_LIBRARY,
        "No RPATH and no RUNPATH",
        "It says where to look for libraries (RPATH or RUNPATH): link without -rpath");
    checkLibraries(dynamic);
    ElfSymbols symbols = new ElfSymbols(elf, dynamic);
    if (checkExports(elf, symbols)) {
      readManifest(elf, symbols);
    }
  }

  private static String osOf(Elf elf) {
    return switch (elf.osAbi()) {
      case ABI_SYSTEM_V, ABI_LINUX -> "linux";
      case 9 -> "freebsd";
      case 2 -> "netbsd";
      case 12 -> "openbsd";
      case 6 -> "solaris";
      default -> "system " + elf.osAbi();
    };
  }

  private static String archOf(Elf elf) throws MalformedException {
    String arch =
        switch (elf.machine()) {
          case Elf.MACHINE_X86_64 -> elf.isWide() ? "x86_64" : "x32";
          case Elf.MACHINE_AARCH64 -> elf.isWide() ? "aarch64" : "aarch64 with 32 bits";
          case Elf.MACHINE_386 -> "i386";
          case Elf.MACHINE_ARM -> "arm";
          case Elf.MACHINE_RISCV -> elf.isWide() ? "riscv64" : "riscv32";
          case 2, 18, 43 -> "sparc";
          case 8 -> "mips";
          case 20 -> "ppc";
          case 21 -> "ppc64";
          case 22 -> "s390x";
          case 258 -> "loongarch";
          default -> "machine " + elf.machine();
        };
    boolean little =
        elf.machine() == Elf.MACHINE_X86_64
            || elf.machine() == Elf.MACHINE_AARCH64
            || elf.machine() == Elf.MACHINE_386;
    return little && !elf.isLittleEndian() ? arch + " (big-endian)" : arch;
  }

  private void checkSegments(Elf elf) {
    boolean both =
        elf.segments().stream()
            .filter(segment -> segment.type() == Elf.SEGMENT_LOAD)
            .anyMatch(segment -> segment.is(Elf.FLAG_WRITE) && segment.is(Elf.FLAG_EXECUTE));
    report.check(
        "segments",
        !both,
        RefusalReason.NOT_A_LIBRARY,
        "No memory is both writable and executable",
        "A segment is both writable and executable: link without -N and without such sections");
    // The loader makes the stack executable where the header is missing.
    boolean stack =
        elf.segments().stream()
                .filter(segment -> segment.type() == Elf.SEGMENT_STACK)
                .noneMatch(segment -> segment.is(Elf.FLAG_EXECUTE))
            && elf.segment(Elf.SEGMENT_STACK).isPresent();
    report.check(
        "stack",
        stack,
        RefusalReason.NOT_A_LIBRARY,
        "The stack is not executable",
        "It asks for an executable stack: link with -z noexecstack");
  }

  private void checkType(Elf elf, ElfDynamic dynamic) {
    String other = null;
    if (elf.type() == Elf.TYPE_EXECUTABLE
        || elf.segment(Elf.SEGMENT_INTERPRETER).isPresent()
        || dynamic.isExecutable()) {
      other = "It is a program, not a shared library";
    } else if (elf.type() == Elf.TYPE_CORE) {
      other = "It is a memory dump, not a shared library";
    } else if (elf.type() != Elf.TYPE_SHARED) {
      other = "It is an object file, not a shared library";
    } else if (dynamic.refusesToBeOpened()) {
      other = "It was linked with -z nodlopen";
    }
    report.check("type", other == null, RefusalReason.NOT_A_LIBRARY, "A shared library", other);
  }

  private void checkLibraries(ElfDynamic dynamic) throws MalformedException {
    List<String> needed = dynamic.needed();
    List<String> helpers = dynamic.helpers();
    List<String> foreign =
        needed.stream().filter(name -> !ALLOWED.matcher(name).matches()).toList();
    if (foreign.stream().anyMatch(name -> OTHER_LIBC.matcher(name).matches())) {
      report.failed(
          "libraries",
          RefusalReason.WRONG_PLATFORM,
          "Built against another C library than glibc ("
              + list(foreign)
              + "; Alpine has musl): build it on a system with glibc, such as Debian");
    } else if (!foreign.isEmpty()) {
      report.failed(
          "libraries",
          RefusalReason.WRONG_PLATFORM,
          "Needs " + list(foreign) + ", which the server does not offer: link them statically");
    } else if (!helpers.isEmpty()) {
      report.failed(
          "libraries",
          RefusalReason.NOT_A_LIBRARY,
          "Has " + list(helpers) + " loaded as a filter or auditor: link without them");
    } else {
      report.passed("libraries", needed.isEmpty() ? "Needs no libraries" : "Needs " + list(needed));
    }
  }

  private static String list(List<String> names) {
    return names.stream().limit(8).map(PlainText::quoted).collect(Collectors.joining(", "))
        + (names.size() > 8 ? " and more" : "");
  }

  /** Answers whether it is worth while to look for a manifest. */
  private boolean checkExports(Elf elf, ElfSymbols symbols) throws MalformedException {
    List<String> missing = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    for (String name : Abi.FUNCTIONS) {
      Optional<ElfSymbol> symbol = symbols.symbol(name);
      if (symbol.isEmpty()) {
        missing.add(name);
      } else if (!isFunction(elf, symbol.get())) {
        wrong.add(name);
      }
    }
    for (String name : Abi.OPTIONAL_FUNCTIONS) {
      if (symbols.symbol(name).filter(symbol -> !isFunction(elf, symbol)).isPresent()) {
        wrong.add(name);
      }
    }
    if (missing.size() == Abi.FUNCTIONS.size() && symbols.hasSymbolBeginning(GO_PLUGIN)) {
      report.failed(
          "exports",
          RefusalReason.GO_BUILDMODE_PLUGIN,
          "Built with go build -buildmode=plugin: rebuild with -buildmode=c-shared, and //export"
              + " the functions of sdk/mimir_plugin.h");
      return false;
    }
    report.exports(missing, wrong);
    return true;
  }

  private static boolean isFunction(Elf elf, ElfSymbol symbol) {
    return symbol.type() == ElfSymbol.TYPE_FUNCTION
        && elf.loaded(symbol.address()).filter(segment -> segment.is(Elf.FLAG_EXECUTE)).isPresent();
  }

  private void readManifest(Elf elf, ElfSymbols symbols) throws MalformedException {
    Optional<ElfSymbol> symbol = symbols.symbol(Abi.MANIFEST);
    if (symbol.isEmpty()) {
      report.manifestMissing();
    } else if (symbol.get().type() != ElfSymbol.TYPE_OBJECT) {
      report.failed("manifest", RefusalReason.BAD_MANIFEST, Abi.MANIFEST + " is not data");
    } else {
      report.manifest(elf.untilNul(symbol.get(), Abi.MAX_MANIFEST), symbol.get().size());
    }
  }
}
