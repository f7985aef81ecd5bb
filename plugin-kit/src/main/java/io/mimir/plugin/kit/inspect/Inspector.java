package io.mimir.plugin.kit.inspect;

import io.mimir.plugin.kit.RefusalReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * Says what a file is from its bytes alone. Loading a library to look at it would run its
 * constructors; here nothing of it runs, whatever it is.
 */
public final class Inspector {

  /** The most that a plugin may have unless the server says otherwise, in bytes. */
  public static final long MAX_BYTES = 64L * 1024 * 1024;

  private final Platform here;
  private final long maxBytes;

  /** For this machine and the usual size. */
  public Inspector() {
    this(Platform.current(), MAX_BYTES);
  }

  /**
   * @param here what plugins have to be built for
   * @param maxBytes the largest file
   */
  public Inspector(Platform here, long maxBytes) {
    this.here = here;
    this.maxBytes = maxBytes;
  }

  /**
   * Inspects a file, of which at most a mebibyte is in memory at a time.
   *
   * @throws IOException when it cannot be read; never for what is in it
   */
  public Inspection inspect(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      return inspect(Image.of(channel));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Inspects what is in memory already. */
  public Inspection inspect(byte[] file) {
    return inspect(Image.of(file));
  }

  private Inspection inspect(Image image) {
    Report report = new Report();
    report.check(
        "size",
        image.size() <= maxBytes,
        RefusalReason.TOO_LARGE,
        image.size() + " bytes",
        image.size() + " bytes are more than " + maxBytes);
    FileKind kind = FileKind.OTHER;
    try {
      if (Elf.is(image)) {
        kind = FileKind.ELF;
        new ElfInspector(image, here, report).inspect();
      } else if (Pe.is(image)) {
        kind = FileKind.PE;
        new PeInspector(image, here, report).inspect();
      } else {
        report.failed("format", RefusalReason.NOT_A_LIBRARY, Foreign.describe(image));
      }
    } catch (MalformedException e) {
      report.failed("structure", RefusalReason.NOT_A_LIBRARY, e.getMessage());
    }
    return report.inspection(kind);
  }
}
