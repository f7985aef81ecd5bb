package io.mimir.plugin.kit.trust;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The packets of an OpenPGP message (RFC 4880, section 4), each within bounds, before anybody else
 * reads them: lengths are nowhere larger than what is there, and old or new versions end here.
 */
final class GpgPackets {

  static final int SIGNATURE = 2;
  static final int PUBLIC_KEY = 6;
  static final int USER_ID = 13;
  static final int PUBLIC_SUBKEY = 14;

  private static final int VERSION = 4;
  private static final int MAX_PACKETS = 4096;

  /**
   * A packet.
   *
   * @param start of its header
   * @param body where its body begins
   * @param end behind its body
   */
  record Packet(int tag, int start, int body, int end) {}

  private final byte[] bytes;
  private int at;

  private GpgPackets(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Empty when they are not packets from the first byte to the last. */
  static Optional<List<Packet>> of(byte[] bytes) {
    GpgPackets reader = new GpgPackets(bytes);
    List<Packet> packets = new ArrayList<>();
    while (reader.at < bytes.length) {
      Packet packet = reader.next();
      if (packet == null || packets.size() == MAX_PACKETS) {
        return Optional.empty();
      }
      packets.add(packet);
      reader.at = packet.end();
    }
    return Optional.of(packets);
  }

  private Packet next() {
    int start = at;
    int head = u8();
    int tag;
    long length;
    if ((head & 0xc0) == 0xc0) {
      tag = head & 0x3f;
      length = newLength();
    } else if ((head & 0xc0) == 0x80) {
      tag = head >> 2 & 15;
      // The fourth type has no length at all.
      length =
          switch (head & 3) {
            case 0 -> u8();
            case 1 -> number(2);
            case 2 -> number(4);
            default -> -1;
          };
    } else {
      return null;
    }
    return length < 0 || length > bytes.length - at
        ? null
        : new Packet(tag, start, at, at + (int) length);
  }

  /** RFC 4880, section 4.2.2; parts of unknown number are for streams, not for signatures. */
  private long newLength() {
    int first = u8();
    if (first < 0) {
      return -1;
    } else if (first < 192) {
      return first;
    } else if (first < 224) {
      int second = u8();
      return second < 0 ? -1 : (first - 192 << 8) + second + 192;
    }
    return first == 255 ? number(4) : -1;
  }

  private int u8() {
    return at < bytes.length ? bytes[at++] & 0xff : -1;
  }

  private long number(int size) {
    long value = 0;
    for (int i = 0; i < size; i++) {
      int next = u8();
      if (next < 0) {
        return -1;
      }
      value = value << 8 | next;
    }
    return value;
  }

  /** Whether the body is a key or a signature of version 4, the only one that is read. */
  static boolean isVersion4(byte[] bytes, Packet packet) {
    return packet.end() > packet.body() && bytes[packet.body()] == VERSION;
  }

  /**
   * Whether a signature of version 4 (RFC 4880, section 5.2.3) is made of two areas of subpackets
   * and of numbers that are written in their one way, up to its end.
   */
  static boolean isWhole(byte[] bytes, Packet packet) {
    byte[] body = Arrays.copyOfRange(bytes, packet.body(), packet.end());
    GpgPackets in = new GpgPackets(body);
    in.at = 4;
    for (int area = 0; area < 2; area++) {
      long length = in.number(2);
      if (length < 0 || length > body.length - in.at || !areSubpackets(body, in.at, (int) length)) {
        return false;
      }
      in.at += (int) length;
    }
    if (in.number(2) < 0 || in.at == body.length) {
      return false;
    }
    while (in.at < body.length) {
      if (!in.skipNumber()) {
        return false;
      }
    }
    return true;
  }

  /** RFC 4880, section 5.2.3.1. */
  private static boolean areSubpackets(byte[] body, int from, int length) {
    GpgPackets in = new GpgPackets(Arrays.copyOfRange(body, from, from + length));
    while (in.at < length) {
      int first = in.u8();
      long size;
      if (first < 192) {
        size = first;
      } else if (first < 255) {
        int second = in.u8();
        size = second < 0 ? -1 : (first - 192 << 8) + second + 192;
      } else {
        size = in.number(4);
      }
      if (size < 1 || size > length - in.at) {
        return false;
      }
      in.at += (int) size;
    }
    return true;
  }

  /** RFC 4880, section 3.2: the count is that of the bits from the highest one that is set. */
  private boolean skipNumber() {
    long bits = number(2);
    int size = (int) ((bits + 7) / 8);
    if (bits <= 0 || size > bytes.length - at) {
      return false;
    }
    int highest = bytes[at] & 0xff;
    at += size;
    return 32 - Integer.numberOfLeadingZeros(highest) == (bits - 1) % 8 + 1;
  }

  /** The packets of these kinds, one after the other. */
  static byte[] only(byte[] bytes, List<Packet> packets) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    packets.forEach(packet -> out.write(bytes, packet.start(), packet.end() - packet.start()));
    return out.toByteArray();
  }
}
