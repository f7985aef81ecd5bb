package io.mimir.plugin.kit.trust;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.plugin.kit.trust.GpgPackets.Packet;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bounds of what strangers send as OpenPGP, before anybody else reads it. */
class GpgPacketsTest {

  /** Version, type, algorithms; no subpackets; two bytes of the hash; the number 1 in one bit. */
  private static final String SIGNATURE = "04000108" + "0000" + "0000" + "abcd" + "000101";

  private static Optional<List<Packet>> packets(String header, int body) {
    byte[] head = HexFormat.of().parseHex(header);
    return GpgPackets.of(Arrays.copyOf(head, head.length + body));
  }

  private static boolean isWhole(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    return GpgPackets.isWhole(bytes, new Packet(GpgPackets.SIGNATURE, 0, 0, bytes.length));
  }

  /** RFC 4880, section 4.2: old and new headers, and each form of their lengths. */
  @ParameterizedTest
  @CsvSource({
    "8800, 2, 0",
    "8803, 2, 3",
    "99012c, 6, 300",
    "9a00000003, 6, 3",
    "c200, 2, 0",
    "c603, 6, 3",
    "c6bf, 6, 191",
    "c6c000, 6, 192",
    "c6c12d, 6, 493",
    "cedfff, 14, 8383",
    "ceff00000005, 14, 5"
  })
  void aLengthIsWhatItsHeaderSays(String header, int tag, int length) {
    int head = header.length() / 2;

    assertThat(packets(header, length)).contains(List.of(new Packet(tag, 0, head, head + length)));
    if (length > 0) {
      assertThat(packets(header, length - 1)).as("one byte is missing").isEmpty();
    }
  }

  /** No type of packet, no length, a part of unknown number, and lengths that are cut off. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "00",
        "40",
        "8b00",
        "c6e0",
        "c6fe",
        "c6",
        "c6c0",
        "c6ff000000",
        "99",
        "9900",
        "9a0000"
      })
  void whatIsNoPacketIsNone(String header) {
    assertThat(packets(header, 0)).isEmpty();
  }

  @Test
  void packetsFollowOneAnotherUpToTheLastByte() {
    byte[] three = HexFormat.of().parseHex("8801aa" + "c60201bb" + "cd00");

    List<Packet> packets = GpgPackets.of(three).orElseThrow();

    assertThat(packets)
        .containsExactly(new Packet(2, 0, 2, 3), new Packet(6, 3, 5, 7), new Packet(13, 7, 9, 9));
    assertThat(GpgPackets.only(three, List.of(packets.get(0), packets.get(2))))
        .isEqualTo(HexFormat.of().parseHex("8801aa" + "cd00"));
    assertThat(GpgPackets.of(Arrays.copyOf(three, three.length + 1))).isEmpty();
    assertThat(GpgPackets.of(new byte[0])).contains(List.of());
  }

  @Test
  void thereAreAtMostFourThousandAndNinetySixPackets() {
    byte[] most = new byte[2 * 4096];
    for (int i = 0; i < most.length; i += 2) {
      most[i] = (byte) 0x88;
    }
    assertThat(GpgPackets.of(most).orElseThrow()).hasSize(4096);
    byte[] more = Arrays.copyOf(most, most.length + 2);
    more[most.length] = (byte) 0x88;
    assertThat(GpgPackets.of(more)).isEmpty();
  }

  @Test
  void onlyVersionFourIsRead() {
    byte[] bytes = {(byte) 0x88, 1, 4, (byte) 0x88, 1, 3, (byte) 0x88, 0};
    List<Packet> packets = GpgPackets.of(bytes).orElseThrow();

    assertThat(packets)
        .extracting(packet -> GpgPackets.isVersion4(bytes, packet))
        .containsExactly(true, false, false);
    byte[] emptyBeforeFour = {(byte) 0x88, 0, 4};
    assertThat(GpgPackets.isVersion4(emptyBeforeFour, new Packet(2, 0, 2, 2))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        SIGNATURE,
        "04000108" + "0003" + "0202ff" + "0000" + "abcd" + "000101",
        "04000108" + "0000" + "0002" + "0110" + "abcd" + "000101",
        "04000108" + "0006" + "ff0000000110" + "0000" + "abcd" + "000101",
        "04000108" + "0000" + "0000" + "abcd" + "000880" + "00090101" + "000203"
      })
  void aSignatureIsTwoAreasAndNumbers(String hex) {
    assertThat(isWhole(hex)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // An area, or what is in it, is longer than what is there.
        "04000108" + "0001",
        "04000108" + "ffff" + "0000" + "abcd" + "000101",
        "04000108" + "0002" + "0210" + "0000" + "abcd" + "000101",
        "04000108" + "0000" + "0001" + "01" + "abcd" + "000101",
        "04000108" + "0001" + "00" + "0000" + "abcd" + "000101",
        "04000108" + "0001" + "c0" + "0000" + "abcd" + "000101",
        "04000108" + "0005" + "ff00000001" + "0000" + "abcd" + "000101",
        "04000108" + "0003" + "ff0000" + "0000" + "abcd" + "000101",
        // No hash, half of one, no number.
        "04000108" + "0000" + "0000",
        "04000108" + "0000" + "0000" + "ab",
        "04000108" + "0000" + "0000" + "abcd",
        // A number that is cut off, is zero, or is not written in its one way.
        "04000108" + "0000" + "0000" + "abcd" + "00",
        "04000108" + "0000" + "0000" + "abcd" + "0001",
        "04000108" + "0000" + "0000" + "abcd" + "000001",
        "04000108" + "0000" + "0000" + "abcd" + "000901",
        "04000108" + "0000" + "0000" + "abcd" + "000201",
        "04000108" + "0000" + "0000" + "abcd" + "000102",
        "04000108" + "0000" + "0000" + "abcd" + "000880" + "00090001",
        "04000108" + "0000" + "0000" + "abcd" + "000101" + "00"
      })
  void whatIsNotMadeSoIsNotWhole(String hex) {
    assertThat(isWhole(hex)).isFalse();
  }

  @Test
  void aLongSubpacketHasTwoBytesOfLength() {
    String area = "c000" + "10".repeat(192);
    assertThat(isWhole("04000108" + "00c2" + area + "0000" + "abcd" + "000101")).isTrue();
    assertThat(isWhole("04000108" + "00c1" + area.substring(2) + "0000" + "abcd" + "000101"))
        .isFalse();
    String longer = "c12d" + "10".repeat(493);
    assertThat(isWhole("04000108" + "01ef" + longer + "0000" + "abcd" + "000101")).isTrue();
  }
}
