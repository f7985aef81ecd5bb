package io.mimir.plugin.kit.trust;

import java.util.Arrays;
import java.util.List;

/**
 * A key of minisign: an untrusted comment and a line of Base64, or that line alone. Source: the
 * "Public key format" of minisign's manual: {@code "Ed" | key id (8) | public key (32)}.
 */
final class MinisignKey extends PublisherKey {

  static final int TEXT_LENGTH = 56;

  static final int ID_LENGTH = 8;

  private static final int LENGTH = 2 + ID_LENGTH + Ed25519.KEY_LENGTH;

  private final byte[] bytes;

  private MinisignKey(String text, String line, byte[] bytes) {
    super(KeyKind.MINISIGN, text, line);
    this.bytes = bytes;
  }

  static MinisignKey read(String text) throws KeyException {
    List<String> lines = Encoding.lines(text);
    if (lines.size() == 2 && lines.get(0).startsWith("untrusted comment:")) {
      lines = lines.subList(1, 2);
    }
    byte[] bytes = lines.size() == 1 ? Encoding.base64(lines.get(0)).orElse(null) : null;
    if (bytes == null || bytes.length != LENGTH || bytes[0] != 'E' || bytes[1] != 'd') {
      throw new KeyException(
          "A minisign key is the text of minisign.pub, or its second line, which begins with RW");
    }
    if (!Ed25519.isKey(Arrays.copyOfRange(bytes, 2 + ID_LENGTH, LENGTH))) {
      throw new KeyException("The minisign key protects nothing: make another one");
    }
    return new MinisignKey(text, lines.get(0), bytes);
  }

  byte[] id() {
    return Arrays.copyOfRange(bytes, 2, 2 + ID_LENGTH);
  }

  byte[] key() {
    return Arrays.copyOfRange(bytes, 2 + ID_LENGTH, LENGTH);
  }
}
