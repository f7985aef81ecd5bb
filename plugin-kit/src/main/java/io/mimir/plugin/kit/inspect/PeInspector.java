package io.mimir.plugin.kit.inspect;

import io.mimir.plugin.kit.PlainText;
import io.mimir.plugin.kit.RefusalReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Checks a PE file; stops where the rest cannot be read. */
final class PeInspector {

  /** What every Windows has, or brings with the C run-time that plugins are built with. */
  private static final Pattern ALLOWED =
      Pattern.compile(
          "(kernel32|msvcrt|ucrtbase|vcruntime140(_1)?|api-ms-win-[a-z0-9-]+)\\.dll",
          Pattern.CASE_INSENSITIVE);

  private final Image image;
  private final Platform here;
  private final Report report;

  PeInspector(Image image, Platform here, Report report) {
    this.image = image;
    this.here = here;
    this.report = report;
  }

  void inspect() throws MalformedException {
    Pe pe = Pe.read(image);
    Platform platform = new Platform("windows", archOf(pe));
    report.platform(platform);
    report.passed("format", pe.isWide() ? "PE32+" : "PE32");
    report.check(
        "platform",
        platform.equals(here),
        RefusalReason.WRONG_PLATFORM,
        "Built for " + platform,
        "Built for " + platform + "; this server is " + here);
    report.check(
        "segments",
        pe.sections().stream().noneMatch(section -> section.isExecutable() && section.isWritable()),
        RefusalReason.NOT_A_LIBRARY,
        "No memory is both writable and executable",
        "A section is both writable and executable");
    report.check(
        "stack",
        pe.keepsDataFromBeingRun(),
        RefusalReason.NOT_A_LIBRARY,
        "Data cannot be run",
        "It does not agree to data that cannot be run: link with /NXCOMPAT or --nxcompat");
    String other =
        pe.isManaged()
            ? "It is an assembly of .NET, not a native library"
            : pe.isDll() ? null : "It is a program, not a DLL";
    report.check("type", other == null, RefusalReason.NOT_A_LIBRARY, "A DLL", other);
    checkLibraries(pe.imports());
    checkExports(pe);
    Optional<Long> manifest = pe.export(Abi.MANIFEST);
    if (manifest.isEmpty()) {
      report.manifestMissing();
    } else {
      report.manifest(pe.untilNul(manifest.get(), Abi.MAX_MANIFEST), 0);
    }
  }

  private static String archOf(Pe pe) {
    return switch (pe.machine()) {
      case Pe.MACHINE_AMD64 -> pe.isWide() ? "x86_64" : "x86_64 in PE32";
      case Pe.MACHINE_ARM64 -> "aarch64";
      case Pe.MACHINE_I386 -> "i386";
      case Pe.MACHINE_ARMNT -> "arm";
      default -> "machine " + pe.machine();
    };
  }

  private void checkLibraries(List<String> imports) {
    String foreign =
        imports.stream()
            .filter(name -> !ALLOWED.matcher(name).matches())
            .limit(8)
            .map(PlainText::quoted)
            .collect(Collectors.joining(", "));
    report.check(
        "libraries",
        foreign.isEmpty(),
        RefusalReason.WRONG_PLATFORM,
        imports.isEmpty() ? "Needs no libraries" : "Needs " + String.join(", ", imports),
        "Needs " + foreign + ", which the server does not offer: link them statically");
  }

  private void checkExports(Pe pe) throws MalformedException {
    List<String> missing = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    for (String name : Abi.FUNCTIONS) {
      Optional<Long> address = pe.export(name);
      if (address.isEmpty()) {
        missing.add(name);
      } else if (!isCode(pe, address.get())) {
        wrong.add(name);
      }
    }
    for (String name : Abi.OPTIONAL_FUNCTIONS) {
      if (pe.export(name).filter(address -> !isCode(pe, address)).isPresent()) {
        wrong.add(name);
      }
    }
    report.exports(missing, wrong);
  }

  private static boolean isCode(Pe pe, long address) {
    return pe.section(address).filter(Pe.Section::isExecutable).isPresent();
  }
}
