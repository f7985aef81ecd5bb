package io.mimir.plugin.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.audit.AuditedAction;
import io.mimir.audit.DeniedAction;
import io.mimir.audit.service.TestEvents;
import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.plugin.Plugin;
import io.mimir.plugin.PluginFile;
import io.mimir.plugin.PluginPin;
import io.mimir.plugin.PluginPublisher;
import io.mimir.plugin.PluginType;
import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.kit.trust.Verdict;
import io.mimir.plugin.service.PluginStore.Staged;
import io.mimir.plugin.service.Publishers.NewPublisher;
import io.mimir.security.service.TestIdentities;
import io.mimir.storage.service.TestStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom the server trusts, as it is stored, and what follows for a stored file. */
class PublishersTest {

  private static final byte[] LIBRARY = "a library".getBytes(StandardCharsets.US_ASCII);
  private static final Instant PAST = Instant.parse("2020-01-01T00:00:00Z");
  private static final Instant FUTURE = Instant.parse("2099-01-01T00:00:00Z");

  private final TestStore database = TestStore.fresh();
  private final List<AuditedAction> deeds = new ArrayList<>();
  private final List<DeniedAction> denials = new ArrayList<>();
  private final Publishers publishers = new Publishers();
  private final PluginTrust trust = new PluginTrust();
  private final KeyPair pair = pair();
  private PluginStore store;

  @TempDir Path home;

  @BeforeEach
  void start() throws IOException {
    store = PluginStore.open(home.resolve("plugins"), 1024);
    publishers.em = database.em();
    publishers.actions = TestEvents.into(deeds);
    publishers.authority = TestIdentities.person(denials);
    publishers.session = TestIdentities.sessionOf("ada");
    trust.em = database.em();
    trust.registry =
        new PluginRegistry() {
          @Override
          synchronized PluginStore store() {
            return store;
          }
        };
  }

  @AfterEach
  void close() {
    database.close();
  }

  private static KeyPair pair() {
    try {
      return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The last 32 bytes of an SPKI are the key (RFC 8410). */
  private static String text(KeyPair pair) {
    byte[] spki = pair.getPublic().getEncoded();
    return Base64.getEncoder()
        .encodeToString(Arrays.copyOfRange(spki, spki.length - 32, spki.length));
  }

  private NewPublisher acme() {
    return wish(" Acme ", null, text(pair), "acme-*", null, null);
  }

  private static NewPublisher wish(
      String name, String kind, String key, String pattern, Instant from, Instant until) {
    return new NewPublisher(name, kind, key, pattern, from, until);
  }

  private PluginPublisher add(NewPublisher wish) {
    return database.in(() -> publishers.add(wish));
  }

  private void refuses(Problem problem, NewPublisher wish, String... fields) {
    assertThatThrownBy(() -> add(wish))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem()).isEqualTo(problem);
              assertThat(e.errors()).extracting(FieldError::field).containsExactly(fields);
            });
  }

  private byte[] signature() throws GeneralSecurityException {
    Signature signer = Signature.getInstance("Ed25519");
    signer.initSign(pair.getPrivate());
    signer.update(LIBRARY);
    return signer.sign();
  }

  private Plugin plugin(String name, byte[] signature) throws IOException {
    try (Staged staged = store.stage(new ByteArrayInputStream(LIBRARY))) {
      PluginFile file =
          new PluginFile(
              "1.0.0",
              store.publish(staged, name),
              staged.sha256(),
              "{}",
              signature == null ? null : Base64.getEncoder().encodeToString(signature));
      return Plugin.uploaded(name, PluginType.INPUT, file, "ada", PAST);
    }
  }

  private static void isRefused(Verdict verdict, RefusalReason reason) {
    assertThat(verdict.trusted()).isFalse();
    assertThat(verdict.reason()).isEqualTo(reason);
  }

  @Test
  void aPublisherIsStoredAndWrittenDown() {
    PluginPublisher acme = add(acme());

    assertThat(publishers.all()).extracting(PluginPublisher::getId).containsExactly(acme.getId());
    assertThat(acme.getName()).isEqualTo("Acme");
    assertThat(acme.getKind()).isEqualTo("ed25519");
    assertThat(acme.getPublicKey()).isEqualTo(text(pair));
    assertThat(acme.getFingerprint()).startsWith("SHA256:");
    assertThat(acme.getNamePattern()).isEqualTo("acme-*");
    assertThat(acme.getCreatedBy()).isEqualTo("ada");
    assertThat(deeds).hasSize(2);
    assertThat(deeds.get(1).isDone()).isTrue();
    assertThat(deeds.get(1).toString())
        .contains("publisher.create " + acme.getId() + " Acme", "fingerprint", "acme-*");
  }

  @Test
  void aNameAndAKeyAreTakenOnce() {
    add(acme());

    refuses(Problem.NAME_TAKEN, wish("Acme", null, text(pair()), "x", null, null), "name");
    refuses(Problem.NAME_TAKEN, wish("Other", null, text(pair), "x", null, null), "public_key");
    add(wish("Other", "ed25519", text(pair()), "x", PAST, FUTURE));
    assertThat(publishers.all()).extracting(PluginPublisher::getName).contains("Other", "Acme");
  }

  @Test
  void everythingThatIsWrongIsSaidAtOnce() {
    refuses(
        Problem.REFUSED,
        wish(null, null, null, null, FUTURE, FUTURE),
        "name",
        "name_pattern",
        "valid_until",
        "public_key");
    for (String name : List.of("", " ", "a\nb", "a".repeat(101))) {
      refuses(Problem.REFUSED, wish(name, "", text(pair), "acme-*", PAST, null), "name");
    }
    refuses(Problem.REFUSED, wish("a", "rsa", text(pair), "acme-*", null, FUTURE), "kind");
    refuses(Problem.REFUSED, wish("a", "gpg", text(pair), "acme-*", null, null), "public_key");
    assertThat(publishers.all()).isEmpty();
    assertThat(deeds).noneMatch(AuditedAction::isDone);
    assertThat(add(wish("a".repeat(100), " ", text(pair), "acme-*", null, null))).isNotNull();
  }

  /** T70: what a publisher signs runs as native code. */
  @Test
  void nobodyIsTrustedWithoutAPasswordThatWasEnteredJustNow() {
    PluginPublisher acme = add(acme());
    publishers.authority = TestIdentities.staleSession(denials);

    refuses(Problem.PASSWORD_REQUIRED, wish("Other", null, text(pair()), "x", null, null));
    assertThatThrownBy(() -> database.in(() -> publishers.revoke(acme.getId())))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.problem()).isEqualTo(Problem.PASSWORD_REQUIRED));
    assertThat(denials)
        .containsExactly(
            new DeniedAction("publisher.create", null, "Other"),
            new DeniedAction("publisher.revoke", acme.getId(), "Acme"));
    assertThat(publishers.all().get(0).getRevokedAt()).isNull();
  }

  @Test
  void aRevokedPublisherStaysRevoked() {
    PluginPublisher acme = add(acme());

    Instant at = database.in(() -> publishers.revoke(acme.getId())).getRevokedAt();

    assertThat(deeds.get(deeds.size() - 1).isDone()).isTrue();
    assertThat(deeds.get(deeds.size() - 1).toString()).contains("publisher.revoke", "revoked_at");
    assertThat(database.in(() -> publishers.revoke(acme.getId())).getRevokedAt().toEpochMilli())
        .isEqualTo(at.toEpochMilli());
    assertThatThrownBy(() -> database.in(() -> publishers.revoke("pub_none")))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem()).isEqualTo(Problem.NOT_FOUND));
  }

  @Test
  void aSignedFileIsTrustedForAsLongAsItsPublisherIs() throws Exception {
    Plugin signed = plugin("acme-well", signature());
    isRefused(trust.judge(signed), RefusalReason.UNKNOWN_KEY);
    PluginPublisher acme = add(acme());

    Verdict verdict = trust.judge(signed);

    assertThat(verdict.trusted()).isTrue();
    assertThat(verdict.publisher().id()).isEqualTo(acme.getId());
    isRefused(trust.judge(plugin("other", signature())), RefusalReason.KEY_NOT_FOR_NAME);
    isRefused(trust.judge(plugin("acme-bare", null)), RefusalReason.UNSIGNED);
    database.in(() -> publishers.revoke(acme.getId()));
    isRefused(trust.judge(signed), RefusalReason.KEY_REVOKED);
  }

  @Test
  void aPublisherIsTrustedWithinItsTimeOnly() throws Exception {
    Plugin signed = plugin("acme-well", signature());
    add(wish("Acme", null, text(pair), "acme-*", FUTURE, null));
    isRefused(trust.judge(signed), RefusalReason.KEY_EXPIRED);
    database.during(() -> database.em().createQuery("delete from PluginPublisher").executeUpdate());
    add(wish("Acme", null, text(pair), "acme-*", null, PAST));
    isRefused(trust.judge(signed), RefusalReason.KEY_EXPIRED);
  }

  @Test
  void aPinAndAListInTheFolderAllowExactlyOneFile() throws Exception {
    Plugin bare = plugin("well", null);
    String sha256 = bare.file().orElseThrow().sha256();
    isRefused(trust.judge(bare), RefusalReason.UNSIGNED);

    database.stored(new PluginPin(sha256, "well", "ada", PAST));

    assertThat(trust.judge(bare).basis()).isEqualTo(Verdict.Basis.HASH);
    database.during(() -> database.em().createQuery("delete from PluginPin").executeUpdate());
    Path list = store.folder().resolve("trusted.sha256");
    Files.writeString(list, "not a line\n" + sha256 + "  well.so\n");
    assertThat(trust.judge(bare).trusted()).isTrue();
    Files.writeString(list, "0".repeat(64) + "  well.so\n");
    isRefused(trust.judge(bare), RefusalReason.HASH_MISMATCH);
  }

  @Test
  void aListThatIsTooLargeOrNoFileAllowsNothing() throws Exception {
    Plugin bare = plugin("well", null);
    String line = bare.file().orElseThrow().sha256() + "  well.so\n";
    Path list = store.folder().resolve("trusted.sha256");
    Files.writeString(list, "#".repeat(1024 * 1024 - line.length() - 1) + "\n" + line);
    assertThat(trust.judge(bare).trusted()).isTrue();
    Files.writeString(list, "#".repeat(1024 * 1024 - line.length()) + "\n" + line);
    isRefused(trust.judge(bare), RefusalReason.UNSIGNED);
    Files.delete(list);
    Files.createDirectory(list);
    isRefused(trust.judge(bare), RefusalReason.UNSIGNED);
  }

  @Test
  void aKeyThatCannotBeReadAnyMoreTrustsNobodyAndHarmsNoOther() throws Exception {
    PluginPublisher broken =
        new PluginPublisher("Broken", "gpg", "not a key", "SHA256:none", "ada", PAST);
    broken.bound("*", null, null);
    database.stored(broken);
    add(acme());

    assertThat(trust.judge(plugin("acme-well", signature())).trusted()).isTrue();
  }
}
