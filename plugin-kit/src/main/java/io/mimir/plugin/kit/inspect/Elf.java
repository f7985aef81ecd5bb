package io.mimir.plugin.kit.inspect;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An ELF file as the loader sees it: program headers, the dynamic segment, and a symbol found
 * through its hash tables. Section headers are not looked at, as the loader does not either.
 *
 * <p>Sources: System V Application Binary Interface, chapters 4 and 5 (ELF header, program header,
 * dynamic section, DT_HASH); Linux Standard Base, Core, chapter "Object Format" (PT_GNU_STACK,
 * symbol versions); the order of look-up and what a symbol must be are those of {@code dlsym} in
 * glibc; DT_GNU_HASH as the GNU linker writes it.
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
  private static final int MOST_SEGMENTS = 128;
  private static final int MOST_DYNAMIC_ENTRIES = 1024;
  private static final int MOST_NAME = 1024;
  private static final int MOST_STEPS = 1024;
  private static final int MOST_SYMBOLS_SCANNED = 65_536;
  private static final int MOST_BUCKETS = 1 << 24;
  private static final long HIGHEST_ADDRESS = 1L << 40;
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

  /** A defined symbol. */
  record Symbol(long address, long size, int type) {

    static final int TYPE_OBJECT = 1;
    static final int TYPE_FUNCTION = 2;
    static final int TYPE_INDIRECT_FUNCTION = 10;
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
    if (count > MOST_SEGMENTS) {
      throw new MalformedException("There are more than " + MOST_SEGMENTS + " program headers");
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
          || segment.address() > HIGHEST_ADDRESS
          || segment.inMemory() > HIGHEST_ADDRESS) {
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

  private long u32(long address) throws MalformedException {
    return image.u32(place(address, 4));
  }

  private int u16(long address) throws MalformedException {
    return image.u16(place(address, 2));
  }

  private long word(long address) throws MalformedException {
    return wide ? image.u64(place(address, 8)) : image.u32(place(address, 4));
  }

  private int wordSize() {
    return wide ? 8 : 4;
  }

  private String text(long address, int most) throws MalformedException {
    long at = place(address, 1);
    return image.text(at, last.offset() + last.inFile(), most);
  }

  /**
   * The bytes of an object up to its NUL.
   *
   * @param most the most that they may be, with the NUL
   * @return null when there is no NUL within them
   */
  byte[] untilNul(Symbol object, int most) throws MalformedException {
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
  Dynamic dynamic() throws MalformedException {
    List<Segment> found =
        segments.stream().filter(segment -> segment.type() == SEGMENT_DYNAMIC).toList();
    if (found.size() != 1) {
      throw new MalformedException(
          found.isEmpty() ? "There is no dynamic segment" : "There are two dynamic segments");
    }
    Dynamic dynamic = new Dynamic();
    long address = found.get(0).address();
    for (int i = 0; i < MOST_DYNAMIC_ENTRIES; i++) {
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

  /** What the dynamic segment says. Of an entry that is there twice the loader takes the last. */
  final class Dynamic {

    private static final long NEEDED = 1;
    private static final long HASH = 4;
    private static final long STRINGS = 5;
    private static final long SYMBOLS = 6;
    private static final long SYMBOL_SIZE = 11;
    private static final long SONAME = 14;
    private static final long RPATH = 15;
    private static final long TEXT_RELOCATIONS = 22;
    private static final long RUNPATH = 29;
    private static final long FLAGS = 30;
    private static final long GNU_HASH = 0x6ffffef5L;
    private static final long VERSIONS = 0x6ffffff0L;
    private static final long FLAGS_1 = 0x6ffffffbL;
    private static final long DEPAUDIT = 0x6ffffefbL;
    private static final long AUDIT = 0x6ffffefcL;
    private static final long AUXILIARY = 0x7ffffffdL;
    private static final long FILTER = 0x7fffffffL;

    private static final long FLAG_TEXT_RELOCATIONS = 4;
    private static final long FLAG_1_NO_OPEN = 0x40;
    private static final long FLAG_1_PIE = 0x08000000L;

    private static final int MOST_NEEDED = 64;
    private static final int VERSION_HIDDEN = 0x8000;

    private final List<Long> needed = new ArrayList<>();
    private final List<Long> helpers = new ArrayList<>();
    private boolean searchPath;
    private boolean textRelocations;
    private long flags1;
    private long hash;
    private long gnuHash;
    private long strings;
    private long symbols;
    private long versions;

    private void add(long tag, long value) throws MalformedException {
      if (tag == NEEDED) {
        needed.add(value);
      } else if (tag == AUDIT || tag == DEPAUDIT || tag == AUXILIARY || tag == FILTER) {
        helpers.add(value);
      } else if (tag == RPATH || tag == RUNPATH) {
        searchPath = true;
      } else if (tag == TEXT_RELOCATIONS || tag == FLAGS && (value & FLAG_TEXT_RELOCATIONS) != 0) {
        textRelocations = true;
      } else if (tag == FLAGS_1) {
        flags1 |= value;
      } else if (tag == HASH) {
        hash = value;
      } else if (tag == GNU_HASH) {
        gnuHash = value;
      } else if (tag == STRINGS) {
        strings = value;
      } else if (tag == SYMBOLS) {
        symbols = value;
      } else if (tag == VERSIONS) {
        versions = value;
      } else if (tag == SYMBOL_SIZE && value != symbolSize()) {
        throw new MalformedException("A symbol cannot have " + value + " bytes");
      }
    }

    private void complete() throws MalformedException {
      if (strings == 0 || symbols == 0) {
        throw new MalformedException("There is no table of dynamic symbols");
      }
      if (needed.size() + helpers.size() > MOST_NEEDED) {
        throw new MalformedException("More than " + MOST_NEEDED + " libraries are needed");
      }
    }

    boolean hasSearchPath() {
      return searchPath;
    }

    boolean hasTextRelocations() {
      return textRelocations;
    }

    /** An executable that can be placed anywhere; the loader opens none as a library. */
    boolean isExecutable() {
      return (flags1 & FLAG_1_PIE) != 0;
    }

    boolean refusesToBeOpened() {
      return (flags1 & FLAG_1_NO_OPEN) != 0;
    }

    /** Libraries that the loader loads before this one. */
    List<String> needed() throws MalformedException {
      return names(needed);
    }

    /** Libraries that the loader asks beside or instead of this one: filters and auditors. */
    List<String> helpers() throws MalformedException {
      return names(helpers);
    }

    private List<String> names(List<Long> offsets) throws MalformedException {
      List<String> names = new ArrayList<>();
      for (long offset : offsets) {
        names.add(name(offset, MOST_NAME));
      }
      return names;
    }

    private String name(long offset, int most) throws MalformedException {
      if (offset < 0 || offset > HIGHEST_ADDRESS || strings < 0 || strings > HIGHEST_ADDRESS) {
        throw new MalformedException("A name lies beyond any memory");
      }
      return text(strings + offset, most);
    }

    private int symbolSize() {
      return wide ? 24 : 16;
    }

    /** The symbol that dlsym would give for this name. */
    Optional<Symbol> symbol(String name) throws MalformedException {
      Candidates candidates = new Candidates(name);
      if (gnuHash != 0) {
        lookUpGnu(candidates);
      } else if (hash != 0) {
        lookUp(candidates);
      } else {
        throw new MalformedException("There is no hash table of the dynamic symbols");
      }
      return candidates.chosen();
    }

    private void lookUpGnu(Candidates candidates) throws MalformedException {
      long buckets = u32(gnuHash);
      long first = u32(gnuHash + 4);
      long words = u32(gnuHash + 8);
      long shift = u32(gnuHash + 12);
      if (Long.bitCount(words) != 1 || shift > 31 || buckets > MOST_BUCKETS) {
        throw new MalformedException("The hash table of the dynamic symbols is none");
      }
      if (buckets == 0) {
        return;
      }
      long value = gnuHash(candidates.name);
      int bits = 8 * wordSize();
      long filter = word(gnuHash + 16 + (value / bits & words - 1) * wordSize());
      if ((filter >>> value % bits & filter >>> (value >>> shift) % bits & 1) == 0) {
        return;
      }
      long table = gnuHash + 16 + words * wordSize();
      long index = u32(table + value % buckets * 4);
      if (index == 0) {
        return;
      }
      if (index < first) {
        throw new MalformedException("The hash table names a symbol that it does not cover");
      }
      for (int i = 0; i < MOST_STEPS; i++, index++) {
        long entry = u32(table + buckets * 4 + (index - first) * 4);
        if ((entry | 1) == (value | 1) && candidates.offer(index)) {
          return;
        }
        if ((entry & 1) != 0) {
          return;
        }
      }
      throw new MalformedException("A chain of the hash table does not end");
    }

    private void lookUp(Candidates candidates) throws MalformedException {
      long buckets = u32(hash);
      long chains = u32(hash + 4);
      if (buckets == 0) {
        return;
      }
      long index = u32(hash + 8 + sysvHash(candidates.name) % buckets * 4);
      for (int i = 0; i < MOST_STEPS; i++) {
        if (index == 0) {
          return;
        }
        if (index >= chains) {
          throw new MalformedException("The hash table names a symbol that it does not cover");
        }
        if (candidates.offer(index)) {
          return;
        }
        index = u32(hash + 8 + buckets * 4 + index * 4);
      }
      throw new MalformedException("A chain of the hash table does not end");
    }

    /** Whether a symbol's name, defined or not, begins so; looks at the first 65,536 of them. */
    boolean hasSymbolBeginning(List<String> beginnings) {
      // The table does not say where it ends. Linkers put the names behind it.
      long most =
          strings > symbols
              ? Math.min(MOST_SYMBOLS_SCANNED, (strings - symbols) / symbolSize())
              : MOST_SYMBOLS_SCANNED;
      try {
        for (long i = 1; i < most; i++) {
          long name = place(strings + u32(symbols + i * symbolSize()), 1);
          for (String beginning : beginnings) {
            if (image.startsWith(name, beginning)) {
              return true;
            }
          }
        }
      } catch (MalformedException e) {
        // The end of the table, or none: it is only asked for a hint.
      }
      return false;
    }

    /** The rules by which glibc's look-up takes one of the symbols that have the hash. */
    private final class Candidates {

      private static final int BIND_GLOBAL = 1;
      private static final int BIND_WEAK = 2;
      private static final int BIND_UNIQUE = 10;
      private static final int VISIBILITY_INTERNAL = 1;
      private static final int VISIBILITY_HIDDEN = 2;
      private static final int SECTION_UNDEFINED = 0;
      private static final int SECTION_ABSOLUTE = 0xfff1;

      private final String name;
      private Symbol chosen;
      private Symbol versioned;
      private int versionedCount;

      private Candidates(String name) {
        this.name = name;
      }

      private boolean offer(long index) throws MalformedException {
        long at = symbols + index * symbolSize();
        place(at, symbolSize());
        if (!name.equals(nameAt(at))) {
          return false;
        }
        int info = image.u8(place(at + (wide ? 4 : 12), 1));
        int visibility = image.u8(place(at + (wide ? 5 : 13), 1)) & 3;
        int section = u16(at + (wide ? 6 : 14));
        long value = word(at + (wide ? 8 : 4));
        long size = word(at + (wide ? 16 : 8));
        int binding = info >> 4;
        boolean takes =
            section != SECTION_UNDEFINED
                && section != SECTION_ABSOLUTE
                && value != 0
                && visibility != VISIBILITY_INTERNAL
                && visibility != VISIBILITY_HIDDEN
                && (binding == BIND_GLOBAL || binding == BIND_WEAK || binding == BIND_UNIQUE);
        if (!takes) {
          return false;
        }
        Symbol symbol = new Symbol(value, size, info & 15);
        if (versions != 0) {
          int version = u16(versions + 2 * index);
          if ((version & ~VERSION_HIDDEN) >= 2) {
            // One of several versions: dlsym takes the default one if there is one only.
            if ((version & VERSION_HIDDEN) == 0) {
              versioned = symbol;
              versionedCount++;
            }
            return false;
          }
        }
        chosen = symbol;
        return true;
      }

      private String nameAt(long symbol) {
        try {
          return Dynamic.this.name(u32(symbol), name.length() + 1);
        } catch (MalformedException e) {
          // Longer than what is looked for, or nowhere: not this one.
          return null;
        }
      }

      private Optional<Symbol> chosen() {
        if (chosen == null && versionedCount == 1) {
          chosen = versioned;
        }
        return Optional.ofNullable(chosen);
      }
    }
  }

  private static long gnuHash(String name) {
    int hash = 5381;
    for (byte c : name.getBytes(StandardCharsets.US_ASCII)) {
      hash = hash * 33 + c;
    }
    return hash & 0xffffffffL;
  }

  private static long sysvHash(String name) {
    long hash = 0;
    for (byte c : name.getBytes(StandardCharsets.US_ASCII)) {
      hash = (hash << 4) + c;
      long high = hash & 0xf0000000L;
      hash ^= high >>> 24;
      hash &= ~high;
    }
    return hash & 0xffffffffL;
  }
}
