package io.mimir.plugin.kit.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** The folder that a host runs from, made of what the server carries. */
public final class HostFolder {

  private HostFolder() {}

  /** Gives one of {@link HostCommand#JARS}. */
  @FunctionalInterface
  public interface Source {

    /**
     * @throws IOException when there is no such file
     */
    InputStream open(String jar) throws IOException;
  }

  /**
   * Unpacks everything, over what a server of before may have left.
   *
   * @throws IOException when a file is missing or the folder cannot be written; also when JNA has
   *     no native library for this machine
   */
  public static void unpack(Path folder, Source source) throws IOException {
    Files.createDirectories(folder);
    for (String jar : HostCommand.JARS) {
      Path fresh = folder.resolve(jar + ".new");
      try (InputStream in = source.open(jar)) {
        Files.copy(in, fresh, StandardCopyOption.REPLACE_EXISTING);
      }
      move(fresh, folder.resolve(jar));
    }
    unpackNative(folder);
  }

  /** JNA would do it itself, in each process anew, and into a folder that the jail closes. */
  private static void unpackNative(Path folder) throws IOException {
    String library = System.mapLibraryName("jnidispatch");
    String wanted = "com/sun/jna/" + platform() + '/' + library;
    try (ZipInputStream jar = new ZipInputStream(Files.newInputStream(folder.resolve("jna.jar")))) {
      for (ZipEntry entry = jar.getNextEntry(); entry != null; entry = jar.getNextEntry()) {
        if (entry.getName().equals(wanted)) {
          Path fresh = folder.resolve(library + ".new");
          Files.copy(jar, fresh, StandardCopyOption.REPLACE_EXISTING);
          move(fresh, folder.resolve(library));
          return;
        }
      }
    }
    throw new IOException("JNA has no native library for " + platform());
  }

  /** As JNA names its folders (com.sun.jna.Platform). */
  private static String platform() {
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch", "");
    String prefix = os.startsWith("windows") ? "win32" : os.startsWith("mac") ? "darwin" : "linux";
    return prefix + '-' + (arch.equals("amd64") || arch.equals("x86_64") ? "x86-64" : arch);
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
