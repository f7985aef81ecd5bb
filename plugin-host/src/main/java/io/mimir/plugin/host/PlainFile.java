package io.mimir.plugin.host;

import io.mimir.plugin.kit.frame.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** In the work folder: where there is no jail, there is no better place. */
final class PlainFile extends PluginFile {

  private final Path path = Path.of(System.mapLibraryName("plugin")).toAbsolutePath();

  @Override
  void keep(byte[] piece) throws LoadException {
    try {
      Files.write(path, piece, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new LoadException(Failure.LOAD_FAILED, "There is no room for it");
    }
  }

  @Override
  String seal() {
    return path.toString();
  }
}
