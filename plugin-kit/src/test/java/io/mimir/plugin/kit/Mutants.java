package io.mimir.plugin.kit;

import io.mimir.plugin.kit.fixture.ElfBuilder;
import io.mimir.plugin.kit.fixture.Manifests;
import io.mimir.plugin.kit.fixture.PeBuilder;
import io.mimir.plugin.kit.inspect.Inspection;
import io.mimir.plugin.kit.inspect.Inspector;
import io.mimir.plugin.kit.inspect.Platform;
import io.mimir.plugin.kit.manifest.Manifest;
import io.mimir.plugin.kit.manifest.ManifestException;
import io.mimir.plugin.kit.trust.AllowList;
import io.mimir.plugin.kit.trust.Candidate;
import io.mimir.plugin.kit.trust.KeyException;
import io.mimir.plugin.kit.trust.Publisher;
import io.mimir.plugin.kit.trust.PublisherKey;
import io.mimir.plugin.kit.trust.TrustStore;
import io.mimir.plugin.kit.trust.Verdict;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Changes good files at random and looks at how they are judged. Run by hand through {@code
 * bench/mutants}, and with fewer of them by the tests.
 */
public final class Mutants {

  /** Judges one mutant; null when it accepts it, or why not. */
  interface Target {
    RefusalReason judge(byte[] mutant) throws Exception;
  }

  /** What came of the mutants of one kind. */
  static final class Outcome {

    final Map<RefusalReason, Integer> reasons = new EnumMap<>(RefusalReason.class);
    final List<Throwable> unexpected = new ArrayList<>();
    int accepted;
    long slowestNanos;
    long totalNanos;
    int slow;
  }

  private static final int[] VALUES = {0, 1, 2, 0x7f, 0x80, 0xff, '"', '{', '\\', '\n'};
  private static final long[] NUMBERS = {
    0,
    1,
    -1,
    0x7fffffffL,
    0x80000000L,
    0xffffffffL,
    0x100000000L,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    4096,
    0x2000
  };

  private static final Set<String> FILES = Set.of("elf", "pe", "manifest");
  private static final long LONG = 2_000_000;
  private static final long LIMIT = 50_000_000;

  private Mutants() {}

  /** Arguments: how many of each kind, the seed, and files to change beside the built ones. */
  public static void main(String[] arguments) throws Exception {
    int each = Integer.parseInt(arguments[0]);
    long seed = Long.parseLong(arguments[1]);
    List<byte[]> files = new ArrayList<>();
    for (String name : Arrays.asList(arguments).subList(2, arguments.length)) {
      files.add(Files.readAllBytes(Path.of(name)));
    }
    boolean clean = true;
    // The compiler's time is not the mutants'.
    for (var target : targets(files).entrySet()) {
      run(target.getKey(), target.getValue(), 5_000, seed - 1);
    }
    System.out.printf(
        "%-10s %9s %9s %9s %9s  %s%n",
        "kind", "mutants", "accepted", "mean us", "most ms", "refused");
    for (var target : targets(files).entrySet()) {
      // Signatures and keys are many kinds.
      int count = FILES.contains(target.getKey()) ? each : each / 10;
      Outcome outcome = run(target.getKey(), target.getValue(), count, seed);
      System.out.printf(
          "%-14s %,9d %,9d %8.1f %8.1f %12d  %s%n",
          target.getKey(),
          count,
          outcome.accepted,
          outcome.totalNanos / 1e3 / count,
          outcome.slowestNanos / 1e6,
          outcome.slow,
          outcome.reasons);
      for (Throwable throwable : outcome.unexpected.stream().limit(5).toList()) {
        throwable.printStackTrace(System.out);
      }
      clean &= outcome.unexpected.isEmpty();
    }
    System.out.printf(
        "heap       %d MB at most, %s%n",
        Runtime.getRuntime().maxMemory() >> 20,
        clean ? "no unexpected throwable" : "UNEXPECTED THROWABLES");
    System.exit(clean ? 0 : 1);
  }

  /** The kinds of input, each with good ones to begin with. */
  record Kind(List<byte[]> good, Target target) {}

  static Map<String, Kind> targets(List<byte[]> files) throws Exception {
    Map<String, Kind> kinds = new LinkedHashMap<>();
    List<byte[]> elf =
        new ArrayList<>(List.of(new ElfBuilder().build(), new ElfBuilder().withSysvHash().build()));
    elf.addAll(files);
    kinds.put("elf", new Kind(elf, file -> inspect(Platform.LINUX_X86_64, file)));
    List<byte[]> pe = List.of(new PeBuilder().build(), new PeBuilder().delayed().build());
    kinds.put("pe", new Kind(pe, file -> inspect(Platform.WINDOWS_X86_64, file)));
    kinds.put(
        "manifest", new Kind(List.of(Manifests.utf8(Manifests.SMALL)), Mutants::readManifest));
    kinds.putAll(signatures());
    return kinds;
  }

  private static RefusalReason inspect(Platform platform, byte[] file) {
    Inspection inspection = new Inspector(platform, Inspector.MAX_BYTES).inspect(file);
    if (inspection.passed() && inspection.manifest().isEmpty()) {
      throw new IllegalStateException("It passed without a manifest");
    }
    return inspection.reason().orElse(null);
  }

  private static RefusalReason readManifest(byte[] utf8) {
    try {
      Manifest manifest = Manifest.read(utf8);
      if (!Arrays.equals(manifest.utf8(), utf8)) {
        throw new IllegalStateException("The manifest does not come back as it was");
      }
      return null;
    } catch (ManifestException e) {
      return e.reason();
    }
  }

  private static Map<String, Kind> signatures() throws Exception {
    byte[] content = Manifests.utf8(Manifests.SMALL);
    Map<String, Kind> kinds = new LinkedHashMap<>();
    for (var sample : SampleSignatures.of(content).entrySet()) {
      Publisher publisher =
          new Publisher("1", "Acme", PublisherKey.parse(sample.getValue().publicKey()), "*");
      TrustStore store = new TrustStore(AllowList.EMPTY, List.of(publisher));
      Verdict good = store.judge(content, candidate(sample.getValue().signature()), Instant.now());
      if (!good.trusted()) {
        throw new IllegalStateException(sample.getKey() + ": " + good.message());
      }
      kinds.put(
          sample.getKey(),
          new Kind(
              List.of(sample.getValue().signature()),
              signature -> store.judge(content, candidate(signature), Instant.now()).reason()));
      kinds.put(
          sample.getKey() + "-key",
          new Kind(
              List.of(sample.getValue().publicKey().getBytes(StandardCharsets.UTF_8)),
              Mutants::readKey));
      if (sample.getKey().equals("gpg") || sample.getKey().equals("gpg-rsa")) {
        // Below the checksum of the armor, which few mutants pass.
        kinds.put(
            sample.getKey() + "-packets",
            new Kind(
                List.of(unarmored(sample.getValue().publicKey())),
                packets -> readKey(armored(packets))));
      }
    }
    return kinds;
  }

  private static byte[] unarmored(String text) {
    String body = text.substring(text.indexOf("\n\n") + 2, text.indexOf("\n="));
    return Base64.getMimeDecoder().decode(body);
  }

  private static byte[] armored(byte[] packets) {
    return ("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n"
            + Base64.getEncoder().encodeToString(packets)
            + "\n-----END PGP PUBLIC KEY BLOCK-----\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static Candidate candidate(byte[] signature) {
    return new Candidate("acme-echo", null, signature);
  }

  private static RefusalReason readKey(byte[] text) {
    try {
      PublisherKey.parse(new String(text, StandardCharsets.UTF_8));
      return null;
    } catch (KeyException e) {
      return RefusalReason.UNKNOWN_KEY;
    }
  }

  static Outcome run(String name, Kind kind, int count, long seed) {
    Random random = new Random(seed ^ name.hashCode());
    Outcome outcome = new Outcome();
    for (int i = 0; i < count; i++) {
      byte[] good = kind.good().get(random.nextInt(kind.good().size()));
      byte[] mutant = mutate(good, random);
      while (Arrays.equals(mutant, good)) {
        mutant = mutate(good, random);
      }
      long start = System.nanoTime();
      try {
        RefusalReason reason = kind.target().judge(mutant);
        if (reason == null) {
          outcome.accepted++;
        } else {
          outcome.reasons.merge(reason, 1, Integer::sum);
        }
      } catch (Throwable e) {
        // Errors too: running out of memory is what this looks for.
        outcome.unexpected.add(e);
      }
      long nanos = System.nanoTime() - start;
      outcome.totalNanos += nanos;
      outcome.slow += nanos > LIMIT ? 1 : 0;
      outcome.slowestNanos = Math.max(outcome.slowestNanos, atMost(nanos, kind.target(), mutant));
    }
    return outcome;
  }

  /** What a mutant takes by itself: the shortest time, if the first was long, of several. */
  private static long atMost(long nanos, Target target, byte[] mutant) {
    long shortest = nanos;
    for (int i = 0; i < 4 && shortest > LONG; i++) {
      long start = System.nanoTime();
      try {
        target.judge(mutant);
      } catch (Throwable e) {
        // It was counted the first time.
      }
      shortest = Math.min(shortest, System.nanoTime() - start);
    }
    return shortest;
  }

  /** One to eight changes, most of them where headers are. */
  static byte[] mutate(byte[] good, Random random) {
    byte[] mutant = good.clone();
    for (int changes = 1 + random.nextInt(8); changes > 0 && mutant.length > 0; changes--) {
      int range = random.nextInt(3) == 0 ? mutant.length : Math.min(mutant.length, 1024);
      int at = random.nextInt(range);
      switch (random.nextInt(8)) {
        case 0 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> mutant[at] = (byte) VALUES[random.nextInt(VALUES.length)];
        case 2 -> mutant[at] = (byte) random.nextInt();
        case 3 -> number(mutant, at, NUMBERS[random.nextInt(NUMBERS.length)], random);
        case 4 -> number(mutant, at / 8 * 8, random.nextInt(4 * mutant.length + 1), random);
        case 5 -> {
          int from = random.nextInt(mutant.length);
          int length = random.nextInt(Math.min(64, mutant.length - Math.max(at, from)) + 1);
          System.arraycopy(mutant, from, mutant, at, length);
        }
        case 6 -> {
          if (random.nextInt(8) == 0) {
            mutant = Arrays.copyOf(mutant, random.nextInt(mutant.length + 64));
          }
        }
        default -> {
          if (random.nextInt(8) == 0) {
            mutant = repeat(mutant, at, random);
          }
        }
      }
    }
    return mutant;
  }

  private static void number(byte[] mutant, int at, long value, Random random) {
    int size = 1 << random.nextInt(4);
    for (int i = 0; i < size && at + i < mutant.length; i++) {
      mutant[at + i] = (byte) (value >>> 8 * i);
    }
  }

  /** Puts a piece of it in once more. */
  private static byte[] repeat(byte[] bytes, int at, Random random) {
    int length = random.nextInt(Math.min(200, bytes.length - at) + 1);
    int times = 1 + random.nextInt(20);
    byte[] out = new byte[bytes.length + length * times];
    System.arraycopy(bytes, 0, out, 0, at);
    for (int i = 0; i <= times; i++) {
      System.arraycopy(bytes, at, out, at + i * length, length);
    }
    System.arraycopy(
        bytes, at + length, out, at + (times + 1) * length, bytes.length - at - length);
    return out;
  }
}
