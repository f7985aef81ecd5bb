import java.nio.charset.StandardCharsets;

/** What the load generator and the provider do with bytes of HTTP. */
final class Bytes {

  static final byte[] HEAD_END = ascii("\r\n\r\n");

  private Bytes() {}

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static String text(byte[] data, int from, int to) {
    return new String(data, from, to - from, StandardCharsets.ISO_8859_1);
  }

  /**
   * @return where it begins, or -1
   */
  static int find(byte[] in, int from, int to, byte[] what) {
    byte first = what[0];
    outer:
    for (int i = from; i <= to - what.length; i++) {
      if (in[i] != first) {
        continue;
      }
      for (int j = 1; j < what.length; j++) {
        if (in[i + j] != what[j]) {
          continue outer;
        }
      }
      return i;
    }
    return -1;
  }

  /**
   * Tells whether a line begins so, in capitals or not.
   *
   * @param name in small letters
   */
  static boolean starts(byte[] data, int from, int to, String name) {
    if (to - from < name.length()) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      int c = data[from + i];
      if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
