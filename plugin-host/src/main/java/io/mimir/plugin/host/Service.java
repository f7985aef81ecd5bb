package io.mimir.plugin.host;

import com.sun.jna.Memory;
import io.mimir.plugin.host.PluginLibrary.Answer;
import io.mimir.plugin.host.PluginLibrary.Input;
import io.mimir.plugin.kit.frame.CallRequest;
import io.mimir.plugin.kit.frame.Failure;
import io.mimir.plugin.kit.frame.Frame;
import io.mimir.plugin.kit.frame.FrameException;
import io.mimir.plugin.kit.frame.FrameHead;
import io.mimir.plugin.kit.frame.FrameType;
import io.mimir.plugin.kit.frame.LoadRequest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Answers frames. One thread reads and runs nothing of the plugin's, so that the end of the server
 * is seen at once, even while the plugin loops; as many others as the plugin allows call it.
 */
final class Service {

  /**
   * How often a worker looks for the next call before it sleeps: waking one costs more than a call.
   */
  private static final int LOOKS = 2_000;

  /** Of large inputs, in bytes: two of the largest. The next one waits in the pipe. */
  private static final int ROOM = 2 * Frame.MAX_PAYLOAD;

  private static final int MAX_WORKERS = 64;

  private static final byte[] NOTHING = {};

  private final Fd.Source in;
  private final Fd.Sink out;
  private final PluginFile file;
  private final ReentrantLock writing = new ReentrantLock();
  private final LinkedTransferQueue<Call> calls = new LinkedTransferQueue<>();
  private final Map<Long, Call> known = new ConcurrentHashMap<>();
  private final ThreadLocal<Call> current = new ThreadLocal<>();
  private final Semaphore room = new Semaphore(ROOM);
  private final AtomicBoolean closing = new AtomicBoolean();
  private final Runnable worker = this::work;
  private Thread loader;

  /** Why the file that came cannot be loaded; the answer to LOAD says so. */
  private volatile LoadException unfit;

  private volatile PluginLibrary plugin;
  private volatile boolean draining;

  private static final class Call {

    private final long id;
    private final String action;
    private final Input input;

    /** Whoever sets it answers: the worker whose turn it is, or the one who cancels before that. */
    private final AtomicBoolean taken = new AtomicBoolean();

    private volatile boolean cancelled;

    Call(long id, String action, Input input) {
      this.id = id;
      this.action = action;
      this.input = input;
    }
  }

  /**
   * @param file takes the plugin's file
   */
  Service(Fd.Source in, Fd.Sink out, PluginFile file) {
    this.in = in;
    this.out = out;
    this.file = file;
  }

  /** Serves until the server ends, or asks for the end; then the process is over. */
  void serve(String hello) {
    try {
      send(FrameType.HELLO, 0, hello.getBytes(StandardCharsets.UTF_8));
      takeAll();
    } catch (IOException | InterruptedException e) {
      // The server is gone, or has lost its mind: there is nobody to serve in either case.
    }
    end();
  }

  private void takeAll() throws IOException, InterruptedException {
    for (FrameHead head = FrameHead.read(in); head != null; head = FrameHead.read(in)) {
      take(head);
    }
  }

  /**
   * Takes one frame of each kind for nobody, before there is a server. A JVM is slow at whatever it
   * does for the first time, and a spare has the time when nobody waits for it.
   *
   * @throws IOException never, as nothing is written anywhere
   */
  static void rehearse() throws IOException, InterruptedException {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    byte[] load = new LoadRequest(new byte[32], NOTHING, 1).toPayload();
    new Frame(FrameType.FILE, 1, new byte[64]).write(frames);
    new Frame(FrameType.LOAD, 1, load).write(frames);
    new Frame(FrameType.CALL, 2, new CallRequest("none", NOTHING).toPayload()).write(frames);
    new Frame(FrameType.CANCEL, 2, NOTHING).write(frames);
    new Frame(FrameType.PING, 3, NOTHING).write(frames);
    Service service =
        new Service(
            Fd.plain(new ByteArrayInputStream(frames.toByteArray())),
            Fd.plain(OutputStream.nullOutputStream()),
            new Nowhere());
    service.takeAll();
    service.loader.join();
  }

  /** Takes a file that nobody loads. */
  private static final class Nowhere extends PluginFile {
    @Override
    void keep(byte[] piece) {
      // It is a rehearsal.
    }

    @Override
    String seal() {
      return "";
    }
  }

  /** At once, without a word to the plugin, not even to what it registered for the end. */
  private void end() {
    if (!(file instanceof MemoryFile)) {
      Runtime.getRuntime().halt(0);
    }
    Libc._exit(0);
  }

  private void take(FrameHead head) throws IOException, InterruptedException {
    switch (head.type()) {
      case FILE -> add(head);
      case LOAD -> load(head.id(), LoadRequest.of(payload(head.size())));
      case CALL -> queue(head);
      case CANCEL -> cancel(head.id());
      case PING -> send(FrameType.PONG, head.id(), payload(head.size()));
      case DRAIN -> drain();
      default -> end();
    }
  }

  private byte[] payload(int size) throws IOException {
    byte[] bytes = in.readNBytes(size);
    if (bytes.length < size) {
      throw new EOFException("There are " + bytes.length + " bytes of " + size);
    }
    return bytes;
  }

  private static Thread run(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void add(FrameHead head) throws IOException {
    byte[] piece = payload(head.size());
    if (loader != null || unfit != null) {
      return;
    }
    try {
      file.add(piece);
    } catch (LoadException e) {
      unfit = e;
    }
  }

  private void load(long id, LoadRequest request) throws IOException {
    if (loader != null) {
      refuse(id, Failure.NOT_LOADED, "There is a plugin already");
      return;
    }
    loader = run("load", () -> loadNow(id, request));
  }

  private void loadNow(long id, LoadRequest request) {
    try {
      if (unfit != null) {
        throw unfit;
      }
      PluginLibrary loaded =
          PluginLibrary.load(
              file.end(request.sha256()), request.config(), this::log, this::isCancelled);
      plugin = loaded;
      for (int i = 0; i < Math.max(1, Math.min(request.concurrency(), MAX_WORKERS)); i++) {
        run("call", worker);
      }
      send(FrameType.READY, id, loaded.manifest());
    } catch (LoadException e) {
      refuseOrEnd(id, e.code(), e.getMessage());
    } catch (IOException e) {
      end();
    } finally {
      Arrays.fill(request.config(), (byte) 0);
    }
  }

  private void refuseOrEnd(long id, int code, String why) {
    try {
      refuse(id, code, why);
    } catch (IOException e) {
      end();
    }
  }

  private void queue(FrameHead head) throws IOException, InterruptedException {
    Call call = read(head);
    if (plugin == null || draining) {
      drop(call);
      refuse(head.id(), Failure.NOT_LOADED, "There is no plugin");
      return;
    }
    known.put(call.id, call);
    calls.add(call);
  }

  /** The fields of io.mimir.plugin.kit.frame.CallRequest, the input not through the heap. */
  private Call read(FrameHead head) throws IOException, InterruptedException {
    int left = head.size() - Integer.BYTES;
    int length = length(left);
    String action = new String(payload(length), StandardCharsets.UTF_8);
    left -= length + Integer.BYTES;
    int size = length(left);
    if (size != left) {
      throw new FrameException("The input has " + left + " bytes instead of " + size);
    }
    if (size <= Input.SMALL) {
      return new Call(head.id(), action, new Input(payload(size), null, size));
    }
    while (!room.tryAcquire(size, 100, TimeUnit.MILLISECONDS)) {
      if (in.hungUp()) {
        end();
      }
    }
    Memory memory = new Memory(size);
    in.readTo(memory, size);
    return new Call(head.id(), action, new Input(null, memory, size));
  }

  private int length(int most) throws IOException {
    int length = most < 0 ? -1 : ByteBuffer.wrap(payload(Integer.BYTES)).getInt();
    if (length < 0 || length > most) {
      throw new FrameException("A field cannot have " + length + " bytes");
    }
    return length;
  }

  private void drop(Call call) {
    call.input.close();
    if (call.input.large() != null) {
      room.release(call.input.length());
    }
  }

  private void cancel(long id) throws IOException {
    Call call = known.get(id);
    if (call == null) {
      return;
    }
    call.cancelled = true;
    if (call.taken.compareAndSet(false, true)) {
      calls.remove(call);
      drop(call);
      send(FrameType.ERROR, id, new Failure(Failure.CANCELLED, NOTHING).toPayload());
      forget(call);
    } else {
      run("cancel", plugin::cancel);
    }
  }

  private void drain() {
    draining = true;
    closeWhenDone();
  }

  private void forget(Call call) {
    known.remove(call.id);
    closeWhenDone();
  }

  private void closeWhenDone() {
    if (draining && known.isEmpty() && closing.compareAndSet(false, true)) {
      run(
          "close",
          () -> {
            if (plugin != null) {
              plugin.close();
            }
            end();
          });
    }
  }

  private void work() {
    try {
      while (true) {
        Call call = next();
        if (call.taken.compareAndSet(false, true)) {
          answer(call);
        }
      }
    } catch (IOException | InterruptedException e) {
      end();
    }
  }

  private void answer(Call call) throws IOException {
    current.set(call);
    try (Answer answer = plugin.call(call.action, call.input)) {
      drop(call);
      send(call.id, answer);
    }
    forget(call);
  }

  private Call next() throws InterruptedException {
    for (int i = 0; i < LOOKS; i++) {
      Call call = calls.poll();
      if (call != null) {
        return call;
      }
      Thread.onSpinWait();
    }
    return calls.take();
  }

  private boolean isCancelled() {
    Call call = current.get();
    return call != null && call.cancelled;
  }

  private void log(int level, byte[] text) {
    byte[] payload = new byte[text.length + 1];
    payload[0] = (byte) Math.max(0, Math.min(level, 4));
    System.arraycopy(text, 0, payload, 1, text.length);
    try {
      send(FrameType.LOG, 0, payload);
    } catch (IOException e) {
      end();
    }
  }

  private void refuse(long id, int code, String why) throws IOException {
    send(FrameType.ERROR, id, new Failure(code, why.getBytes(StandardCharsets.UTF_8)).toPayload());
  }

  private void send(long id, Answer answer) throws IOException {
    if (answer.code() != 0) {
      byte[] detail =
          answer.large() == null ? answer.small() : answer.large().getByteArray(0, answer.length());
      send(FrameType.ERROR, id, new Failure(answer.code(), detail).toPayload());
    } else if (answer.large() == null) {
      send(FrameType.RESULT, id, answer.small());
    } else {
      writing.lock();
      try {
        new FrameHead(FrameType.RESULT, id, answer.length()).write(out);
        out.writeFrom(answer.large(), answer.length());
      } finally {
        writing.unlock();
      }
    }
  }

  private void send(FrameType type, long id, byte[] payload) throws IOException {
    writing.lock();
    try {
      new Frame(type, id, payload).write(out);
    } finally {
      writing.unlock();
    }
  }
}
