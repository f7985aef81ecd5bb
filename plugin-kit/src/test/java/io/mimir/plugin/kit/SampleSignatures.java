package io.mimir.plugin.kit;

import io.mimir.plugin.kit.fixture.Gpg;
import io.mimir.plugin.kit.fixture.OwnSigners;
import io.mimir.plugin.kit.fixture.Signer;
import io.mimir.plugin.kit.fixture.Ssh;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/** A good signature of each form; those of tools that this machine lacks are left out. */
final class SampleSignatures {

  record Sample(String publicKey, byte[] signature) {}

  private SampleSignatures() {}

  static Map<String, Sample> of(byte[] content) throws IOException, InterruptedException {
    Map<String, Sample> samples = new LinkedHashMap<>();
    OwnSigners own = new OwnSigners(7);
    samples.put("raw", sample(own.raw(), content));
    samples.put("minisign", sample(own.minisign(), content));
    samples.put("minisign-1", sample(own.legacyMinisign(), content));
    Path folder = Files.createTempDirectory("samples");
    try {
      samples.put("ssh", sample(new Ssh(folder, "mimir-plugin", "ed25519"), content));
      samples.put("ssh-rsa", sample(new Ssh(folder, "mimir-plugin", "rsa"), content));
      samples.put("ssh-ecdsa", sample(new Ssh(folder, "mimir-plugin", "ecdsa"), content));
      try (Gpg gpg = new Gpg().withKey("ed25519")) {
        samples.put("gpg", sample(gpg.signer(), content));
        samples.put("gpg-text", sample(gpg.signer("--armor"), content));
      }
      try (Gpg gpg = new Gpg().withKeyFor("cert", "rsa2048", "2y")) {
        gpg.run("--quick-add-key", gpg.fingerprint(), "rsa2048", "sign", "1y");
        samples.put("gpg-rsa", sample(gpg.signer(), content));
      }
    } catch (TestAbortedException e) {
      // What is there is enough to go on with.
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
    return samples;
  }

  private static Sample sample(Signer signer, byte[] content)
      throws IOException, InterruptedException {
    return new Sample(signer.publicKey(), signer.sign(content));
  }
}
