package io.mimir.plugin.kit.inspect;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of a file at any place, each place checked. A file is read a page at a time into a
 * buffer of fixed size: it is never whole in memory, and unlike a mapped one it may shrink
 * meanwhile.
 */
final class Image {

  private static final int PAGE = 4096;
  private static final int PAGES = 256;

  /**
   * How many pages a file may make its reader fetch: some milliseconds. Libraries need a few
   * hundred; more is asked for by tables that are made to waste time.
   */
  private static final int MAX_FETCHED_BYTES = 4096;

  private final long size;
  private final FileChannel channel;
  private final ByteBuffer[] pages;
  private final long[] numbers;
  private int fetched;
  private ByteOrder order = ByteOrder.LITTLE_ENDIAN;

  private Image(long size, FileChannel channel, ByteBuffer[] pages, long[] numbers) {
    this.size = size;
    this.channel = channel;
    this.pages = pages;
    this.numbers = numbers;
  }

  static Image of(byte[] bytes) {
    return new Image(bytes.length, null, new ByteBuffer[] {ByteBuffer.wrap(bytes)}, new long[1]);
  }

  /**
   * @param channel left open; an IOException of it arrives as an UncheckedIOException
   */
  static Image of(FileChannel channel) throws IOException {
    return new Image(channel.size(), channel, new ByteBuffer[PAGES], new long[PAGES]);
  }

  /** How numbers of several bytes are written from now on. */
  void order(ByteOrder order) {
    this.order = order;
  }

  long size() {
    return size;
  }

  int u8(long at) throws MalformedException {
    check(at, 1);
    return byteAt(at);
  }

  int u16(long at) throws MalformedException {
    return (int) number(at, 2);
  }

  long u32(long at) throws MalformedException {
    return number(at, 4);
  }

  /** What is negative in the answer lies beyond every file and every address. */
  long u64(long at) throws MalformedException {
    return number(at, 8);
  }

  byte[] bytes(long at, int length) throws MalformedException {
    check(at, length);
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) byteAt(at + i);
    }
    return bytes;
  }

  /**
   * Text up to the NUL that ends it, a character for each byte.
   *
   * @param end where the NUL must lie before
   * @throws MalformedException when there is none within so many bytes
   */
  String text(long at, long end, int most) throws MalformedException {
    long last = Math.min(Math.min(end, size), at + most);
    StringBuilder text = new StringBuilder();
    for (long i = at; i >= 0 && i < last; i++) {
      int c = byteAt(i);
      if (c == 0) {
        return text.toString();
      }
      text.append((char) c);
    }
    throw new MalformedException("A name does not end");
  }

  /** Whether these characters stand there; false where the file ends before. */
  boolean startsWith(long at, String text) throws MalformedException {
    byte[] wanted = text.getBytes(StandardCharsets.ISO_8859_1);
    if (at < 0 || at > size - wanted.length) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (byteAt(at + i) != (wanted[i] & 0xff)) {
        return false;
      }
    }
    return true;
  }

  private long number(long at, int bytes) throws MalformedException {
    check(at, bytes);
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      int shift = order == ByteOrder.LITTLE_ENDIAN ? i : bytes - 1 - i;
      value |= (long) byteAt(at + i) << (8 * shift);
    }
    return value;
  }

  private void check(long at, int length) throws MalformedException {
    if (at < 0 || at > size - length) {
      throw new MalformedException("The file ends before what its headers name");
    }
  }

  private int byteAt(long at) throws MalformedException {
    if (channel == null) {
      return pages[0].get((int) at) & 0xff;
    }
    long number = at / PAGE;
    int slot = (int) (number % PAGES);
    ByteBuffer page = pages[slot];
    if (page == null || numbers[slot] != number) {
      page = load(slot, number);
    }
    int within = (int) (at % PAGE);
    // A file that has shrunk since it was opened has zeros at its end.
    return within < page.limit() ? page.get(within) & 0xff : 0;
  }

  private ByteBuffer load(int slot, long number) throws MalformedException {
    if (++fetched > MAX_FETCHED_BYTES) {
      throw new MalformedException("Its tables are spread over too many places of the file");
    }
    ByteBuffer page = pages[slot] == null ? ByteBuffer.allocate(PAGE) : pages[slot].clear();
    pages[slot] = page;
    numbers[slot] = number;
    try {
      while (page.hasRemaining() && channel.read(page, number * PAGE + page.position()) > 0) {}
    } catch (IOException e) {
      pages[slot] = null;
      throw new UncheckedIOException(e);
    }
    return page.flip();
  }
}
