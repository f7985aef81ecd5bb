package io.mimir.plugin.kit.inspect;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An ELF file as the loader sees it: its header, its program headers, and what lies at an address
 * in memory. Section headers are not looked at, as the loader does not either.
 *
 * <p>Sources: System V Application Binary Interface, chapters 4 and 5 (ELF header, program header);
 * Linux Standard Base, Core, chapter "Object Format" (PT_GNU_STACK).
 */
final class Elf {

  static final int TYPE_EXECUTABLE = 2;
  static final int TYPE_SHARED = 3;
  static final int TYPE_CORE = 4;

  static final int MACHINE_386 = 3;
  static final int MACHINE_ARM = 40;
  static final int MACHINE_X86_64 = 62;
  static final int MACHINE_AARCH64 = 183;
  static final int MACHINE_RISCV = 243;

  static final long SEGMENT_LOAD = 1;
  static final long SEGMENT_DYNAMIC = 2;
  static final long SEGMENT_INTERPRETER = 3;
  static final long SEGMENT_STACK = 0x6474e551L;

  static final int FLAG_EXECUTE = 1;
  static final int FLAG_WRITE = 2;

  private static final String MAGIC = "\u007fELF";
  private static final int MAX_SEGMENTS = 128;
  private static final int MAX_DYNAMIC_ENTRIES = 1024;
  static final long MAX_ADDRESS = 1L << 40;
  private static final long PAGE = 4096;

  private final Image image;
  private final boolean wide;
  private final int machine;
  private final int type;
  private final int osAbi;
  private final List<Segment> segments;
  private Segment last;

  /**
   * A program header.
   *
   * @param flags FLAG_EXECUTE and others
   * @param offset of its first byte in the file
   * @param address of its first byte in memory
   * @param inFile how many bytes come from the file
   * @param inMemory how many bytes it has; those beyond the file's are zero
   */
  record Segment(
      long type, int flags, long offset, long address, long inFile, long inMemory, long align) {

    boolean is(int flag) {
      return (flags & flag) != 0;
    }

    boolean holds(long place) {
      return place >= address && place - address < inMemory;
    }
  }

  private Elf(Image image, boolean wide, int machine, int type, int osAbi, List<Segment> segments) {
    this.image = image;
    this.wide = wide;
    this.machine = machine;
    this.type = type;
    this.osAbi = osAbi;
    this.segments = segments;
  }

  static boolean is(Image image) throws MalformedException {
    return image.startsWith(0, MAGIC);
  }

  /** Reads the header and the program headers. */
  static Elf read(Image image) throws MalformedException {
    int width = image.u8(4);
    int order = image.u8(5);
    if (width != 1 && width != 2) {
      throw new MalformedException("The ELF header names a class that there is not: " + width);
    }
    if (order != 1 && order != 2) {
      throw new MalformedException("The ELF header names a byte order that there is not: " + order);
    }
    boolean wide = width == 2;
    image.order(order == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    if (image.u8(6) != 1 || image.u32(20) != 1) {
      throw new MalformedException("The ELF header is of an unknown version");
    }
    for (int i = 8; i < 16; i++) {
      if (image.u8(i) != 0) {
        throw new MalformedException("The ELF header has something where the loader wants zeros");
      }
    }
    List<Segment> segments = segments(image, wide);
    return new Elf(image, wide, image.u16(18), image.u16(16), image.u8(7), segments);
  }

  private static List<Segment> segments(Image image, boolean wide) throws MalformedException {
    long table = wide ? image.u64(32) : image.u32(28);
    int size = image.u16(wide ? 54 : 42);
    int count = image.u16(wide ? 56 : 44);
    if (size != (wide ? 56 : 32)) {
      throw new MalformedException("A program header cannot have " + size + " bytes");
    }
    if (count > MAX_SEGMENTS) {
      throw new MalformedException("There are more than " + MAX_SEGMENTS + " program headers");
    }
    List<Segment> segments = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      segments.add(segment(image, wide, table + (long) i * size));
    }
    checkLoaded(image, segments);
    return segments;
  }

  private static Segment segment(Image image, boolean wide, long at) throws MalformedException {
    return wide
        ? new Segment(
            image.u32(at),
            (int) image.u32(at + 4),
            image.u64(at + 8),
            image.u64(at + 16),
            image.u64(at + 32),
            image.u64(at + 40),
            image.u64(at + 48))
        : new Segment(
            image.u32(at),
            (int) image.u32(at + 24),
            image.u32(at + 4),
            image.u32(at + 8),
            image.u32(at + 16),
            image.u32(at + 20),
            image.u32(at + 28));
  }

  /**
   * What the loader maps must be in the file, and in pages of its own: it maps whole pages, one
   * segment after the other, so that where two share a page the later one is what a program sees.
   */
  private static void checkLoaded(Image image, List<Segment> segments) throws MalformedException {
    long free = 0;
    boolean any = false;
    for (Segment segment : segments) {
      if (segment.type() != SEGMENT_LOAD) {
        continue;
      }
      if (segment.inFile() < 0
          || segment.inMemory() < segment.inFile()
          || segment.offset() < 0
          || segment.inFile() > image.size()
          || segment.offset() > image.size() - segment.inFile()) {
        throw new MalformedException("A segment is not within the file: it may be cut off");
      }
      if (segment.address() < 0
          || segment.address() > MAX_ADDRESS
          || segment.inMemory() > MAX_ADDRESS) {
        throw new MalformedException("A segment is beyond any memory");
      }
      if (segment.align() < PAGE
          || Long.bitCount(segment.align()) != 1
          || (segment.address() - segment.offset()) % segment.align() != 0) {
        throw new MalformedException("A segment is not aligned to pages");
      }
      if (any && segment.address() / PAGE * PAGE < free) {
        throw new MalformedException("Segments overlap, or are not in order");
      }
      any = true;
      free = segment.address() + segment.inMemory();
    }
    if (!any) {
      throw new MalformedException("No segment is loaded");
    }
  }

  boolean isWide() {
    return wide;
  }

  boolean isLittleEndian() throws MalformedException {
    return image.u8(5) == 1;
  }

  int machine() {
    return machine;
  }

  int type() {
    return type;
  }

  int osAbi() {
    return osAbi;
  }

  List<Segment> segments() {
    return segments;
  }

  Optional<Segment> segment(long type) {
    return segments.stream().filter(segment -> segment.type() == type).findFirst();
  }

  /** The segment that is in memory at this address. */
  Optional<Segment> loaded(long address) {
    return segments.stream()
        .filter(segment -> segment.type() == SEGMENT_LOAD && segment.holds(address))
        .findFirst();
  }

  /**
   * Where in the file the bytes lie that the loader puts at an address.
   *
   * @return the place; all of the length lies in one segment
   */
  private long place(long address, long length) throws MalformedException {
    Segment segment = last;
    if (segment == null || !isIn(segment, address, length)) {
      segment = null;
      for (Segment candidate : segments) {
        if (candidate.type() == SEGMENT_LOAD && isIn(candidate, address, length)) {
          segment = candidate;
          break;
        }
      }
      if (segment == null) {
        throw new MalformedException("An address lies in no segment of the file");
      }
      last = segment;
    }
    return segment.offset() + (address - segment.address());
  }

  private static boolean isIn(Segment segment, long address, long length) {
    long from = address - segment.address();
    return address >= segment.address()
        && from < segment.inFile()
        && length <= segment.inFile() - from;
  }

  /** Checks that so many bytes at an address come from the file. */
  void require(long address, long length) throws MalformedException {
    place(address, length);
  }

  boolean startsWith(long address, String text) throws MalformedException {
    return image.startsWith(place(address, 1), text);
  }

  int u8(long address) throws MalformedException {
    return image.u8(place(address, 1));
  }

  long u32(long address) throws MalformedException {
    return image.u32(place(address, 4));
  }

  int u16(long address) throws MalformedException {
    return image.u16(place(address, 2));
  }

  long word(long address) throws MalformedException {
    return wide ? image.u64(place(address, 8)) : image.u32(place(address, 4));
  }

  /** The size of a symbol, in bytes. */
  int symbolSize() {
    return wide ? 24 : 16;
  }

  /** The size of an address, in bytes. */
  int wordSize() {
    return wide ? 8 : 4;
  }

  /** The text at an address, up to its NUL; of at most so many bytes. */
  String text(long address, int most) throws MalformedException {
    long at = place(address, 1);
    return image.text(at, last.offset() + last.inFile(), most);
  }

  /**
   * The bytes of an object up to its NUL.
   *
   * @param most the most that they may be, with the NUL
   * @return null when there is no NUL within them
   */
  byte[] untilNul(ElfSymbol object, int most) throws MalformedException {
    long at = place(object.address(), 1);
    long end = last.offset() + last.inFile();
    if (object.size() > 0 && object.size() < end - at) {
      end = at + object.size();
    }
    if (end - at > most) {
      end = at + most;
    }
    for (long i = at; i < end; i++) {
      if (image.u8(i) == 0) {
        return image.bytes(at, (int) (i - at));
      }
    }
    return null;
  }

  /** Reads the dynamic segment. */
  ElfDynamic dynamic() throws MalformedException {
    List<Segment> found =
        segments.stream().filter(segment -> segment.type() == SEGMENT_DYNAMIC).toList();
    if (found.size() != 1) {
      throw new MalformedException(
          found.isEmpty() ? "There is no dynamic segment" : "There are two dynamic segments");
    }
    ElfDynamic dynamic = new ElfDynamic(this);
    long address = found.get(0).address();
    for (int i = 0; i < MAX_DYNAMIC_ENTRIES; i++) {
      long at = address + (long) i * 2 * wordSize();
      long tag = word(at);
      if (tag == 0) {
        dynamic.complete();
        return dynamic;
      }
      dynamic.add(tag, word(at + wordSize()));
    }
    throw new MalformedException("The dynamic segment does not end");
  }
}
