package io.mimir.plugin.kit.inspect;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The dynamic symbols of an ELF file, found through its hash tables.
 *
 * <p>Sources: System V Application Binary Interface, chapter 5 (DT_HASH); Linux Standard Base, Core
 * (symbol versions); the order of look-up and what a symbol must be are those of {@code dlsym} in
 * glibc; DT_GNU_HASH as the GNU linker writes it.
 */
final class ElfSymbols {

  private static final int MAX_STEPS = 1024;
  private static final int MAX_SYMBOLS_SCANNED = 65_536;
  private static final int MAX_BUCKETS = 1 << 24;
  private static final int VERSION_HIDDEN = 0x8000;

  private final Elf elf;
  private final ElfDynamic dynamic;
  private final boolean wide;
  private final long hash;
  private final long gnuHash;
  private final long strings;
  private final long symbols;
  private final long versions;

  ElfSymbols(Elf elf, ElfDynamic dynamic) {
    this.elf = elf;
    this.dynamic = dynamic;
    wide = elf.isWide();
    hash = dynamic.hash();
    gnuHash = dynamic.gnuHash();
    strings = dynamic.strings();
    symbols = dynamic.symbols();
    versions = dynamic.versions();
  }

  /** The symbol that dlsym would give for this name. */
  Optional<ElfSymbol> symbol(String name) throws MalformedException {
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
    long buckets = elf.u32(gnuHash);
    long first = elf.u32(gnuHash + 4);
    long words = elf.u32(gnuHash + 8);
    long shift = elf.u32(gnuHash + 12);
    if (Long.bitCount(words) != 1 || shift > 31 || buckets > MAX_BUCKETS) {
      throw new MalformedException("The hash table of the dynamic symbols is none");
    }
    if (buckets == 0) {
      return;
    }
    long value = gnuHashOf(candidates.name);
    int bits = 8 * elf.wordSize();
    long filter = elf.word(gnuHash + 16 + (value / bits & words - 1) * elf.wordSize());
    if ((filter >>> value % bits & filter >>> (value >>> shift) % bits & 1) == 0) {
      return;
    }
    long table = gnuHash + 16 + words * elf.wordSize();
    long index = elf.u32(table + value % buckets * 4);
    if (index == 0) {
      return;
    }
    if (index < first) {
      throw new MalformedException("The hash table names a symbol that it does not cover");
    }
    for (int i = 0; i < MAX_STEPS; i++, index++) {
      long entry = elf.u32(table + buckets * 4 + (index - first) * 4);
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
    long buckets = elf.u32(hash);
    long chains = elf.u32(hash + 4);
    if (buckets == 0) {
      return;
    }
    long index = elf.u32(hash + 8 + sysvHashOf(candidates.name) % buckets * 4);
    for (int i = 0; i < MAX_STEPS; i++) {
      if (index == 0) {
        return;
      }
      if (index >= chains) {
        throw new MalformedException("The hash table names a symbol that it does not cover");
      }
      if (candidates.offer(index)) {
        return;
      }
      index = elf.u32(hash + 8 + buckets * 4 + index * 4);
    }
    throw new MalformedException("A chain of the hash table does not end");
  }

  /** Whether a symbol's name, defined or not, begins so; looks at the first 65,536 of them. */
  boolean hasSymbolBeginning(List<String> beginnings) {
    // The table does not say where it ends. Linkers put the names behind it.
    long most =
        strings > symbols
            ? Math.min(MAX_SYMBOLS_SCANNED, (strings - symbols) / elf.symbolSize())
            : MAX_SYMBOLS_SCANNED;
    try {
      for (long i = 1; i < most; i++) {
        long name = strings + elf.u32(symbols + i * elf.symbolSize());
        for (String beginning : beginnings) {
          if (elf.startsWith(name, beginning)) {
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
    private ElfSymbol chosen;
    private ElfSymbol versioned;
    private int versionedCount;

    private Candidates(String name) {
      this.name = name;
    }

    private boolean offer(long index) throws MalformedException {
      long at = symbols + index * elf.symbolSize();
      elf.require(at, elf.symbolSize());
      if (!name.equals(nameAt(at))) {
        return false;
      }
      int info = elf.u8(at + (wide ? 4 : 12));
      int visibility = elf.u8(at + (wide ? 5 : 13)) & 3;
      int section = elf.u16(at + (wide ? 6 : 14));
      long value = elf.word(at + (wide ? 8 : 4));
      long size = elf.word(at + (wide ? 16 : 8));
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
      ElfSymbol symbol = new ElfSymbol(value, size, info & 15);
      if (versions != 0) {
        int version = elf.u16(versions + 2 * index);
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
        return dynamic.name(elf.u32(symbol), name.length() + 1);
      } catch (MalformedException e) {
        // Longer than what is looked for, or nowhere: not this one.
        return null;
      }
    }

    private Optional<ElfSymbol> chosen() {
      if (chosen == null && versionedCount == 1) {
        chosen = versioned;
      }
      return Optional.ofNullable(chosen);
    }
  }

  private static long gnuHashOf(String name) {
    int hash = 5381;
    for (byte c : name.getBytes(StandardCharsets.US_ASCII)) {
      hash = hash * 33 + c;
    }
    return hash & 0xffffffffL;
  }

  private static long sysvHashOf(String name) {
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
