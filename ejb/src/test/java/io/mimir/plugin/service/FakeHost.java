package io.mimir.plugin.service;

import io.mimir.plugin.kit.frame.CallRequest;
import io.mimir.plugin.kit.frame.Failure;
import io.mimir.plugin.kit.frame.Frame;
import io.mimir.plugin.kit.frame.FrameType;
import io.mimir.plugin.kit.frame.LoadRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/**
 * A child process that speaks the host's frames and holds no plugin: its actions are the ways in
 * which a plugin can behave.
 */
final class FakeHost {

  private static int received;
  private static final Object WRITING = new Object();

  private FakeHost() {}

  /** Starts one. */
  static Process start(Path folder) throws IOException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    return new ProcessBuilder(
            List.of(
                java.toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                FakeHost.class.getName()))
        .directory(folder.toFile())
        .start();
  }

  public static void main(String[] args) throws IOException {
    InputStream in = System.in;
    OutputStream out = System.out;
    ExecutorService workers = Executors.newCachedThreadPool();
    Set<Long> cancelled = ConcurrentHashMap.newKeySet();
    write(out, FrameType.HELLO, 0, "{\"missing\":[]}".getBytes(StandardCharsets.UTF_8));
    for (Frame frame = Frame.read(in); frame != null; frame = Frame.read(in)) {
      switch (frame.type()) {
        case FILE -> received += frame.payload().length;
        case LOAD -> load(out, frame);
        case PING -> write(out, FrameType.PONG, frame.id(), frame.payload());
        case CANCEL -> cancelled.add(frame.id());
        case CALL -> {
          Frame call = frame;
          workers.execute(() -> call(out, call, cancelled));
        }
        default -> Runtime.getRuntime().halt(0);
      }
    }
    Runtime.getRuntime().halt(0);
  }

  private static void load(OutputStream out, Frame frame) throws IOException {
    String config = new String(LoadRequest.of(frame.payload()).config(), StandardCharsets.UTF_8);
    switch (config) {
      case "crash" -> Runtime.getRuntime().halt(134);
      case "refuse" ->
          write(
              out,
              FrameType.ERROR,
              frame.id(),
              new Failure(
                      Failure.LOAD_FAILED, "It does not want to".getBytes(StandardCharsets.UTF_8))
                  .toPayload());
      default -> {
        if (received == 0) {
          throw new IOException("There was no file before LOAD");
        }
        write(out, FrameType.READY, frame.id(), "{}".getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private static void call(OutputStream out, Frame frame, Set<Long> cancelled) {
    try {
      CallRequest call = CallRequest.of(frame.payload());
      switch (call.action()) {
        case "echo" -> write(out, FrameType.RESULT, frame.id(), call.input());
        case "slow" -> {
          Thread.sleep(200);
          write(out, FrameType.RESULT, frame.id(), call.input());
        }
        case "pid" ->
            write(
                out,
                FrameType.RESULT,
                frame.id(),
                Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8));
        case "crash" -> Runtime.getRuntime().halt(139);
        case "answer-and-end" -> {
          write(out, FrameType.RESULT, frame.id(), call.input());
          Runtime.getRuntime().halt(0);
        }
        case "garbage" -> {
          out.write("this is no frame at all".getBytes(StandardCharsets.UTF_8));
          out.flush();
        }
        case "unasked" -> write(out, FrameType.RESULT, 1_000_000, call.input());
        case "half" -> {
          out.write(new byte[] {0, 0, 0, 50, 67});
          out.flush();
        }
        case "hang" -> Thread.sleep(600_000);
        case "wait-for-cancel" -> {
          while (!cancelled.contains(frame.id())) {
            Thread.sleep(5);
          }
          write(
              out,
              FrameType.ERROR,
              frame.id(),
              new Failure(Failure.CANCELLED, new byte[0]).toPayload());
        }
        case "log" -> {
          for (int i = 0; i < 2_000; i++) {
            byte[] text = (" line " + i + "x".repeat(90)).getBytes(StandardCharsets.UTF_8);
            text[0] = 2;
            write(out, FrameType.LOG, 0, text);
          }
          write(out, FrameType.RESULT, frame.id(), call.input());
        }
        case "chatter" -> {
          write(out, FrameType.RESULT, frame.id(), call.input());
          for (int i = 0; i < 3_000; i++) {
            write(out, FrameType.LOG, 0, new byte[100]);
          }
          byte[] last = " the last word".getBytes(StandardCharsets.UTF_8);
          last[0] = 3;
          write(out, FrameType.LOG, 0, last);
        }
        case "files" -> {
          for (int i = 0; i < 200; i++) {
            Files.createFile(Path.of("file-" + i));
          }
          write(out, FrameType.RESULT, frame.id(), call.input());
        }
        case "bytes" -> {
          Files.write(Path.of("large"), new byte[3 * 1024 * 1024]);
          Thread.sleep(600_000);
        }
        case "threads" -> {
          for (int i = 0; i < 200; i++) {
            new Thread(() -> LockSupport.park(FakeHost.class)).start();
          }
          write(out, FrameType.RESULT, frame.id(), call.input());
        }
        case "spin" -> {
          new Thread(FakeHost::spin).start();
          write(out, FrameType.RESULT, frame.id(), call.input());
        }
        case "work" -> {
          long end = System.nanoTime() + 1_500_000_000L;
          while (System.nanoTime() < end) {
            Thread.onSpinWait();
          }
          write(out, FrameType.RESULT, frame.id(), call.input());
        }
        case "print" -> {
          System.err.println("printed\u0007 by a plugin");
          write(out, FrameType.RESULT, frame.id(), call.input());
        }
        default ->
            write(
                out,
                FrameType.ERROR,
                frame.id(),
                new Failure(Failure.UNKNOWN_ACTION, new byte[0]).toPayload());
      }
    } catch (IOException | InterruptedException e) {
      Runtime.getRuntime().halt(3);
    }
  }

  private static void spin() {
    while (true) {
      Thread.onSpinWait();
    }
  }

  private static void write(OutputStream out, FrameType type, long id, byte[] payload)
      throws IOException {
    synchronized (WRITING) {
      new Frame(type, id, payload).write(out);
    }
  }
}
