package io.mimir.plugin.host;

import com.sun.jna.Callback;
import com.sun.jna.CallbackReference;
import com.sun.jna.Function;
import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import io.mimir.plugin.kit.frame.Failure;
import io.mimir.plugin.kit.frame.Frame;
import io.mimir.plugin.kit.frame.FrameType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The plugin, once its file is there. */
final class PluginLibrary {

  private static final int MAX_MANIFEST = 64 * 1024;

  /** One byte of a LOG frame is the level. */
  private static final int MAX_LOG = FrameType.LOG.maxPayload() - 1;

  /** As an ERROR it travels with a code and two lengths. */
  private static final int MAX_OUTPUT = Frame.MAX_PAYLOAD - 16;

  private static final byte[] NOTHING = {};

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

  /** Of those that a plugin need not have; null when it has none. */
  private final Function cancel;

  // Native code holds their addresses, which Java does not see.
  private final LogCallback log;
  private final CancelledCallback cancelled;
  private final Memory host;

  /** Room for a call, one for each thread. */
  private final ThreadLocal<Room> rooms = ThreadLocal.withInitial(Room::new);

  private static final class Room {
    private final Memory action = new Memory(256);
    private final Memory input = new Memory(Input.SMALL);
    private final Memory output = new Memory(16);
    private final long actionAddress = Pointer.nativeValue(action);
    private final long inputAddress = Pointer.nativeValue(input);
    private final long outputAddress = Pointer.nativeValue(output);
  }

  private PluginLibrary(NativeLibrary library, byte[] config, Log log, Cancelled cancelled)
      throws LoadException {
    this.log = callback(log);
    this.cancelled = callback(cancelled);
    host = table(this.log, this.cancelled);
    manifest = manifestOf(library);
    cancel = optional(library, "mimir_plugin_cancel");
    instance = open(config);
    Function health = optional(library, "mimir_plugin_health");
    int state = health == null ? 0 : health.invokeInt(new Object[] {instance});
    if (state != 0) {
      throw new LoadException(Failure.LOAD_FAILED, "Its health is " + state + " instead of 0");
    }
  }

  private static LogCallback callback(Log log) {
    return (context, level, text, length) -> log.line(level, bounded(text, length, MAX_LOG));
  }

  private static CancelledCallback callback(Cancelled cancelled) {
    return context -> cancelled.get() ? 1 : 0;
  }

  /** {@code mimir_host_v1}. */
  private static Memory table(LogCallback log, CancelledCallback cancelled) {
    Memory table = new Memory(32);
    table.clear();
    table.setInt(0, 32);
    table.setPointer(16, CallbackReference.getFunctionPointer(log));
    table.setPointer(24, CallbackReference.getFunctionPointer(cancelled));
    return table;
  }

  /** Functions of the C library, for {@link #rehearse}. */
  private static final class Rehearsal {
    static native long labs(long number);

    static native int memcmp(Pointer one, Pointer other, long length);
  }

  /**
   * Does what a load does, with the C library in place of a plugin. A JVM is slow at whatever it
   * does for the first time, and a spare has the time when nobody waits for it.
   */
  static void rehearse() throws LoadException {
    try (Memory table = table(callback((level, text) -> {}), callback(() -> false));
        Memory text = new Memory(16)) {
      text.setString(0, "rehearsal");
      NativeLibrary library =
          NativeLibrary.getInstance("c", Map.of(Library.OPTION_OPEN_FLAGS, RTLD_NOW));
      Native.register(Rehearsal.class, library);
      Function function = optional(library, "getpid");
      if (function == null
          || function.invokeInt(new Object[] {table}) < 0
          || Rehearsal.labs(-1) != 1
          || Rehearsal.memcmp(text, text, 9) != 0
          || bounded(text, 9, MAX_LOG).length != 9) {
        throw new LoadException(Failure.LOAD_FAILED, "The C library does not do what it should");
      }
    }
  }

  private static Function optional(NativeLibrary library, String name) {
    try {
      return library.getFunction(name);
    } catch (UnsatisfiedLinkError e) {
      return null;
    }
  }

  /**
   * Loads a plugin and opens it.
   *
   * @param path where its file is
   * @throws LoadException LOAD_FAILED
   */
  static PluginLibrary load(String path, byte[] config, Log log, Cancelled cancelled)
      throws LoadException {
    NativeLibrary library = link(path);
    int abi = PluginCalls.mimir_plugin_abi_version();
    if (abi != 1) {
      throw new LoadException(Failure.LOAD_FAILED, "It speaks version " + abi + " of the ABI");
    }
    return new PluginLibrary(library, config, log, cancelled);
  }

  private static NativeLibrary link(String path) throws LoadException {
    NativeLibrary library;
    try {
      library = NativeLibrary.getInstance(path, Map.of(Library.OPTION_OPEN_FLAGS, RTLD_NOW));
    } catch (UnsatisfiedLinkError e) {
      throw new LoadException(Failure.LOAD_FAILED, "The loader refuses it: " + e.getMessage());
    }
    for (Method function : PluginCalls.class.getDeclaredMethods()) {
      if (Modifier.isNative(function.getModifiers())
          && optional(library, function.getName()) == null) {
        throw new LoadException(Failure.LOAD_FAILED, "It does not export " + function.getName());
      }
    }
    Native.register(PluginCalls.class, library);
    return library;
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
   * What an action gets. Large ones are in native memory from the start: the heap has no room for
   * many of them.
   *
   * @param small null when it is large
   * @param large null when it is small
   */
  record Input(byte[] small, Memory large, int length) implements AutoCloseable {

    /** The most that is kept in the heap, in bytes. */
    static final int SMALL = 64 * 1024;

    @Override
    public void close() {
      if (large != null) {
        large.close();
      }
    }
  }

  /**
   * What an action gave; closing it gives a large output back to the plugin.
   *
   * @param code of mimir_plugin.h, or one of the host's
   * @param small null when it is large
   * @param large null when it is small
   */
  record Answer(int code, byte[] small, Pointer large, int length) implements AutoCloseable {

    static Answer of(int code, byte[] output) {
      return new Answer(code, output, null, output.length);
    }

    private static Answer bad(String why) {
      return of(Failure.BAD_RESULT, why.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
      if (large != null) {
        PluginCalls.mimir_plugin_free(Pointer.nativeValue(large), length);
      }
    }
  }

  Answer call(String action, Input input) {
    Room room = rooms.get();
    byte[] name = action.getBytes(StandardCharsets.UTF_8);
    if (name.length >= room.action.size()) {
      return Answer.of(Failure.UNKNOWN_ACTION, NOTHING);
    }
    room.action.write(0, name, 0, name.length);
    room.action.setByte(name.length, (byte) 0);
    if (input.large() == null) {
      room.input.write(0, input.small(), 0, input.length());
    }
    room.output.setLong(0, 0);
    room.output.setLong(8, 0);
    int code =
        PluginCalls.mimir_plugin_call(
            Pointer.nativeValue(instance),
            room.actionAddress,
            input.large() == null ? room.inputAddress : Pointer.nativeValue(input.large()),
            input.length(),
            room.outputAddress,
            room.outputAddress + 8);
    return answer(code, room.output.getPointer(0), room.output.getLong(8));
  }

  private static Answer answer(int code, Pointer output, long length) {
    if (length < 0 || length > MAX_OUTPUT || output == null && length > 0) {
      if (output != null) {
        PluginCalls.mimir_plugin_free(Pointer.nativeValue(output), length);
      }
      return Answer.bad("The output cannot have %s bytes".formatted(Long.toUnsignedString(length)));
    }
    boolean known = code >= 0 && code <= Failure.CANCELLED;
    if (known && length > Input.SMALL) {
      return new Answer(code, null, output, (int) length);
    }
    byte[] bytes = taken(output, length, Input.SMALL);
    return known ? Answer.of(code, bytes) : Answer.bad("There is no result code " + code);
  }

  /** Tells the plugin that a call is not wanted any more, if it has a function for that. */
  void cancel() {
    if (cancel != null) {
      cancel.invokeVoid(new Object[] {instance});
    }
  }

  /** Lets the plugin end what it has begun; there are no calls afterwards. */
  void close() {
    PluginCalls.mimir_plugin_close(Pointer.nativeValue(instance));
  }

  private static byte[] taken(Pointer output, long length, int most) {
    if (output == null) {
      return NOTHING;
    }
    byte[] bytes = bounded(output, length, most);
    PluginCalls.mimir_plugin_free(Pointer.nativeValue(output), length);
    return bytes;
  }

  private static byte[] bounded(Pointer text, long length, int most) {
    return text == null || length <= 0
        ? NOTHING
        : text.getByteArray(0, (int) Math.min(length, most));
  }
}
