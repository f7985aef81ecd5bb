package io.mimir.plugin.kit.check;

import io.mimir.plugin.kit.PlainText;
import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.kit.inspect.Check;
import io.mimir.plugin.kit.inspect.Inspection;
import io.mimir.plugin.kit.inspect.Inspector;
import io.mimir.plugin.kit.manifest.Manifest;
import io.mimir.plugin.kit.manifest.Quota;
import io.mimir.plugin.kit.trust.AllowList;
import io.mimir.plugin.kit.trust.Candidate;
import io.mimir.plugin.kit.trust.KeyException;
import io.mimir.plugin.kit.trust.Publisher;
import io.mimir.plugin.kit.trust.PublisherKey;
import io.mimir.plugin.kit.trust.TrustStore;
import io.mimir.plugin.kit.trust.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** {@code ./mimir plugins check}: what the server would say of a file, without a server. */
public final class CheckCommand {

  static final int OK = 0;
  static final int REFUSED = 1;
  static final int USAGE = 64;
  static final int UNREADABLE = 66;

  private static final int MAX_SIGNATURE_BYTES = 64 * 1024;
  private static final int MAX_LIST_BYTES = 1024 * 1024;

  private static final String HELP =
      """
      Usage: ./mimir plugins check FILE [SIGNATURE] [--trusted FILE] [--publisher FILE]...

      Says what the server would say of a plugin, and what to do about it. Nothing of it is run.

        SIGNATURE          detached: of gpg, minisign, ssh-keygen -Y sign -n mimir-plugin, or raw Ed25519
        --trusted FILE     hashes that are trusted, as sha256sum writes them
        --publisher FILE   a public key that is trusted, as its tool prints it; more than one may be given

      Exit codes: 0 accepted, 1 refused, 64 usage, 66 a file cannot be read.
      Without --trusted and --publisher it is accepted when an administrator's trust is all that is missing.
      """;

  private final PrintStream out;
  private final PrintStream err;
  private final Inspector inspector;

  CheckCommand(PrintStream out, PrintStream err, Inspector inspector) {
    this.out = out;
    this.err = err;
    this.inspector = inspector;
  }

  public static void main(String[] arguments) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    System.exit(new CheckCommand(out, err, new Inspector()).run(List.of(arguments)));
  }

  /** What it was asked to do. */
  private record Order(Path file, Path signature, Path trusted, List<Path> publishers) {

    boolean asksForTrust() {
      return trusted != null || !publishers.isEmpty();
    }
  }

  /** Ends the command; the message says why. */
  private static final class EndException extends Exception {

    private static final long serialVersionUID = 1L;

    private final int code;

    EndException(int code, String message) {
      super(message);
      this.code = code;
    }
  }

  /** Answers the exit code. */
  int run(List<String> arguments) {
    if (arguments.contains("--help") || arguments.contains("-h")) {
      out.print(HELP);
      return OK;
    }
    try {
      return check(order(arguments));
    } catch (EndException e) {
      err.println("mimir: " + e.getMessage());
      if (e.code == USAGE) {
        err.print(HELP);
      }
      return e.code;
    }
  }

  private static Order order(List<String> arguments) throws EndException {
    List<Path> files = new ArrayList<>();
    List<Path> publishers = new ArrayList<>();
    Path trusted = null;
    boolean options = true;
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (!options || !argument.startsWith("-")) {
        files.add(path(argument));
      } else if (argument.equals("--")) {
        options = false;
      } else if (i + 1 < arguments.size() && argument.equals("--publisher")) {
        publishers.add(path(arguments.get(++i)));
      } else if (i + 1 < arguments.size() && argument.equals("--trusted") && trusted == null) {
        trusted = path(arguments.get(++i));
      } else {
        throw new EndException(USAGE, "plugins check cannot use " + PlainText.quoted(argument));
      }
    }
    if (files.isEmpty() || files.size() > 2) {
      throw new EndException(USAGE, "plugins check takes a file and at most one signature");
    }
    return new Order(files.get(0), files.size() > 1 ? files.get(1) : null, trusted, publishers);
  }

  private static Path path(String text) throws EndException {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new EndException(USAGE, PlainText.quoted(text) + " is no file name");
    }
  }

  private int check(Order order) throws EndException {
    byte[] signature =
        order.signature() == null ? null : read(order.signature(), MAX_SIGNATURE_BYTES + 1);
    TrustStore store = new TrustStore(allowList(order), publishers(order));
    Inspection inspection;
    Verdict verdict;
    try {
      // A link is followed here, where it is the user's own.
      Path file = order.file().toRealPath();
      inspection = inspector.inspect(file);
      String name = inspection.manifest().map(Manifest::name).orElse("");
      String fileName = String.valueOf(order.file().getFileName());
      verdict = store.judge(file, new Candidate(name, fileName, signature), Instant.now());
    } catch (IOException e) {
      throw unreadable(order.file());
    }
    out.println(PlainText.quoted(order.file().toString()));
    out.println("  SHA-256  " + verdict.sha256());
    inspection.platform().ifPresent(platform -> out.println("  platform " + platform));
    inspection.manifest().ifPresent(this::print);
    out.println();
    inspection.checks().forEach(this::print);
    print(verdict.check());
    return conclude(order, inspection, verdict);
  }

  private int conclude(Order order, Inspection inspection, Verdict verdict) {
    out.println();
    if (!inspection.passed() || !verdict.trusted() && !verdict.reason().awaitsTrust()) {
      out.println("Refused.");
      return REFUSED;
    }
    if (verdict.trusted()) {
      out.println("Accepted and trusted.");
      return OK;
    }
    out.println("Accepted, and not run before an administrator trusts it.");
    return order.asksForTrust() ? REFUSED : OK;
  }

  private void print(Manifest manifest) {
    field("name", manifest.name());
    field("version", manifest.version().toString());
    field("type", manifest.type().wire());
    field("about", manifest.description().replaceAll("[\n\t]+", " "));
    field("author", manifest.author());
    field("license", manifest.license());
    field("homepage", manifest.homepage());
    field(
        "actions",
        manifest.actions().stream().map(Manifest.Action::name).collect(Collectors.joining(", ")));
    field("asks for", String.join(", ", manifest.permissions()));
    field("limits", inWords(manifest.limits()));
  }

  private static String inWords(Manifest.Limits limits) {
    Quota quota = limits.quota();
    return "%d MiB of memory, %d calls at once, %d MiB in %d files, %d threads, %d ms a minute between calls"
        .formatted(
            limits.memoryMb(),
            limits.concurrency(),
            quota.workMb(),
            quota.workFiles(),
            quota.threads(),
            quota.idleCpu().toMillis());
  }

  private void field(String name, String value) {
    if (!value.isEmpty()) {
      out.println("  %-8s %s".formatted(name, value));
    }
  }

  private void print(Check check) {
    out.println(
        "  %-4s %-12s %s"
            .formatted(check.passed() ? "ok" : "FAIL", check.check(), check.message()));
    if (!check.passed()) {
      RefusalReason reason = check.reason();
      out.println("       %s: %s".formatted(reason, reason.fix()));
    }
  }

  private AllowList allowList(Order order) throws EndException {
    if (order.trusted() == null) {
      return AllowList.EMPTY;
    }
    AllowList list =
        AllowList.parse(new String(read(order.trusted(), MAX_LIST_BYTES), StandardCharsets.UTF_8));
    for (int line : list.unreadableLines()) {
      err.println("mimir: line %d of %s is no hash".formatted(line, order.trusted()));
    }
    return list;
  }

  private static List<Publisher> publishers(Order order) throws EndException {
    List<Publisher> publishers = new ArrayList<>();
    for (Path file : order.publishers()) {
      String text = new String(read(file, PublisherKey.MAX_TEXT + 1), StandardCharsets.UTF_8);
      try {
        PublisherKey key = PublisherKey.parse(text);
        String name = key.kind().wire().toUpperCase(Locale.ROOT) + " key " + key.fingerprint();
        publishers.add(new Publisher(file.toString(), name, key, "*"));
      } catch (KeyException e) {
        throw new EndException(REFUSED, PlainText.quoted(file.toString()) + ": " + e.getMessage());
      }
    }
    return publishers;
  }

  private static byte[] read(Path file, int most) throws EndException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(most);
    } catch (IOException e) {
      throw unreadable(file);
    }
  }

  private static EndException unreadable(Path file) {
    return new EndException(UNREADABLE, PlainText.quoted(file.toString()) + " cannot be read");
  }
}
