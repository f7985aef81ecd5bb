package io.mimir.plugin.host;

import io.mimir.plugin.kit.frame.CallRequest;
import io.mimir.plugin.kit.frame.Frame;
import io.mimir.plugin.kit.frame.FrameType;
import io.mimir.plugin.kit.frame.LoadRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;

/** Measures a call of 1 KB through the whole jail; run by hand from the folder plugin-host. */
final class Latency {

  private Latency() {}

  public static void main(String[] arguments) throws Exception {
    Path shared = Files.createTempDirectory("latency");
    Hosts.unpack(shared.resolve("host"));
    Path work = Files.createDirectory(shared.resolve("work"));
    Path tools =
        Hosts.compile(Path.of("..", "examples", "c", "text_tools.c"), shared.resolve("t.so"));
    long begin = System.nanoTime();
    Process host = Hosts.command(shared.resolve("host"), work, 64).start();
    Frame.read(host.getInputStream());
    System.out.printf("start to HELLO %d ms%n", (System.nanoTime() - begin) / 1_000_000);
    byte[] file = Files.readAllBytes(tools);
    byte[] sha = MessageDigest.getInstance("SHA-256").digest(file);
    new Frame(FrameType.FILE, 1, file).write(host.getOutputStream());
    new Frame(FrameType.LOAD, 1, new LoadRequest(sha, new byte[0], 1).toPayload())
        .write(host.getOutputStream());
    while (Frame.read(host.getInputStream()).type() != FrameType.READY) {
      // Log lines come first.
    }
    System.out.printf("start to READY %d ms%n", (System.nanoTime() - begin) / 1_000_000);
    byte[] input = new byte[1024];
    long[] nanos = new long[200_000];
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < nanos.length; i++) {
        long start = System.nanoTime();
        new Frame(FrameType.CALL, i + 2, new CallRequest("echo", input).toPayload())
            .write(host.getOutputStream());
        Frame.read(host.getInputStream());
        nanos[i] = System.nanoTime() - start;
      }
    }
    Arrays.sort(nanos);
    System.out.printf(
        "p50 %.1f us, p99 %.1f us, max %.1f us%n",
        nanos[nanos.length / 2] / 1e3,
        nanos[nanos.length * 99 / 100] / 1e3,
        nanos[nanos.length - 1] / 1e3);
    host.destroyForcibly();
  }
}
