package io.mimir.plugin.host;

import io.mimir.plugin.kit.frame.Frame;
import io.mimir.plugin.kit.host.HostCommand;
import io.mimir.plugin.kit.host.HostFolder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** The folder of a host, made of what is on the class path of the tests. */
final class Hosts {

  private Hosts() {}

  static void unpack(Path folder) throws IOException {
    HostFolder.unpack(
        folder,
        jar ->
            switch (jar) {
              case "mimir-plugin-host.jar" -> jarOf(Main.class);
              case "mimir-plugin-kit.jar" -> jarOf(Frame.class);
              default -> Files.newInputStream(placeOf(com.sun.jna.Native.class));
            });
  }

  private static Path placeOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Maven gives a folder of classes before the package phase, and a jar after it. */
  private static InputStream jarOf(Class<?> type) throws IOException {
    Path place = placeOf(type);
    if (!Files.isDirectory(place)) {
      return Files.newInputStream(place);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JarOutputStream jar = new JarOutputStream(bytes);
        Stream<Path> files = Files.walk(place)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        jar.putNextEntry(new ZipEntry(place.relativize(file).toString().replace('\\', '/')));
        Files.copy(file, jar);
        jar.closeEntry();
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return new ByteArrayInputStream(bytes.toByteArray());
  }

  /** Compiles a plugin; the source may include mimir_plugin.h. */
  static Path compile(Path folder, String name, String source)
      throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve(name + ".c"), source);
    return compile(file, folder.resolve(name + ".so"));
  }

  /**
   * @param options besides what makes a library of it
   */
  static Path compile(Path source, Path library, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("gcc", "-O1", "-shared", "-fPIC", "-pthread"));
    command.addAll(List.of("-I", Path.of("..", "sdk").toAbsolutePath().toString()));
    command.addAll(List.of(options));
    command.addAll(List.of(source.toString(), "-o", library.toString()));
    run(new ProcessBuilder(command));
    return library;
  }

  /** Runs a compiler, which has to succeed. */
  static void run(ProcessBuilder builder) throws IOException, InterruptedException {
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new AssertionError(said);
    }
  }

  static boolean hasGcc() {
    return has("gcc");
  }

  static boolean has(String program) {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  static HostCommand command(Path folder, Path work, int memoryMb) {
    return command(folder, work, memoryMb, false);
  }

  static HostCommand command(Path folder, Path work, int memoryMb, boolean tree) {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    return new HostCommand(java, folder, work, memoryMb, tree, true);
  }
}
