package io.mimir.plugin.kit.inspect;

/** A symbol that an ELF file defines. */
record ElfSymbol(long address, long size, int type) {

  static final int TYPE_OBJECT = 1;
  static final int TYPE_FUNCTION = 2;
  static final int TYPE_INDIRECT_FUNCTION = 10;
}
