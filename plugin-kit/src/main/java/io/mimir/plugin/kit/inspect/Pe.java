package io.mimir.plugin.kit.inspect;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A PE file as the loader of Windows sees it: headers, sections, and the directories of exports and
 * imports. Source: "PE Format" of Microsoft's documentation, whose names the constants have.
 */
final class Pe {

  static final int MACHINE_AMD64 = 0x8664;
  static final int MACHINE_ARM64 = 0xaa64;
  static final int MACHINE_I386 = 0x14c;
  static final int MACHINE_ARMNT = 0x1c4;

  private static final int MAGIC_PE32 = 0x10b;
  private static final int MAGIC_PE32_PLUS = 0x20b;

  private static final int CHARACTERISTIC_DLL = 0x2000;
  private static final int NX_COMPATIBLE = 0x100;

  private static final int DIRECTORY_EXPORT = 0;
  private static final int DIRECTORY_IMPORT = 1;
  private static final int DIRECTORY_DELAY_IMPORT = 13;
  private static final int DIRECTORY_CLR = 14;

  private static final int SECTION_HEADER = 40;
  private static final int IMPORT_DESCRIPTOR = 20;
  private static final int DELAY_DESCRIPTOR = 32;

  private static final int MAX_SECTIONS = 96;
  private static final int MAX_IMPORTS = 256;
  private static final int MAX_EXPORTS = 65_536;
  private static final int MAX_NAME_BYTES = 512;

  private final Image image;
  private final boolean wide;
  private final int machine;
  private final int characteristics;
  private final int dllCharacteristics;
  private final long headers;
  private final List<Directory> directories;
  private final List<Section> sections;

  private record Directory(long address, long size) {

    boolean isThere() {
      return address != 0 && size != 0;
    }

    boolean holds(long place) {
      return place >= address && place - address < size;
    }
  }

  /**
   * A section.
   *
   * @param address of its first byte, as all of them relative to the image
   * @param inMemory how many bytes it has
   * @param offset of its first byte in the file
   * @param inFile how many bytes come from the file
   */
  record Section(long address, long inMemory, long offset, long inFile, long flags) {

    private static final long EXECUTE = 0x20000000L;
    private static final long WRITE = 0x80000000L;

    boolean isExecutable() {
      return (flags & EXECUTE) != 0;
    }

    boolean isWritable() {
      return (flags & WRITE) != 0;
    }

    boolean holds(long place) {
      return place >= address && place - address < Math.max(inMemory, inFile);
    }
  }

  private Pe(
      Image image,
      boolean wide,
      int machine,
      int characteristics,
      int dllCharacteristics,
      long headers,
      List<Directory> directories,
      List<Section> sections) {
    this.image = image;
    this.wide = wide;
    this.machine = machine;
    this.characteristics = characteristics;
    this.dllCharacteristics = dllCharacteristics;
    this.headers = headers;
    this.directories = directories;
    this.sections = sections;
  }

  static boolean is(Image image) throws MalformedException {
    return image.startsWith(0, "MZ");
  }

  static Pe read(Image image) throws MalformedException {
    image.order(ByteOrder.LITTLE_ENDIAN);
    long start = image.u32(60);
    if (!image.startsWith(start, "PE\0\0")) {
      throw new MalformedException("It is a program for DOS, or cut off");
    }
    long coff = start + 4;
    int count = image.u16(coff + 2);
    int optionalSize = image.u16(coff + 16);
    long optional = coff + 20;
    int magic = image.u16(optional);
    if (magic != MAGIC_PE32 && magic != MAGIC_PE32_PLUS) {
      throw new MalformedException("The PE header has no known form");
    }
    boolean wide = magic == MAGIC_PE32_PLUS;
    if (count > MAX_SECTIONS) {
      throw new MalformedException("There are more than " + MAX_SECTIONS + " sections");
    }
    int fixed = wide ? 112 : 96;
    if (optionalSize < fixed) {
      throw new MalformedException("The PE header is cut off");
    }
    // The loader looks at no more than 16, and at none that the header has no room for.
    long directoryCount =
        Math.min(Math.min(image.u32(optional + fixed - 4), 16), (optionalSize - fixed) / 8);
    List<Directory> directories = new ArrayList<>();
    for (int i = 0; i < directoryCount; i++) {
      long at = optional + fixed + 8L * i;
      directories.add(new Directory(image.u32(at), image.u32(at + 4)));
    }
    List<Section> sections = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sections.add(section(image, optional + optionalSize + (long) i * SECTION_HEADER));
    }
    checkOrder(sections);
    return new Pe(
        image,
        wide,
        image.u16(coff),
        image.u16(coff + 18),
        image.u16(optional + 70),
        Math.min(image.u32(optional + 60), image.size()),
        directories,
        sections);
  }

  private static Section section(Image image, long at) throws MalformedException {
    Section section =
        new Section(
            image.u32(at + 12),
            image.u32(at + 8),
            image.u32(at + 20),
            image.u32(at + 16),
            image.u32(at + 36));
    if (section.inFile() > 0
        && (section.offset() > image.size()
            || section.inFile() > image.size() - section.offset())) {
      throw new MalformedException("A section is not within the file: it may be cut off");
    }
    return section;
  }

  /** The loader takes sections one behind the other only. */
  private static void checkOrder(List<Section> sections) throws MalformedException {
    long free = 0;
    for (Section section : sections) {
      if (section.address() < free) {
        throw new MalformedException("Sections overlap, or are not in order");
      }
      free = section.address() + (section.inMemory() == 0 ? section.inFile() : section.inMemory());
    }
  }

  boolean isWide() {
    return wide;
  }

  int machine() {
    return machine;
  }

  boolean isDll() {
    return (characteristics & CHARACTERISTIC_DLL) != 0;
  }

  boolean isManaged() {
    return directory(DIRECTORY_CLR).isPresent();
  }

  boolean keepsDataFromBeingRun() {
    return (dllCharacteristics & NX_COMPATIBLE) != 0;
  }

  List<Section> sections() {
    return sections;
  }

  Optional<Section> section(long address) {
    return sections.stream().filter(section -> section.holds(address)).findFirst();
  }

  private Optional<Directory> directory(int number) {
    return number < directories.size() && directories.get(number).isThere()
        ? Optional.of(directories.get(number))
        : Optional.empty();
  }

  /** Where in the file a part of the image begins, and how many bytes of it follow there. */
  private record Place(long offset, long length) {}

  private Place place(long address) throws MalformedException {
    for (Section section : sections) {
      long from = address - section.address();
      // What is in the file beyond the size in memory is padding.
      long length =
          section.inMemory() == 0
              ? section.inFile()
              : Math.min(section.inFile(), section.inMemory());
      if (from >= 0 && from < length) {
        return new Place(section.offset() + from, length - from);
      }
    }
    if (address >= 0 && address < headers) {
      return new Place(address, headers - address);
    }
    throw new MalformedException("An address lies in no section of the file");
  }

  private long at(long address, int length) throws MalformedException {
    Place place = place(address);
    if (place.length() < length) {
      throw new MalformedException("A table goes beyond its section");
    }
    return place.offset();
  }

  private long u32(long address) throws MalformedException {
    return image.u32(at(address, 4));
  }

  private int u16(long address) throws MalformedException {
    return image.u16(at(address, 2));
  }

  private String text(long address, int most) throws MalformedException {
    Place place = place(address);
    return image.text(place.offset(), place.offset() + place.length(), most);
  }

  /** The libraries that are loaded with this one, at once or when they are first used. */
  List<String> imports() throws MalformedException {
    List<String> names = new ArrayList<>();
    addImports(names, DIRECTORY_IMPORT, IMPORT_DESCRIPTOR, 12);
    addImports(names, DIRECTORY_DELAY_IMPORT, DELAY_DESCRIPTOR, 4);
    return names;
  }

  private void addImports(List<String> names, int number, int size, int nameAt)
      throws MalformedException {
    Optional<Directory> directory = directory(number);
    if (directory.isEmpty()) {
      return;
    }
    // It ends with an empty entry, whatever its size says.
    for (long at = directory.get().address(); ; at += size) {
      long name = u32(at + nameAt);
      if (name == 0) {
        return;
      }
      if (names.size() == MAX_IMPORTS) {
        throw new MalformedException("More than " + MAX_IMPORTS + " libraries are needed");
      }
      names.add(text(name, MAX_NAME_BYTES));
    }
  }

  /**
   * Where an export is, relative to the image; empty when there is none of this name, or when it
   * only names another library's. GetProcAddress looks through the names by halves, so that one out
   * of order is not found.
   */
  Optional<Long> export(String name) throws MalformedException {
    Optional<Directory> directory = directory(DIRECTORY_EXPORT);
    if (directory.isEmpty()) {
      return Optional.empty();
    }
    long table = directory.get().address();
    long functions = u32(table + 20);
    long names = u32(table + 24);
    if (functions > MAX_EXPORTS || names > MAX_EXPORTS) {
      throw new MalformedException("There are more than " + MAX_EXPORTS + " exports");
    }
    long addresses = u32(table + 28);
    long pointers = u32(table + 32);
    long ordinals = u32(table + 36);
    long low = 0;
    long high = names - 1;
    while (low <= high) {
      long middle = (low + high) / 2;
      int order = text(u32(pointers + 4 * middle), MAX_NAME_BYTES).compareTo(name);
      if (order < 0) {
        low = middle + 1;
      } else if (order > 0) {
        high = middle - 1;
      } else {
        int ordinal = u16(ordinals + 2 * middle);
        if (ordinal >= functions) {
          throw new MalformedException("An export names a function that there is not");
        }
        long address = u32(addresses + 4L * ordinal);
        return address == 0 || directory.get().holds(address)
            ? Optional.empty()
            : Optional.of(address);
      }
    }
    return Optional.empty();
  }

  /**
   * The bytes at an address up to their NUL.
   *
   * @return null when there is none within so many
   */
  byte[] untilNul(long address, int most) throws MalformedException {
    Place place = place(address);
    long end = place.offset() + Math.min(place.length(), most);
    for (long i = place.offset(); i < end; i++) {
      if (image.u8(i) == 0) {
        return image.bytes(place.offset(), (int) (i - place.offset()));
      }
    }
    return null;
  }
}
