package io.mimir.plugin.kit.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.plugin.kit.fixture.ElfBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are as large as may be, and made to keep their reader busy. */
class HostileTablesTest {

  private static final int SIZE = (int) Inspector.MAX_BYTES;
  private static final int DATA = 0x10000;

  @TempDir Path folder;

  /** The shortest of several times: others use the machine too. */
  private long millis(byte[] file) throws IOException {
    Path path = Files.write(folder.resolve("hostile.so"), file);
    Inspector inspector = new Inspector(Platform.LINUX_X86_64, SIZE);
    return IntStream.range(0, 5)
            .mapToLong(
                i -> {
                  long start = System.nanoTime();
                  try {
                    assertThat(inspector.inspect(path).passed()).isFalse();
                  } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                  }
                  return System.nanoTime() - start;
                })
            .min()
            .orElseThrow()
        / 1_000_000;
  }

  /** One segment over the whole file, in which all tables are where a test wants them. */
  private static ByteBuffer file(long... dynamic) {
    ByteBuffer file = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    file.put(new ElfBuilder().build(), 0, 64);
    file.putShort(56, (short) 3);
    header(file, 64, 1, 5, 0, SIZE, 4096);
    header(file, 120, 2, 6, 0x1000, 0x1000, 8);
    header(file, 176, 0x6474e551, 6, 0, 0, 16);
    file.position(0x1000);
    for (long word : dynamic) {
      file.putLong(word);
    }
    return file;
  }

  private static void header(
      ByteBuffer file, int at, int type, int flags, long offset, long size, long align) {
    file.putInt(at, type).putInt(at + 4, flags).putLong(at + 8, offset).putLong(at + 16, offset);
    file.putLong(at + 32, size).putLong(at + 40, size).putLong(at + 48, align);
  }

  @Test
  void namesThatLieFarApartAreNotAllFetched() throws IOException {
    ByteBuffer file = file(6, DATA, 5, DATA + 0x400000, 0x6ffffef5, 0x3000);
    Random random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      file.putInt(DATA + 24 * i, random.nextInt(SIZE - DATA - 0x400100));
    }
    file.putInt(0x3000, 0).putInt(0x3004, 1).putInt(0x3008, 1);

    assertThat(millis(file.array())).isLessThan(500);
  }

  @Test
  void chainsOfSymbolsWithTheSameHashAreCutOff() throws IOException {
    ByteBuffer file = file(6, DATA, 5, DATA + 0x400000, 4, 0x3000);
    Random random = new Random(1);
    int count = 100_000;
    file.putInt(0x3000, 1).putInt(0x3004, count).putInt(0x3008, 1);
    for (int i = 1; i < count; i++) {
      file.putInt(DATA + 24 * i, random.nextInt(SIZE - DATA - 0x400100));
      if (0x300c + 4 * i < DATA) {
        file.putInt(0x300c + 4 * i, i + 1);
      }
    }

    assertThat(millis(file.array())).isLessThan(500);
  }

  @Test
  void aManifestAsLongAsTheFileIsCutOff() throws IOException {
    byte[] file = new ElfBuilder().manifest(" ".repeat(10_000_000)).build();

    assertThat(millis(file)).isLessThan(500);
  }
}
