package io.mimir.plugin.kit.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.plugin.kit.fixture.OwnSigners;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Edges of what is read as a key. */
class StrengthTest {

  private static final BigInteger USUAL = BigInteger.valueOf(65537);

  private static BigInteger odd(int bits) {
    return BigInteger.ONE.shiftLeft(bits - 1).setBit(0);
  }

  private static void isRefused(BigInteger modulus, BigInteger exponent) {
    assertThatThrownBy(() -> Strength.checkRsa(modulus, exponent)).isInstanceOf(KeyException.class);
  }

  @Test
  void anRsaKeyIsNeitherTooShortNorTooLongNorWithoutEffect() throws KeyException {
    Strength.checkRsa(odd(2048), USUAL);
    Strength.checkRsa(odd(8192), BigInteger.valueOf(3));
    Strength.checkRsa(odd(2048), odd(64));

    isRefused(odd(2047), USUAL);
    isRefused(odd(8193), USUAL);
    isRefused(odd(2048).clearBit(0), USUAL);
    isRefused(odd(2048), BigInteger.ONE);
    isRefused(odd(2048), BigInteger.valueOf(65536));
    isRefused(odd(2048), odd(65));
  }

  private static String ssh(byte[]... fields) {
    ByteBuffer out = ByteBuffer.allocate(1000);
    for (byte[] field : fields) {
      out.putInt(field.length).put(field);
    }
    byte[] blob = Arrays.copyOf(out.array(), out.position());
    return "ssh-ed25519 " + Base64.getEncoder().encodeToString(blob) + " ann";
  }

  @Test
  void anSshKeyEndsBehindItsLastField() throws KeyException {
    byte[] name = "ssh-ed25519".getBytes(StandardCharsets.US_ASCII);
    byte[] key = new OwnSigners(1).key();

    assertThat(PublisherKey.parse(ssh(name, key)).fingerprint())
        .matches("SHA256:[A-Za-z0-9+/]{43}");
    assertThatThrownBy(() -> PublisherKey.parse(ssh(name, key, new byte[0])))
        .isInstanceOf(KeyException.class);
    assertThatThrownBy(() -> PublisherKey.parse(ssh(name))).isInstanceOf(KeyException.class);
    assertThatThrownBy(() -> PublisherKey.parse("ssh-ed25519")).isInstanceOf(KeyException.class);
  }

  @Test
  void aNumberOfSshIsWrittenInItsOneWay() throws SshBuffer.BrokenException {
    assertThat(number(1)).isEqualTo(BigInteger.ONE);
    assertThat(number(0, 0x80)).isEqualTo(BigInteger.valueOf(128));
    for (int[] none : new int[][] {{}, {0}, {0x80}, {0, 1}, {0xff, 1}}) {
      assertThatThrownBy(() -> number(none)).isInstanceOf(SshBuffer.BrokenException.class);
    }
    assertThat(new SshBuffer(new byte[] {0, 0, 0, 7}).number()).isEqualTo(7);
    assertThatThrownBy(() -> new SshBuffer(new byte[3]).number())
        .isInstanceOf(SshBuffer.BrokenException.class);
    assertThatThrownBy(() -> new SshBuffer(new byte[] {0, 0, 0, 1}).bytes())
        .isInstanceOf(SshBuffer.BrokenException.class);
    assertThatThrownBy(() -> new SshBuffer(new byte[] {-1, -1, -1, -1}).bytes())
        .isInstanceOf(SshBuffer.BrokenException.class);
    assertThat(new SshBuffer(new byte[4]).bytes()).isEmpty();
  }

  private static BigInteger number(int... bytes) throws SshBuffer.BrokenException {
    ByteBuffer field = ByteBuffer.allocate(4 + bytes.length).putInt(bytes.length);
    for (int b : bytes) {
      field.put((byte) b);
    }
    return new SshBuffer(field.array()).positive();
  }

  @Test
  void aKeyIsItsKindAndItsFingerprintAndPrintsAsThem() throws KeyException {
    OwnSigners acme = new OwnSigners(1);
    PublisherKey raw = PublisherKey.parse(acme.raw().publicKey());
    PublisherKey same = PublisherKey.parse(KeyKind.ED25519, " " + raw.text() + "\n");
    PublisherKey minisign = PublisherKey.parse(acme.minisign().publicKey());
    PublisherKey other = PublisherKey.parse(new OwnSigners(2).raw().publicKey());

    assertThat(same).isEqualTo(raw).hasSameHashCodeAs(raw);
    assertThat(same.text()).isEqualTo(raw.text()).isEqualTo(acme.raw().publicKey().strip());
    assertThat(raw).isNotEqualTo(other).isNotEqualTo(minisign).isNotEqualTo("key");
    assertThat(raw.hashCode()).isNotEqualTo(other.hashCode());
    assertThat(raw).hasToString("ed25519 " + raw.fingerprint());
    assertThat(new Candidate("acme-echo", "secret-name.so", null))
        .hasToString("Candidate[acme-echo]");
  }

  @Test
  void aKeyIsNoLongerThanItsKindsLongestOne() throws KeyException {
    String key = new OwnSigners(1).raw().publicKey().strip();
    int most = PublisherKey.MAX_TEXT;
    String padded = key + " ".repeat(most - key.length());

    assertThat(PublisherKey.parse(padded).text()).isEqualTo(key);
    assertThatThrownBy(() -> PublisherKey.parse(padded + " "))
        .isInstanceOf(KeyException.class)
        .hasMessageContaining("256 KiB");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 8, 11, 31, 127, 128, 255})
  void whatIsNoTextIsNotReadAsText(int b) {
    assertThat(Encoding.ascii(new byte[] {'a', (byte) b})).isEmpty();
  }

  @Test
  void lineEndsAndTabsAreText() {
    assertThat(Encoding.ascii("a b\tc\r\n~".getBytes(StandardCharsets.US_ASCII)))
        .contains("a b\tc\r\n~");
  }

  @Test
  void armorHasAnEmptyLineBeforeWhatItHolds() {
    String begin = "-----BEGIN PGP SIGNATURE-----\n";
    String end = "\n-----END PGP SIGNATURE-----";

    assertThat(Encoding.armor(begin + "\nAAAA" + end, "SIGNATURE")).contains(new byte[3]);
    assertThat(Encoding.armor(begin + "Comment: x\n\nAAAA" + end, "SIGNATURE"))
        .contains(new byte[3]);
    for (String none :
        new String[] {"AAAA", "\n", "Comment: x\nAAAA", "no header\n\nAAAA", "\n=AAAA", "A: b\n"}) {
      assertThat(Encoding.armor(begin + none + end, "SIGNATURE")).as(none).isEmpty();
    }
    assertThat(Encoding.armor(begin + "\nAAAA\n=AAAA" + end, "SIGNATURE")).isEmpty();
    assertThat(Encoding.armor(begin + "\nAAAA" + end, "PUBLIC KEY BLOCK")).isEmpty();
  }
}
