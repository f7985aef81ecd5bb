package io.mimir.plugin.kit.trust;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The ways in which keys and signatures are written as text, none of them leniently. */
final class Encoding {

  private Encoding() {}

  /** ASCII with line ends; empty when there is anything else. */
  static Optional<String> ascii(byte[] bytes) {
    for (byte b : bytes) {
      if (b < 0x20 && b != '\n' && b != '\r' && b != '\t' || b == 0x7f) {
        return Optional.empty();
      }
    }
    return Optional.of(new String(bytes, StandardCharsets.US_ASCII));
  }

  /** The lines, however they end, without empty ones at the end. */
  static List<String> lines(String text) {
    return text.stripTrailing().lines().toList();
  }

  /** Base64 (RFC 4648, section 4) in its one canonical form, padding included. */
  static Optional<byte[]> base64(String text) {
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      // The decoder lets stray bits of the last character pass.
      return Base64.getEncoder().encodeToString(bytes).equals(text)
          ? Optional.of(bytes)
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  static Optional<byte[]> hex(String text) {
    try {
      return Optional.of(HexFormat.of().parseHex(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Base64 or hexadecimal, whichever gives so many bytes. */
  static Optional<byte[]> base64OrHex(String text, int length) {
    Optional<byte[]> bytes = text.length() == 2 * length ? hex(text) : base64(text);
    return bytes.filter(b -> b.length == length);
  }

  /** Base64 between a BEGIN and an END line with nothing else (RFC 7468, section 3). */
  static Optional<byte[]> pem(String text, String label) {
    List<String> lines = lines(text);
    if (lines.size() < 3
        || !lines.get(0).equals("-----BEGIN " + label + "-----")
        || !lines.get(lines.size() - 1).equals("-----END " + label + "-----")) {
      return Optional.empty();
    }
    return base64(lines.subList(1, lines.size() - 1).stream().collect(Collectors.joining()));
  }

  /**
   * ASCII armor of OpenPGP (RFC 4880, section 6.2). The checksum may be left out, as RFC 9580 has
   * it; one that is there must be right.
   */
  static Optional<byte[]> armor(String text, String label) {
    List<String> lines = lines(text.strip());
    int last = lines.size() - 1;
    if (last < 3
        || !lines.get(0).equals("-----BEGIN PGP " + label + "-----")
        || !lines.get(last).equals("-----END PGP " + label + "-----")) {
      return Optional.empty();
    }
    int blank = 1;
    while (blank < last && !lines.get(blank).isBlank()) {
      if (!lines.get(blank).matches("[A-Za-z]+: .*")) {
        return Optional.empty();
      }
      blank++;
    }
    List<String> body = lines.subList(Math.min(blank + 1, last), last);
    String check = null;
    if (!body.isEmpty() && body.get(body.size() - 1).startsWith("=")) {
      check = body.get(body.size() - 1).substring(1);
      body = body.subList(0, body.size() - 1);
    }
    Optional<byte[]> bytes = base64(String.join("", body)).filter(b -> b.length > 0);
    if (check != null && bytes.isPresent()) {
      Optional<byte[]> sum = base64(check);
      if (sum.isEmpty() || !Arrays.equals(sum.get(), crc24(bytes.get()))) {
        return Optional.empty();
      }
    }
    return bytes;
  }

  /** RFC 4880, section 6.1. */
  private static byte[] crc24(byte[] bytes) {
    int crc = 0xb704ce;
    for (byte b : bytes) {
      crc ^= (b & 0xff) << 16;
      for (int i = 0; i < 8; i++) {
        crc <<= 1;
        if ((crc & 0x1000000) != 0) {
          crc ^= 0x1864cfb;
        }
      }
    }
    return new byte[] {(byte) (crc >> 16), (byte) (crc >> 8), (byte) crc};
  }
}
