package io.mimir.plugin.host;

import com.sun.jna.Callback;
import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import io.mimir.plugin.kit.frame.Failure;
import io.mimir.plugin.kit.frame.Frame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;

/**
 * The plugin. Its file is read once, hashed, and loaded from a sealed copy in memory: what was
 * hashed is what runs, whatever happens to the file meanwhile.
 */
final class PluginLibrary {

  private static final int MAX_MANIFEST = 64 * 1024;
  private static final int MAX_FILE = 64 * 1024 * 1024;
  private static final int MAX_LOG = 64 * 1024;

  private static final int MFD_CLOEXEC = 1;
  private static final int MFD_ALLOW_SEALING = 2;
  private static final int F_ADD_SEALS = 1033;

  /** No more sealing, shrinking, growing and writing (fcntl(2)). */
  private static final int ALL_SEALS = 1 | 2 | 4 | 8;

  private static final int RTLD_NOW = 2;

  /** Takes what the plugin logs. */
  interface Log {
    void line(int level, byte[] text);
  }

  /** Whether the call on this thread is not wanted any more. */
  interface Cancelled {
    boolean get();
  }

  /** {@code void (*log)(void *ctx, int32_t level, const uint8_t *message, size_t length)}. */
  interface LogCallback extends Callback {
    void invoke(Pointer context, int level, Pointer text, long length);
  }

  /** {@code int32_t (*cancelled)(void *ctx)}. */
  interface CancelledCallback extends Callback {
    int invoke(Pointer context);
  }

  private final Pointer instance;
  private final byte[] manifest;

  // Native code holds their addresses, which Java does not see.
  private final LogCallback log;
  private final CancelledCallback cancelled;
  private final Memory host;

  /** Room for a call, one for each thread. */
  private final ThreadLocal<Room> rooms = ThreadLocal.withInitial(Room::new);

  private static final class Room {
    private Memory input = new Memory(16 * 1024);
    private final Memory action = new Memory(256);
    private final Memory output = new Memory(16);
  }

  private PluginLibrary(NativeLibrary library, byte[] config, Log log, Cancelled cancelled)
      throws LoadException {
    this.log = (context, level, text, length) -> log.line(level, bounded(text, length, MAX_LOG));
    this.cancelled = context -> cancelled.get() ? 1 : 0;
    host = new Memory(32);
    host.clear();
    host.setInt(0, 32);
    host.setPointer(16, com.sun.jna.CallbackReference.getFunctionPointer(this.log));
    host.setPointer(24, com.sun.jna.CallbackReference.getFunctionPointer(this.cancelled));
    manifest = manifestOf(library);
    instance = open(config);
  }

  /**
   * Loads a plugin and opens it.
   *
   * @throws LoadException with HASH_MISMATCH or LOAD_FAILED
   */
  static PluginLibrary load(
      Path file, byte[] sha256, byte[] config, Jail jail, Log log, Cancelled cancelled)
      throws LoadException {
    byte[] bytes = read(file);
    if (!MessageDigest.isEqual(hash(bytes), sha256)) {
      throw new LoadException(Failure.HASH_MISMATCH, "The file is not the one that is trusted");
    }
    String path = jail == Jail.NONE ? file.toString() : sealedCopy(bytes, jail);
    try {
      NativeLibrary library =
          NativeLibrary.getInstance(path, Map.of(Library.OPTION_OPEN_FLAGS, RTLD_NOW));
      Native.register(PluginCalls.class, library);
      int abi = PluginCalls.mimir_plugin_abi_version();
      if (abi != 1) {
        throw new LoadException(Failure.LOAD_FAILED, "It speaks version " + abi + " of the ABI");
      }
      return new PluginLibrary(library, config, log, cancelled);
    } catch (UnsatisfiedLinkError e) {
      throw new LoadException(Failure.LOAD_FAILED, "The loader refused it: " + e.getMessage());
    }
  }

  private static byte[] read(Path file) throws LoadException {
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!attributes.isRegularFile() || attributes.size() > MAX_FILE) {
        throw new LoadException(Failure.LOAD_FAILED, "It is no plain file of at most 64 MiB");
      }
      // Not by Java's channels: they want a socket pair before they open anything.
      int fd = Libc.open(file.toString(), Libc.O_CLOEXEC, 0);
      if (fd < 0) {
        throw new IOException("open: errno " + Libc.errno());
      }
      try {
        return new Fd.In(fd).readNBytes(MAX_FILE);
      } finally {
        Libc.close(fd);
      }
    } catch (IOException e) {
      throw new LoadException(Failure.LOAD_FAILED, "Its file cannot be read");
    }
  }

  private static byte[] hash(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String sealedCopy(byte[] bytes, Jail jail) throws LoadException {
    try (Memory name = new Memory(8)) {
      name.setString(0, "plugin");
      long fd =
          SystemCall.MEMFD_CREATE.call(Pointer.nativeValue(name), MFD_CLOEXEC | MFD_ALLOW_SEALING);
      if (fd < 0) {
        throw new LoadException(Failure.LOAD_FAILED, "memfd_create: errno " + Libc.errno());
      }
      Fd.Out out = new Fd.Out((int) fd);
      out.write(bytes, 0, bytes.length);
      out.flush();
      if (Libc.fcntl((int) fd, F_ADD_SEALS, ALL_SEALS) != 0) {
        throw new LoadException(Failure.LOAD_FAILED, "The copy cannot be sealed");
      }
      String failure =
          jail == Jail.FILTERED ? Seccomp.restrictMemoryFiles(Machine.own().orElseThrow()) : null;
      if (failure != null) {
        throw new LoadException(Failure.LOAD_FAILED, failure);
      }
      return "/proc/self/fd/" + fd;
    } catch (IOException e) {
      throw new LoadException(Failure.LOAD_FAILED, "There is no memory for it");
    }
  }

  private static byte[] manifestOf(NativeLibrary library) throws LoadException {
    Pointer text = library.getGlobalVariableAddress("mimir_plugin_manifest");
    long end = text.indexOf(0, (byte) 0);
    if (end < 0 || end > MAX_MANIFEST) {
      throw new LoadException(Failure.LOAD_FAILED, "Its manifest has no end");
    }
    return text.getByteArray(0, (int) end);
  }

  private Pointer open(byte[] config) throws LoadException {
    try (Memory text = new Memory(Math.max(1, config.length));
        Memory results = new Memory(24)) {
      results.clear();
      text.write(0, config, 0, config.length);
      int code =
          PluginCalls.mimir_plugin_open(
              text, config.length, host, results, results.share(8), results.share(16));
      text.clear();
      if (code == 0) {
        return results.getPointer(0);
      }
      byte[] why = taken(results.getPointer(8), results.getLong(16), MAX_LOG);
      throw new LoadException(
          Failure.LOAD_FAILED,
          why.length == 0
              ? "Its open function gave " + code
              : new String(why, StandardCharsets.UTF_8));
    }
  }

  /** The manifest as the loader shows it. */
  byte[] manifest() {
    return manifest;
  }

  /**
   * The code that the plugin gave, and its output.
   *
   * @param code of mimir_plugin.h, or one of the host's
   */
  record Answer(int code, byte[] output) {}

  Answer call(String action, byte[] input) {
    Room room = rooms.get();
    if (room.input.size() < input.length) {
      room.input.close();
      room.input = new Memory(input.length);
    }
    byte[] name = action.getBytes(StandardCharsets.UTF_8);
    if (name.length >= room.action.size()) {
      return new Answer(Failure.UNKNOWN_ACTION, new byte[0]);
    }
    room.action.write(0, name, 0, name.length);
    room.action.setByte(name.length, (byte) 0);
    room.input.write(0, input, 0, input.length);
    room.output.clear();
    int code =
        PluginCalls.mimir_plugin_call(
            instance, room.action, room.input, input.length, room.output, room.output.share(8));
    Pointer output = room.output.getPointer(0);
    long length = room.output.getLong(8);
    if (output != null && (length < 0 || length > Frame.MAX_PAYLOAD - 16)) {
      PluginCalls.mimir_plugin_free(output, length);
      return new Answer(
          Failure.BAD_RESULT, "Its output is too large".getBytes(StandardCharsets.UTF_8));
    }
    byte[] bytes = taken(output, length, Frame.MAX_PAYLOAD);
    if (code < 0 || code > Failure.CANCELLED) {
      return new Answer(
          Failure.BAD_RESULT, ("It gave code " + code).getBytes(StandardCharsets.UTF_8));
    }
    return new Answer(code, bytes);
  }

  private static byte[] taken(Pointer output, long length, int most) {
    if (output == null) {
      return new byte[0];
    }
    byte[] bytes = bounded(output, length, most);
    PluginCalls.mimir_plugin_free(output, length);
    return bytes;
  }

  private static byte[] bounded(Pointer text, long length, int most) {
    return text == null || length <= 0
        ? new byte[0]
        : text.getByteArray(0, (int) Math.min(length, most));
  }
}
