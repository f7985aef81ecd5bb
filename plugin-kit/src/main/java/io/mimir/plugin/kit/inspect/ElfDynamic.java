package io.mimir.plugin.kit.inspect;

import java.util.ArrayList;
import java.util.List;

/**
 * The dynamic segment of an ELF file. Of an entry that is there twice the loader takes the last.
 *
 * <p>Source: System V Application Binary Interface, chapter 5 (dynamic section).
 */
final class ElfDynamic {

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

  private static final int MAX_NEEDED = 64;
  private static final int MAX_NAME_BYTES = 1024;

  private final Elf elf;
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

  ElfDynamic(Elf elf) {
    this.elf = elf;
  }

  void add(long tag, long value) throws MalformedException {
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
    } else if (tag == SYMBOL_SIZE && value != elf.symbolSize()) {
      throw new MalformedException("A symbol cannot have " + value + " bytes");
    }
  }

  /** Checks what is there when all entries were added. */
  void complete() throws MalformedException {
    if (strings == 0 || symbols == 0) {
      throw new MalformedException("There is no table of dynamic symbols");
    }
    if (needed.size() + helpers.size() > MAX_NEEDED) {
      throw new MalformedException("More than " + MAX_NEEDED + " libraries are needed");
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
      names.add(name(offset, MAX_NAME_BYTES));
    }
    return names;
  }

  String name(long offset, int most) throws MalformedException {
    if (offset < 0 || offset > Elf.MAX_ADDRESS || strings < 0 || strings > Elf.MAX_ADDRESS) {
      throw new MalformedException("A name lies beyond any memory");
    }
    return elf.text(strings + offset, most);
  }

  /** Where the names begin. */
  long strings() {
    return strings;
  }

  /** Where the symbols begin. */
  long symbols() {
    return symbols;
  }

  /** Where the versions of the symbols begin; 0 when they have none. */
  long versions() {
    return versions;
  }

  /** Where the hash table of System V is; 0 when there is none. */
  long hash() {
    return hash;
  }

  /** Where the hash table of the GNU linker is; 0 when there is none. */
  long gnuHash() {
    return gnuHash;
  }
}
