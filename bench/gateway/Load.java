import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks an HTTP server the same thing again and again, looks at every answer, and prints one line of
 * JSON.
 *
 * <p>One thread and non-blocking sockets, so that one core is enough to ask faster than any of the
 * servers can answer. Three kinds of load:
 *
 * <ul>
 *   <li>whole answers, as fast as the connections allow (a closed loop) or, with {@code --rate}, at
 *       a fixed rate: then a time begins when the request was due, not when a connection was free
 *       for it, so that a server that stalls cannot hide the requests that it kept waiting;
 *   <li>{@code --stream}: event streams of {@code --chunks} pieces, checked piece by piece; the
 *       time is that to the first one;
 *   <li>{@code --abort}: event streams that are left after their first piece, each on a connection
 *       of its own.
 * </ul>
 *
 * <p>{@code java Load.java --help} lists the options. The exit code is 0 whether answers were good
 * or not: the line says it.
 */
public final class Load {

  private static final String HELP =
      """
      Usage: java Load.java OPTIONS
        --url URL          where to POST to
        --body FILE        what
        --headers FILE     further request headers, one a line
        --expect TEXT      what a good answer has in its body; several times: all of them
        --name TEXT        the name in the output
        --connections N    default 16
        --warm SECONDS     before anything is measured; default 0
        --seconds SECONDS  default 10
        --count N          stop after so many answers or streams, whatever --seconds says
        --rate N           requests a second, in an open loop
        --timeout SECONDS  without a byte, then it has failed; default 10
        --stream           event streams
        --chunks N         pieces in each stream; default 3
        --ramp SECONDS     spread the first request of each connection over so long; default 0
        --abort            leave each stream after its first piece
        --server PIDS      processes whose processor time is measured, with commas
        --beside PIDS      the same, to be added to the generator's own
        --cores CORES      cores whose processor time is measured, for whomever it was
      """;

  private static final byte[] HEAD_END = ascii("\r\n\r\n");

  private final InetSocketAddress address;
  private final ByteBuffer request;
  private final List<byte[]> expected = new ArrayList<>();
  private final String name;
  private final int connections;
  private final double warm;
  private final double seconds;
  private final long count;
  private final double rate;
  private final long timeout;
  private final boolean stream;
  private final boolean abort;
  private final int chunks;
  private final double ramp;
  private final List<String> server;
  private final List<String> beside;
  private final List<String> cores;

  private final Selector selector = Selector.open();
  private final ByteBuffer in = ByteBuffer.allocateDirect(256 * 1024);
  private final byte[] bytes = new byte[256 * 1024];
  private final List<Connection> all = new ArrayList<>();
  private final ArrayDeque<Connection> idle = new ArrayDeque<>();

  /**
   * Which of the two phases counts now; answers to requests of the first are never counted in the
   * second.
   */
  private Tally tally = new Tally();

  private long phaseBegin;
  private long phaseEnd;
  private long sent;

  /** When the pacer is to wake the selector; the largest value for never. */
  private final AtomicLong wakeAt = new AtomicLong(Long.MAX_VALUE);

  private Thread pacer;

  private Load(Map<String, List<String>> options) throws IOException {
    URI url = URI.create(required(options, "url"));
    address = new InetSocketAddress(url.getHost(), url.getPort() < 0 ? 80 : url.getPort());
    byte[] body = Files.readAllBytes(Path.of(required(options, "body")));
    StringBuilder head = new StringBuilder();
    head.append("POST ")
        .append(url.getRawPath())
        .append(" HTTP/1.1\r\nHost: ")
        .append(url.getRawAuthority());
    head.append("\r\nContent-Type: application/json\r\nAccept: */*\r\nContent-Length: ")
        .append(body.length)
        .append("\r\n");
    if (options.containsKey("headers")) {
      for (String line : Files.readAllLines(Path.of(required(options, "headers")))) {
        if (!line.isBlank()) {
          head.append(line.strip()).append("\r\n");
        }
      }
    }
    byte[] start = ascii(head.append("\r\n").toString());
    request = ByteBuffer.allocateDirect(start.length + body.length).put(start).put(body).flip();
    for (String text : options.getOrDefault("expect", List.of())) {
      expected.add(text.getBytes(StandardCharsets.UTF_8));
    }
    name = last(options, "name", url.getRawAuthority());
    connections = Integer.parseInt(last(options, "connections", "16"));
    warm = Double.parseDouble(last(options, "warm", "0"));
    seconds = Double.parseDouble(last(options, "seconds", "10"));
    count = Long.parseLong(last(options, "count", String.valueOf(Long.MAX_VALUE)));
    rate = Double.parseDouble(last(options, "rate", "0"));
    timeout = (long) (Double.parseDouble(last(options, "timeout", "10")) * 1e9);
    abort = options.containsKey("abort");
    stream = abort || options.containsKey("stream");
    ramp = Double.parseDouble(last(options, "ramp", "0")) * 1e9;
    server = List.of(last(options, "server", "").split(","));
    beside = List.of((last(options, "beside", "") + ",self").split(","));
    cores = List.of(last(options, "cores", "").split(","));
    chunks = Integer.parseInt(last(options, "chunks", "3"));
  }

  public static void main(String[] args) throws IOException {
    Map<String, List<String>> options = new TreeMap<>();
    for (int i = 0; i < args.length; i++) {
      String option = args[i].startsWith("--") ? args[i].substring(2) : "help";
      if (!List.of("stream", "abort", "help").contains(option) && i + 1 == args.length) {
        option = "help";
      }
      if (option.equals("help") || !HELP.contains("  --" + option + " ")) {
        System.err.print(HELP);
        System.exit(64);
      }
      boolean flag = option.equals("stream") || option.equals("abort");
      options.computeIfAbsent(option, o -> new ArrayList<>()).add(flag ? "true" : args[++i]);
    }
    new Load(options).run();
  }

  private static String required(Map<String, List<String>> options, String option) {
    String value = last(options, option, null);
    if (value == null) {
      System.err.println("--" + option + " is missing");
      System.err.print(HELP);
      System.exit(64);
    }
    return value;
  }

  private static String last(Map<String, List<String>> options, String option, String otherwise) {
    List<String> values = options.get(option);
    return values == null ? otherwise : values.get(values.size() - 1);
  }

  // --- Phases
  // ---------------------------------------------------------------------------------------------------------

  private void run() throws IOException {
    for (int i = 0; i < connections; i++) {
      all.add(stream ? new EventStream() : new Whole());
    }
    if (rate > 0) {
      startPacer();
    }
    Tally warmed = new Tally();
    if (warm > 0) {
      tally = warmed;
      phase(warm, Long.MAX_VALUE);
    }
    tally = new Tally();
    tally.processor(-1);
    phase(seconds, count);
    tally.processor(1);
    System.out.println(tally.json(warmed));
  }

  /** One stretch of load; ends when what was asked in it has been answered or has failed. */
  private void phase(double length, long most) throws IOException {
    phaseBegin = System.nanoTime();
    phaseEnd = phaseBegin + (long) (length * 1e9);
    sent = 0;
    idle.clear();
    idle.addAll(all);
    long nextLook = phaseBegin;
    while (true) {
      long now = System.nanoTime();
      boolean open = sent < most && (rate > 0 ? due(sent) < phaseEnd : now < phaseEnd);
      if (open && rate > 0 && now > phaseEnd + timeout) {
        while (due(sent) < phaseEnd) {
          sent++;
          tally.fail("not_sent");
        }
        open = false;
      }
      long wake = open ? ask(now, most) : Long.MAX_VALUE;
      if (!open && idle.size() == all.size()) {
        // What a closed loop had under way at its end is waited for and not counted, so its time
        // ends with the phase.
        tally.nanos =
            (rate > 0 || stream || most < Long.MAX_VALUE ? now : Math.min(now, phaseEnd))
                - phaseBegin;
        return;
      }
      if (now >= nextLook) {
        for (Connection connection : all) {
          if (connection.busy && now - connection.lastByte > timeout) {
            connection.fail("timeout");
          }
        }
        nextLook = now + 100_000_000L;
      }
      long wait =
          Math.min(Math.min(nextLook, wake), now < phaseEnd ? phaseEnd : Long.MAX_VALUE) - now;
      selector.select(this::handle, Math.max(1, wait / 1_000_000));
    }
  }

  private long due(long index) {
    return phaseBegin + (long) (index * 1e9 / rate);
  }

  /** Sends what is due and can be sent, and says when the next look is needed. */
  private long ask(long now, long most) throws IOException {
    while (!idle.isEmpty() && sent < most) {
      long due = now;
      if (rate > 0) {
        due = due(sent);
        if (due >= phaseEnd) {
          break;
        }
        if (due > now) {
          if (wakeAt.getAndSet(due) != due) {
            LockSupport.unpark(pacer);
          }
          break;
        }
      } else if (ramp > 0 && sent >= connections * (now - phaseBegin) / ramp) {
        return now + 1_000_000;
      }
      sent++;
      idle.poll().ask(due, now);
    }
    return Long.MAX_VALUE;
  }

  /**
   * A selector sleeps for whole milliseconds. With a rate, this thread wakes it when the next
   * request is due, to within a few microseconds.
   */
  private void startPacer() {
    pacer =
        new Thread(
            () -> {
              try {
                // Linux: sleep as exactly as the timer can, in place of 50 us more.
                Path thread = Path.of("/proc/thread-self").toRealPath().getFileName();
                Files.writeString(Path.of("/proc").resolve(thread).resolve("timerslack_ns"), "1");
              } catch (IOException e) {
                System.err.println("load: timers stay coarse: " + e.getMessage());
              }
              while (true) {
                long at = wakeAt.get();
                if (at == Long.MAX_VALUE) {
                  LockSupport.park();
                  continue;
                }
                long wait = at - System.nanoTime();
                if (wait > 0) {
                  LockSupport.parkNanos(wait);
                } else if (wakeAt.compareAndSet(at, Long.MAX_VALUE)) {
                  selector.wakeup();
                }
              }
            },
            "pacer");
    pacer.setDaemon(true);
    pacer.start();
  }

  private void handle(SelectionKey key) {
    Connection connection = (Connection) key.attachment();
    try {
      if (key.isConnectable()) {
        connection.connected();
      } else if (key.isReadable()) {
        connection.read();
      } else if (key.isWritable()) {
        connection.write();
      }
    } catch (IOException e) {
      connection.fail(e instanceof ConnectException ? "refused" : "lost");
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      connection.fail("malformed");
    }
  }

  // --- Connections
  // ----------------------------------------------------------------------------------------------------

  private abstract class Connection {
    boolean busy;
    long due;
    long lastByte;
    private SocketChannel channel;
    private SelectionKey key;
    private final ByteBuffer out = request.duplicate();

    void ask(long due, long now) throws IOException {
      busy = true;
      this.due = due;
      lastByte = now;
      out.rewind();
      begin();
      try {
        if (channel == null) {
          channel = SocketChannel.open();
          channel.configureBlocking(false);
          channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
          tally.connects++;
          boolean there = channel.connect(address);
          key =
              channel.register(
                  selector, there ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, this);
          if (!there) {
            return;
          }
        }
        write();
      } catch (IOException e) {
        fail(e instanceof ConnectException ? "refused" : "lost");
      }
    }

    void connected() throws IOException {
      channel.finishConnect();
      write();
    }

    void write() throws IOException {
      channel.write(out);
      int wanted =
          out.hasRemaining() ? SelectionKey.OP_WRITE | SelectionKey.OP_READ : SelectionKey.OP_READ;
      if (key.interestOps() != wanted) {
        key.interestOps(wanted);
      }
    }

    void read() throws IOException {
      in.clear();
      int length = channel.read(in);
      long now = System.nanoTime();
      if (length < 0) {
        if (busy) {
          ended(now);
        } else {
          // A server may close a connection that it is not asked anything on.
          disconnect();
        }
        return;
      }
      if (!busy) {
        tally.fail("unasked");
        disconnect();
        return;
      }
      lastByte = now;
      in.flip();
      in.get(bytes, 0, length);
      take(bytes, length, now);
    }

    /** Forgets what was read of the last answer. */
    abstract void begin();

    abstract void take(byte[] data, int length, long now);

    /**
     * The server has closed the connection before the answer was there as a whole, as far as is
     * known.
     */
    void ended(long now) {
      fail("lost");
    }

    void done(boolean keep) {
      busy = false;
      if (!keep) {
        disconnect();
      }
      idle.add(this);
    }

    void fail(String kind) {
      if (busy) {
        tally.fail(kind);
        done(false);
      } else {
        disconnect();
      }
    }

    void disconnect() {
      if (channel != null) {
        try {
          channel.close();
        } catch (IOException e) {
          tally.fail("close");
        }
        channel = null;
      }
    }
  }

  /** What the head of an answer says. */
  private static final class Head {
    int status;
    int length = -1;
    boolean chunked;
    boolean close;

    static Head of(byte[] data, int end) {
      Head head = new Head();
      head.status = (data[9] - '0') * 100 + (data[10] - '0') * 10 + data[11] - '0';
      int at = 0;
      while (at < end) {
        int line = at;
        while (at < end && data[at] != '\r') {
          at++;
        }
        switch (data[line] | 0x20) {
          case 'c' -> {
            if (starts(data, line, at, "content-length:")) {
              head.length =
                  Integer.parseInt(text(data, line + "content-length:".length(), at).strip());
            } else if (starts(data, line, at, "connection:")) {
              head.close = text(data, line, at).toLowerCase().contains("close");
            }
          }
          case 't' ->
              head.chunked |=
                  starts(data, line, at, "transfer-encoding:")
                      && text(data, line, at).contains("chunked");
          default -> {}
        }
        at += 2;
      }
      return head;
    }

    private static boolean starts(byte[] data, int from, int to, String name) {
      if (to - from < name.length()) {
        return false;
      }
      for (int i = 0; i < name.length(); i++) {
        int c = data[from + i];
        if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != name.charAt(i)) {
          return false;
        }
      }
      return true;
    }
  }

  /** Asks for answers that come as a whole. */
  private final class Whole extends Connection {
    private byte[] data = new byte[4096];
    private int size;

    /**
     * The last body that had in it all that is expected: the next one that is the same needs no
     * search.
     */
    private byte[] good = new byte[0];

    @Override
    void begin() {
      size = 0;
    }

    @Override
    void take(byte[] read, int length, long now) {
      if (size + length > data.length) {
        data = Arrays.copyOf(data, Math.max(2 * data.length, size + length));
      }
      System.arraycopy(read, 0, data, size, length);
      size += length;
      int headEnd = find(data, 0, size, HEAD_END);
      if (headEnd < 0) {
        return;
      }
      Head head = Head.of(data, headEnd);
      int from = headEnd + HEAD_END.length;
      if (head.length >= 0) {
        if (size - from >= head.length) {
          judge(head, data, from, from + head.length, size - from == head.length, now);
        }
      } else if (head.chunked) {
        byte[] body = unchunked(from);
        if (body != null) {
          judge(head, body, 0, body.length, true, now);
        }
      }
    }

    /** The decoded body, or null while its end is not there. */
    private byte[] unchunked(int from) {
      byte[] body = new byte[size - from];
      int length = 0;
      int at = from;
      while (true) {
        int line = at;
        while (at < size && data[at] != '\n') {
          at++;
        }
        if (at == size) {
          return null;
        }
        int chunk = Integer.parseInt(text(data, line, at).split(";")[0].strip(), 16);
        at++;
        if (at + chunk + 2 > size) {
          return null;
        }
        if (chunk == 0) {
          return Arrays.copyOf(body, length);
        }
        System.arraycopy(data, at, body, length, chunk);
        length += chunk;
        at += chunk + 2;
      }
    }

    @Override
    void ended(long now) {
      int headEnd = find(data, 0, size, HEAD_END);
      if (headEnd >= 0) {
        Head head = Head.of(data, headEnd);
        if (head.length < 0 && !head.chunked) {
          judge(head, data, headEnd + HEAD_END.length, size, false, now);
          return;
        }
      }
      fail("lost");
    }

    private void judge(Head head, byte[] in, int from, int to, boolean keep, long now) {
      if (head.status != 200) {
        tally.fail("status_" + head.status);
      } else if (!isGood(in, from, to)) {
        tally.fail("body");
      } else if (rate > 0 || count < Long.MAX_VALUE || now <= phaseEnd) {
        tally.good(now - due);
      }
      done(keep && !head.close);
    }

    private boolean isGood(byte[] in, int from, int to) {
      if (Arrays.equals(in, from, to, good, 0, good.length)) {
        return true;
      }
      for (byte[] text : expected) {
        if (find(in, from, to, text) < 0) {
          return false;
        }
      }
      good = Arrays.copyOfRange(in, from, to);
      return true;
    }
  }

  /** Asks for event streams of OpenAI's kind. */
  private final class EventStream extends Connection {
    private static final int SIZE = -1;
    private static final int TRAILER = -2;

    private final StringBuilder line = new StringBuilder();
    private Head head;

    /**
     * Bytes of the chunk, or of the body, that have not come; 0 at the line end after a chunk, or
     * what comes there.
     */
    private int left;

    private int piece;
    private long firstPiece;
    private boolean finished;
    private boolean complete;

    @Override
    void begin() {
      line.setLength(0);
      frame.setLength(0);
      head = null;
      piece = 0;
      finished = false;
      complete = false;
    }

    /** The size of a chunk, or a line after the last one. */
    private final StringBuilder frame = new StringBuilder();

    @Override
    void take(byte[] data, int length, long now) {
      for (int i = 0; i < length && busy; i++) {
        char c = (char) (data[i] & 0xff);
        if (head == null) {
          head(c);
        } else if (left > 0) {
          left--;
          content(c, now);
          if (left == 0 && !head.chunked && busy) {
            end();
          }
        } else if (c != '\n') {
          if (c != '\r') {
            frame.append(c);
          }
        } else if (left == SIZE) {
          int size = Integer.parseInt(frame.toString().split(";")[0].strip(), 16);
          left = size == 0 ? TRAILER : size;
          frame.setLength(0);
        } else if (left == TRAILER) {
          if (frame.length() == 0) {
            end();
          }
          frame.setLength(0);
        } else {
          left = SIZE;
        }
      }
    }

    private void head(char c) {
      line.append(c);
      if (c != '\n' || line.lastIndexOf("\r\n\r\n") != line.length() - 4 || line.length() < 4) {
        return;
      }
      byte[] text = ascii(line.toString());
      line.setLength(0);
      head = Head.of(text, text.length - HEAD_END.length);
      left = head.chunked ? SIZE : head.length >= 0 ? head.length : Integer.MAX_VALUE;
      if (head.status != 200) {
        fail("status_" + head.status);
      }
    }

    private void content(char c, long now) {
      if (c == '\n') {
        event(line.toString(), now);
        line.setLength(0);
      } else if (c != '\r') {
        line.append(c);
      }
    }

    private void event(String text, long now) {
      if (!text.startsWith("data:")) {
        return;
      }
      String data = text.substring("data:".length()).strip();
      if (data.equals("[DONE]")) {
        complete = true;
        return;
      }
      if (data.contains("\"error\"")) {
        fail("error_event");
        return;
      }
      String content = contentOf(data);
      if (!content.isEmpty()) {
        if (!content.equals("w" + piece + " ")) {
          fail("order");
          return;
        }
        if (piece == 0) {
          firstPiece = now;
        }
        piece++;
        tally.pieces++;
        if (abort) {
          tally.good(now - due);
          done(false);
        }
      }
      finished |= data.contains("\"finish_reason\":\"stop\"");
    }

    private String contentOf(String data) {
      String before = "\"content\":\"";
      int at = data.indexOf(before);
      return at < 0
          ? ""
          : data.substring(at + before.length(), data.indexOf('"', at + before.length()));
    }

    private void end() {
      if (!complete) {
        fail("no_done");
      } else if (piece != chunks) {
        fail("pieces");
      } else if (!finished) {
        fail("no_finish");
      } else {
        tally.good(firstPiece - due);
        done(!head.close && (head.chunked || head.length >= 0));
      }
    }

    @Override
    void ended(long now) {
      if (head != null && !head.chunked && head.length < 0) {
        end();
      } else {
        fail("lost");
      }
    }
  }

  // --- Figures
  // --------------------------------------------------------------------------------------------------------

  /** What came of a phase. Times are kept in microseconds, with an error below 0.4 %. */
  private final class Tally {
    private static final int FINE = 256;

    private final long[] times = new long[FINE * 40];
    private final Map<String, Long> failures = new TreeMap<>();
    private long answers;
    private long longest;
    private long connects;
    private long pieces;
    private long nanos;
    private long watched;
    private long serverTime;
    private long besideTime;
    private long coresTime;

    /**
     * Adds processor times as they are now, in milliseconds; with -1 before and 1 after, they are
     * those of between.
     */
    void processor(int sign) throws IOException {
      watched += sign * System.nanoTime() / 1_000_000;
      for (String pid : server) {
        serverTime += sign * timeOf(pid);
      }
      for (String pid : beside) {
        besideTime += sign * timeOf(pid);
      }
      for (String line : Files.readAllLines(Path.of("/proc/stat"))) {
        String[] words = line.split(" +");
        if (words[0].startsWith("cpu")
            && cores.contains(words[0].substring(3))
            && words[0].length() > 3) {
          // user, nice, system, irq, softirq, steal
          for (int i : new int[] {1, 2, 3, 6, 7, 8}) {
            coresTime += sign * 10 * Long.parseLong(words[i]);
          }
        }
      }
    }

    private static long timeOf(String pid) throws IOException {
      Path file = Path.of("/proc", pid, "stat");
      if (pid.isEmpty() || !Files.exists(file)) {
        return 0;
      }
      String stat = Files.readString(file);
      String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return 10 * (Long.parseLong(words[11]) + Long.parseLong(words[12]));
    }

    void good(long time) {
      long micros = Math.max(0, time / 1000);
      answers++;
      longest = Math.max(longest, micros);
      times[index(micros)]++;
    }

    void fail(String kind) {
      failures.merge(kind, 1L, Long::sum);
    }

    private int index(long micros) {
      if (micros < FINE) {
        return (int) micros;
      }
      int shift = 64 - Long.numberOfLeadingZeros(micros) - 8;
      return shift * (FINE / 2) + (int) (micros >> shift);
    }

    private long percentile(double share) {
      long rank = (long) Math.ceil(share * answers);
      long seen = 0;
      for (int i = 0; i < times.length; i++) {
        seen += times[i];
        if (seen >= rank && seen > 0) {
          int shift = i < FINE ? 0 : i / (FINE / 2) - 1;
          return Math.min(
              longest,
              shift == 0 ? i : ((long) (i - shift * (FINE / 2)) << shift) + (1L << shift) / 2);
        }
      }
      return 0;
    }

    private long failed() {
      return failures.values().stream().mapToLong(Long::longValue).sum();
    }

    private String kinds() {
      StringBuilder text = new StringBuilder("{");
      failures.forEach(
          (kind, n) ->
              text.append(text.length() > 1 ? "," : "")
                  .append('"')
                  .append(kind)
                  .append("\":")
                  .append(n));
      return text.append('}').toString();
    }

    String json(Tally warmed) {
      String mode = abort ? "abort" : stream ? "stream" : rate > 0 ? "open" : "closed";
      return String.format(
          Locale.ROOT,
          "{\"name\":\"%s\",\"mode\":\"%s\",\"connections\":%d,\"rate\":%.0f,\"seconds\":%.2f,\"answers\":%d,\"per_second\":%.1f,"
              + "\"failed\":%d,\"failures\":%s,\"warm_answers\":%d,\"warm_failed\":%d,\"warm_failures\":%s,\"connects\":%d,\"pieces\":%d,"
              + "\"p50_us\":%d,\"p90_us\":%d,\"p99_us\":%d,\"p999_us\":%d,\"max_us\":%d,\"watched_ms\":%d,\"server_ms\":%d,\"beside_ms\":%d,\"cores_ms\":%d}",
          name,
          mode,
          connections,
          rate,
          nanos / 1e9,
          answers,
          answers / (nanos / 1e9),
          failed(),
          kinds(),
          warmed.answers,
          warmed.failed(),
          warmed.kinds(),
          connects,
          pieces,
          percentile(0.5),
          percentile(0.9),
          percentile(0.99),
          percentile(0.999),
          longest,
          watched,
          serverTime,
          besideTime,
          coresTime);
    }
  }

  // --- Bytes
  // ----------------------------------------------------------------------------------------------------------

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String text(byte[] data, int from, int to) {
    return new String(data, from, to - from, StandardCharsets.ISO_8859_1);
  }

  private static int find(byte[] in, int from, int to, byte[] what) {
    byte first = what[0];
    outer:
    for (int i = from; i <= to - what.length; i++) {
      if (in[i] != first) {
        continue;
      }
      for (int j = 1; j < what.length; j++) {
        if (in[i + j] != what[j]) {
          continue outer;
        }
      }
      return i;
    }
    return -1;
  }
}
