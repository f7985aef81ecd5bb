package io.mimir.plugin.kit.inspect;

import java.util.LinkedHashMap;
import java.util.Map;

/** Files that people upload by mistake, by their first bytes. */
final class Foreign {

  private static final Map<String, String> KNOWN = new LinkedHashMap<>();

  static {
    KNOWN.put("!<arch>\n", "It is a static library (.a): link it as a shared one");
    KNOWN.put("\u00cf\u00fa\u00ed\u00fe", "It is a library or program for macOS");
    KNOWN.put("\u00ce\u00fa\u00ed\u00fe", "It is a library or program for macOS");
    KNOWN.put("\u00ca\u00fe\u00ba\u00be", "It is a Java class, or a universal binary for macOS");
    KNOWN.put("\0asm", "It is a WebAssembly module, which this version does not run");
    KNOWN.put("PK", "It is an archive: upload the library that is in it");
    KNOWN.put("\u001f\u008b", "It is compressed: upload the library that is in it");
    KNOWN.put("\u00fd7zXZ", "It is compressed: upload the library that is in it");
    KNOWN.put("#!", "It is a script, not a shared library");
    KNOWN.put("-----BEGIN ", "It is a key or a signature, not a shared library");
    KNOWN.put("untrusted comment:", "It is a key or a signature, not a shared library");
  }

  private Foreign() {}

  static String describe(Image image) throws MalformedException {
    if (image.size() == 0) {
      return "The file is empty";
    }
    for (Map.Entry<String, String> known : KNOWN.entrySet()) {
      if (image.startsWith(0, known.getKey())) {
        return known.getValue();
      }
    }
    return "It is neither an ELF file (.so) nor a PE file (.dll)";
  }
}
