package io.mimir.plugin.kit.inspect;

import java.util.Locale;

/**
 * What a library is built for.
 *
 * @param os {@code linux} or {@code windows}, or what else it is
 * @param arch the processor as Linux names it: {@code x86_64}, {@code aarch64}, …
 */
public record Platform(String os, String arch) {

  public static final Platform LINUX_X86_64 = new Platform("linux", "x86_64");
  public static final Platform LINUX_AARCH64 = new Platform("linux", "aarch64");
  public static final Platform WINDOWS_X86_64 = new Platform("windows", "x86_64");

  /** Where this program runs. */
  public static Platform current() {
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    return new Platform(
        os.startsWith("windows") ? "windows" : os.startsWith("mac") ? "macos" : os,
        arch.equals("amd64") ? "x86_64" : arch);
  }

  @Override
  public String toString() {
    return os + " on " + arch;
  }
}
