package io.mimir.plugin.host;

import io.mimir.plugin.host.PluginLibrary.Answer;
import io.mimir.plugin.kit.frame.CallRequest;
import io.mimir.plugin.kit.frame.Failure;
import io.mimir.plugin.kit.frame.Frame;
import io.mimir.plugin.kit.frame.FrameType;
import io.mimir.plugin.kit.frame.LoadRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Answers frames. One thread reads, so that the end of the server is seen at once, even while the
 * plugin loops; as many others as the plugin allows call it.
 */
final class Service {

  /**
   * How often a worker looks for the next call before it sleeps: waking one costs more than a call.
   */
  private static final int LOOKS = 2_000;

  private static final byte[] NOTHING = new byte[0];

  private final InputStream in;
  private final OutputStream out;
  private final Jail jail;
  private final ReentrantLock writing = new ReentrantLock();
  private final LinkedTransferQueue<Call> calls = new LinkedTransferQueue<>();
  private final Map<Long, Call> known = new ConcurrentHashMap<>();
  private final ThreadLocal<Call> current = new ThreadLocal<>();
  private volatile PluginLibrary plugin;
  private boolean draining;

  private record Call(long id, CallRequest request, AtomicBoolean cancelled) {}

  Service(InputStream in, OutputStream out, Jail jail) {
    this.in = in;
    this.out = out;
    this.jail = jail;
  }

  /** Serves until the server ends, or asks for the end; then the process is over. */
  void serve(String hello) {
    try {
      send(FrameType.HELLO, 0, hello.getBytes(StandardCharsets.UTF_8));
      for (Frame frame = Frame.read(in); frame != null; frame = Frame.read(in)) {
        take(frame);
      }
    } catch (IOException e) {
      // The server is gone, or has lost its mind: there is nobody to serve in either case.
    }
    end();
  }

  /** At once, without a word to the plugin: it may be looping. */
  private static void end() {
    Runtime.getRuntime().halt(0);
  }

  private void take(Frame frame) throws IOException {
    switch (frame.type()) {
      case LOAD -> load(frame);
      case CALL -> queue(frame);
      case CANCEL -> cancel(frame.id());
      case PING -> send(FrameType.PONG, frame.id(), frame.payload());
      case DRAIN -> drain();
      default -> end();
    }
  }

  private void load(Frame frame) throws IOException {
    LoadRequest request = LoadRequest.of(frame.payload());
    Arrays.fill(frame.payload(), (byte) 0);
    if (plugin != null) {
      refuse(frame.id(), Failure.NOT_LOADED, "There is a plugin already");
      return;
    }
    try {
      PluginLibrary loaded =
          PluginLibrary.load(
              Path.of(request.file()),
              request.sha256(),
              request.config(),
              jail,
              this::log,
              this::isCancelled);
      plugin = loaded;
      for (int i = 0; i < Math.max(1, Math.min(request.concurrency(), 64)); i++) {
        Thread worker = new Thread(this::work, "call-" + i);
        worker.setDaemon(true);
        worker.start();
      }
      send(FrameType.READY, frame.id(), loaded.manifest());
    } catch (LoadException e) {
      refuse(frame.id(), e.code(), e.getMessage());
    } finally {
      Arrays.fill(request.config(), (byte) 0);
    }
  }

  private void queue(Frame frame) throws IOException {
    if (plugin == null || draining) {
      refuse(frame.id(), Failure.NOT_LOADED, "There is no plugin");
      return;
    }
    Call call = new Call(frame.id(), CallRequest.of(frame.payload()), new AtomicBoolean());
    known.put(call.id(), call);
    calls.add(call);
  }

  private void cancel(long id) {
    Call call = known.get(id);
    if (call != null) {
      call.cancelled().set(true);
    }
  }

  private void drain() {
    draining = true;
    if (known.isEmpty()) {
      end();
    }
  }

  private void work() {
    try {
      while (true) {
        Call call = next();
        current.set(call);
        Answer answer = answer(call);
        known.remove(call.id());
        if (answer.code() == 0) {
          send(FrameType.RESULT, call.id(), answer.output());
        } else {
          send(FrameType.ERROR, call.id(), new Failure(answer.code(), answer.output()).toPayload());
        }
        if (draining && known.isEmpty()) {
          end();
        }
      }
    } catch (IOException | InterruptedException e) {
      end();
    }
  }

  private Answer answer(Call call) {
    return call.cancelled().get()
        ? new Answer(Failure.CANCELLED, NOTHING)
        : plugin.call(call.request().action(), call.request().input());
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
    return call != null && call.cancelled().get();
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

  private void send(FrameType type, long id, byte[] payload) throws IOException {
    writing.lock();
    try {
      new Frame(type, id, payload).write(out);
    } finally {
      writing.unlock();
    }
  }
}
